/// Quoting, for the places where SQL text is put together.
///
/// By bytes, as the engine reads them: to Swift a quote with a combining mark behind it is one character that is no quote.
public enum SQL {
    /// `name` as a quoted identifier.
    public static func identifier(_ name: String) -> String { quoted(name, by: UInt8(ascii: "\"")) }

    /// `text` as a string literal. It must not hold U+0000, at which the engine would end the statement.
    public static func literal(_ text: String) -> String { quoted(text, by: UInt8(ascii: "'")) }

    private static func quoted(_ text: String, by quote: UInt8) -> String {
        var bytes = [quote]
        for byte in text.utf8 {
            if byte == quote { bytes.append(quote) }
            bytes.append(byte)
        }
        return String(decoding: bytes + [quote], as: UTF8.self)
    }
}

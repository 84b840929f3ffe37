extension JSONText {
    /// Appends `text`, which must be UTF-8, as a JSON string with its quotes.
    @inlinable
    public static func quote(_ text: some Collection<UInt8>, into output: inout [UInt8]) {
        output.append(Ascii.quote)
        for byte in text {
            switch byte {
            case Ascii.quote, Ascii.backslash: output += [Ascii.backslash, byte]
            case Ascii.newline: output += [Ascii.backslash, UInt8(ascii: "n")]
            case Ascii.carriageReturn: output += [Ascii.backslash, UInt8(ascii: "r")]
            case Ascii.tab: output += [Ascii.backslash, UInt8(ascii: "t")]
            case 0..<0x20:
                output += "\\u00".utf8
                output += [digit(byte >> 4), digit(byte & 15)]
            default: output.append(byte)
            }
        }
        output.append(Ascii.quote)
    }

    /// The text as a JSON string with its quotes.
    public static func quoted(_ text: String) -> String {
        var output: [UInt8] = []
        quote(text.utf8, into: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @inlinable
    static func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? nibble + 48 : nibble + 87 }
}

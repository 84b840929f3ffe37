extension JSONText {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Appends `text`, which must be UTF-8, as a JSON string with its quotes.
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
                output += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: output.append(byte)
            }
        }
        output.append(Ascii.quote)
    }
}

/// Lower-case hexadecimal, as AWS writes hashes and signatures.
enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        let bytes = Array(bytes)
        return String(unsafeUninitializedCapacity: bytes.count * 2) { output in
            var place = 0
            for byte in bytes {
                output[place] = digits[Int(byte >> 4)]
                output[place + 1] = digits[Int(byte & 15)]
                place += 2
            }
            return place
        }
    }

    /// Whether `text` is a SHA-256 or HMAC-SHA-256 as AWS writes it.
    static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

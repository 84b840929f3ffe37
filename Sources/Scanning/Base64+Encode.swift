extension Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The padded text of `bytes`.
    public static func encode(_ bytes: [UInt8]) -> String {
        let alphabet = alphabet
        return String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { output in
            var place = 0
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let count = min(3, bytes.count - start)
                var group = UInt32(bytes[start]) << 16
                if count > 1 { group |= UInt32(bytes[start + 1]) << 8 }
                if count > 2 { group |= UInt32(bytes[start + 2]) }
                for letter in 0..<4 {
                    output[place + letter] =
                        letter <= count
                        ? alphabet[Int(group >> (18 - 6 * UInt32(letter)) & 63)] : UInt8(ascii: "=")
                }
                place += 4
            }
            return place
        }
    }
}

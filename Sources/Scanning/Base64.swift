/// Base64 as Firehose and Lambda write it: RFC 4648's standard alphabet, padded or not.
public enum Base64 {
    private static let invalid: UInt8 = 0xff

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: invalid, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, letter) in alphabet.utf8.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()

    /// The bytes that `text` stands for; nil if it has another character, white space included, or a wrong length.
    public static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        var isValid = false
        let decoded = [UInt8](unsafeUninitializedCapacity: room(for: text.count)) { output, count in
            guard let written = decode(text, into: output) else { return }
            isValid = true
            count = written
        }
        return isValid ? decoded : nil
    }

    /// The bytes of output that ``decode(_:into:)`` may touch for `count` letters.
    public static func room(for count: Int) -> Int { count / 4 * 3 + 3 }

    /// Decodes into memory that has ``room(for:)`` the text; the bytes written, or nil as for ``decode(_:)``.
    public static func decode(
        _ text: UnsafeRawBufferPointer, into output: UnsafeMutableBufferPointer<UInt8>
    ) -> Int? {
        var length = text.count
        if length % 4 == 0, length > 0 {
            if text[length - 1] == UInt8(ascii: "=") { length -= 1 }
            if text[length - 1] == UInt8(ascii: "=") { length -= 1 }
        }
        guard length % 4 != 1 else { return nil }
        let letters = UnsafeRawBufferPointer(rebasing: text[..<length])
        var count = 0
        let isValid = values.withUnsafeBufferPointer { decode(letters, $0, output, &count) }
        return isValid ? count : nil
    }

    private static func decode(
        _ letters: UnsafeRawBufferPointer, _ values: UnsafeBufferPointer<UInt8>,
        _ output: UnsafeMutableBufferPointer<UInt8>, _ count: inout Int
    ) -> Bool {
        var seen: UInt8 = 0
        var offset = 0
        var place = 0
        while offset + 4 <= letters.count {
            let first = values[Int(letters[offset])]
            let second = values[Int(letters[offset + 1])]
            let third = values[Int(letters[offset + 2])]
            let fourth = values[Int(letters[offset + 3])]
            // An invalid letter has its high bits set, which no value has; one test at the end finds them all.
            seen |= first | second | third | fourth
            output[place] = first << 2 | second >> 4
            output[place + 1] = second << 4 | third >> 2
            output[place + 2] = third << 6 | fourth
            offset += 4
            place += 3
        }
        let rest = letters.count - offset
        if rest >= 2 {
            let first = values[Int(letters[offset])]
            let second = values[Int(letters[offset + 1])]
            let third = rest == 3 ? values[Int(letters[offset + 2])] : 0
            seen |= first | second | third
            output[place] = first << 2 | second >> 4
            place += 1
            if rest == 3 {
                output[place] = second << 4 | third >> 2
                place += 1
            }
        }
        count = place
        return seen & 0xc0 == 0
    }
}

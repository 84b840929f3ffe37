/// Decodes what stands between the quotes of a JSON string.
public enum JSONText {
    /// The UTF-8 that `escaped` means; nil for a raw control character, a bad escape or half a surrogate pair.
    public static func decode(_ escaped: UnsafeRawBufferPointer) -> [UInt8]? {
        var isValid = false
        // No escape is shorter than what it stands for, so the output never outgrows the input; a word is for the copying
        // of eight bytes at once, which may write past those that count.
        let decoded = [UInt8](unsafeUninitializedCapacity: escaped.count + 8) { output, count in
            isValid = decode(escaped, into: output, &count)
        }
        return isValid ? decoded : nil
    }

    private static func decode(
        _ escaped: UnsafeRawBufferPointer, into output: UnsafeMutableBufferPointer<UInt8>, _ count: inout Int
    ) -> Bool {
        let raw = UnsafeMutableRawBufferPointer(output)
        var source = 0
        var target = 0
        defer { count = target }
        while source < escaped.count {
            if source + 8 <= escaped.count {
                let word = UInt64(
                    littleEndian: escaped.loadUnaligned(fromByteOffset: source, as: UInt64.self))
                raw.storeBytes(of: word.littleEndian, toByteOffset: target, as: UInt64.self)
                let plain = ByteScan.firstEscape(word)
                source += plain
                target += plain
                if plain == 8 { continue }
            }
            let byte = escaped[source]
            if byte == Ascii.backslash {
                guard let length = decodeEscape(escaped, &source, output, target) else { return false }
                target += length
            } else {
                if byte < 0x20 { return false }
                output[target] = byte
                source += 1
                target += 1
            }
        }
        return true
    }

    /// Writes what the escape at `source` means to `output` at `count` and moves `source` past it; the bytes written.
    private static func decodeEscape(
        _ escaped: UnsafeRawBufferPointer, _ source: inout Int, _ output: UnsafeMutableBufferPointer<UInt8>,
        _ count: Int
    ) -> Int? {
        guard source + 1 < escaped.count else { return nil }
        let letter = escaped[source + 1]
        if letter == UInt8(ascii: "u") {
            guard let scalar = scalar(escaped, &source) else { return nil }
            var place = count
            for unit in UTF8.encode(scalar) ?? UTF8.EncodedScalar() {
                output.initializeElement(at: place, to: unit)
                place += 1
            }
            return place - count
        }
        guard let byte = simpleEscape(letter) else { return nil }
        output.initializeElement(at: count, to: byte)
        source += 2
        return 1
    }

    private static func simpleEscape(_ letter: UInt8) -> UInt8? {
        switch letter {
        case Ascii.quote, Ascii.backslash, UInt8(ascii: "/"): letter
        case UInt8(ascii: "n"): Ascii.newline
        case UInt8(ascii: "t"): Ascii.tab
        case UInt8(ascii: "r"): Ascii.carriageReturn
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0c
        default: nil
        }
    }

    private static func scalar(_ escaped: UnsafeRawBufferPointer, _ source: inout Int) -> Unicode.Scalar? {
        guard let unit = codeUnit(escaped, at: source) else { return nil }
        source += 6
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard unit < 0xdc00, let low = codeUnit(escaped, at: source), (0xdc00...0xdfff).contains(low) else {
            return nil
        }
        source += 6
        return Unicode.Scalar(0x10000 + (UInt32(unit) - 0xd800) << 10 + UInt32(low) - 0xdc00)
    }

    /// The number in `\u0000` at `offset`.
    private static func codeUnit(_ escaped: UnsafeRawBufferPointer, at offset: Int) -> UInt16? {
        guard offset + 6 <= escaped.count, escaped[offset] == Ascii.backslash,
            escaped[offset + 1] == UInt8(ascii: "u")
        else { return nil }
        var value: UInt16 = 0
        for byte in escaped[offset + 2..<offset + 6] {
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt16(byte - 0x30)
            case 0x41...0x46: value = value << 4 | UInt16(byte - 0x41 + 10)
            case 0x61...0x66: value = value << 4 | UInt16(byte - 0x61 + 10)
            default: return nil
            }
        }
        return value
    }
}

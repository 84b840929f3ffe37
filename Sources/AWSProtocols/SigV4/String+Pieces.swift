// By UTF-8 units: going by characters took most of the time of a verification.

extension String {
    /// The pieces between `separator`s, which must be ASCII, empty ones included.
    func pieces(_ separator: Unicode.Scalar, maxSplits: Int = .max) -> [String] {
        utf8.split(separator: UInt8(ascii: separator), maxSplits: maxSplits, omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
    }

    /// The text without spaces and tabulators around it.
    var trimmingSpaces: String {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        guard let first = utf8.first, let last = utf8.last, isBlank(first) || isBlank(last) else {
            return self
        }
        let start = utf8.firstIndex { !isBlank($0) } ?? endIndex
        let end = utf8.lastIndex { !isBlank($0) }.map(utf8.index(after:)) ?? start
        return String(self[start..<end])
    }

    /// The text without white space around it and with single spaces within, as the value of a signed header.
    var foldingSpaces: String {
        var previous: UInt8 = 0x20
        var isFolded = true
        for byte in utf8 {
            if byte == 0x09 || byte == 0x20 && previous == 0x20 { isFolded = false }
            previous = byte
        }
        if isFolded, previous != 0x20 || isEmpty { return self }
        return utf8.split { $0 == 0x20 || $0 == 0x09 }.map { String(Substring($0)) }.joined(separator: " ")
    }
}

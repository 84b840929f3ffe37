/// A text that is replaced where it stands alone, such as an IP address.
struct Literal {
    private let text: [UInt8]

    init(_ text: [UInt8]) { self.text = text }

    /// The bytes with another text in its place; nil where it does not stand.
    func replaced(by replacement: [UInt8], in bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        guard let first = text.first else { return nil }
        var output: [UInt8] = []
        var (copied, place) = (0, 0)
        while place + text.count <= bytes.count {
            guard bytes[place] == first, bytes[place..<place + text.count].elementsEqual(text),
                isAlone(bytes, place..<place + text.count)
            else {
                place += 1
                continue
            }
            output += bytes[copied..<place]
            output += replacement
            place += text.count
            copied = place
        }
        return copied > 0 ? output + bytes[copied...] : nil
    }

    /// Whether neither neighbour could belong to it.
    private func isAlone(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        let before = range.lowerBound > 0 ? bytes[range.lowerBound - 1] : 0
        let after = range.upperBound < bytes.count ? bytes[range.upperBound] : 0
        return !Self.belongs(before) && !Self.belongs(after)
    }

    private static func belongs(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "."), UInt8(ascii: ":"):
            true
        default: false
        }
    }
}

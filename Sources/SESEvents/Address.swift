/// A mail address as it stands in an SES record: bare, or behind a display name as in `Ada <ada@example.net>`.
struct Address {
    /// The bytes of `local@domain`.
    let bytes: UnsafeBufferPointer<UInt8>

    init(_ text: TextSlice) {
        var bytes = text.bytes[...]
        if bytes.last == UInt8(ascii: ">"), let open = bytes.lastIndex(of: UInt8(ascii: "<")) {
            bytes = bytes[(open + 1)..<(bytes.endIndex - 1)]
        }
        while let first = bytes.first, first == 0x20 { bytes = bytes.dropFirst() }
        while let last = bytes.last, last == 0x20 { bytes = bytes.dropLast() }
        self.bytes = UnsafeBufferPointer(rebasing: bytes)
    }

    /// What stands behind the last `@`.
    var domain: UnsafeBufferPointer<UInt8>? {
        guard let at = bytes.lastIndex(of: UInt8(ascii: "@")), at + 1 < bytes.count else { return nil }
        return UnsafeBufferPointer(rebasing: bytes[(at + 1)...])
    }

    /// The address without display name, its domain in lower case; the local part is the recipient server's to read.
    func normalized(in record: EventRecord) -> TextSlice {
        guard let domain, let start = bytes.baseAddress else {
            return record.copyToArena(bytes)
        }
        guard domain.contains(where: { (65...90).contains($0) }) else {
            return TextSlice(base: start, count: bytes.count)
        }
        let target = record.allocate(count: bytes.count)
        let local = bytes.count - domain.count
        for index in 0..<bytes.count {
            target[index] = index < local ? bytes[index] : Address.lowercased(bytes[index])
        }
        return TextSlice(base: UnsafePointer(target), count: bytes.count)
    }

    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte + 32 : byte }
}

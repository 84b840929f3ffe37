import Primitives

extension SegmentHeader {
    /// The header as bytes.
    func encoded() -> [UInt8] {
        var bytes = SegmentFormat.magic
        bytes.reserveCapacity(SegmentFormat.headerLength)
        bytes.append(integer: UInt32(0))
        bytes.append(integer: SegmentFormat.version)
        bytes.append(integer: firstOffset)
        bytes.append(integer: createdAt.microseconds)
        bytes.append(integer: mark)
        bytes.storeChecksum(at: 8)
        return bytes
    }
}

extension [UInt8] {
    /// Appends a batch of `records`, the first of which gets the number `offset`.
    mutating func append(
        batch records: [LogRecord], byteCount: Int, at offset: UInt64, durableEnd: UInt64, mark: UInt64
    ) {
        reserveCapacity(count + SegmentFormat.batchHeaderLength + byteCount)
        let start = count
        append(integer: mark)
        append(integer: UInt32(0))
        append(integer: UInt32(byteCount))
        append(integer: UInt32(records.count))
        append(integer: offset)
        append(integer: durableEnd)
        storeChecksum(at: start + 8)
        for (index, record) in records.enumerated() { append(record: record, at: offset + UInt64(index)) }
        assert(count == start + SegmentFormat.batchHeaderLength + byteCount)
    }

    private mutating func append(record: LogRecord, at offset: UInt64) {
        let start = count
        append(integer: UInt32(0))
        append(integer: UInt32(record.encodedLength - 8))
        append(integer: offset)
        append(integer: record.receivedAt.microseconds)
        append(integer: UInt16(record.source.utf8.count))
        append(UInt8(record.origin.count))
        append(contentsOf: record.source.utf8)
        for attribute in record.origin {
            append(UInt8(attribute.name.utf8.count))
            append(integer: UInt16(attribute.value.utf8.count))
            append(contentsOf: attribute.name.utf8)
            append(contentsOf: attribute.value.utf8)
        }
        append(contentsOf: record.body)
        storeChecksum(at: start)
    }

    fileprivate mutating func append(integer: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: integer.littleEndian) { append(contentsOf: $0) }
    }

    /// Puts the checksum of all bytes after it at `position`.
    fileprivate mutating func storeChecksum(at position: Int) {
        withUnsafeMutableBytes { bytes in
            let checksum = CRC32C.of(UnsafeRawBufferPointer(rebasing: bytes[(position + 4)...]))
            bytes.storeBytes(of: checksum.littleEndian, toByteOffset: position, as: UInt32.self)
        }
    }
}

extension LogRecord {
    /// The bytes that the record takes in a segment.
    var encodedLength: Int {
        let attributes = origin.reduce(0) { $0 + 3 + $1.name.utf8.count + $1.value.utf8.count }
        return SegmentFormat.recordHeaderLength + source.utf8.count + attributes + body.count
    }

    /// What keeps the record out of the format; nil if nothing does.
    var formatProblem: String? {
        if source.utf8.count > Int(UInt16.max) { return "its source's name is longer than 65,535 bytes" }
        if origin.count > Int(UInt8.max) { return "it has more than 255 attributes" }
        for attribute in origin {
            if attribute.name.utf8.count > Int(UInt8.max) {
                return "an attribute's name is longer than 255 bytes"
            }
            if attribute.value.utf8.count > Int(UInt16.max) {
                return "the attribute \(attribute.name) is longer than 65,535 bytes"
            }
        }
        return nil
    }
}

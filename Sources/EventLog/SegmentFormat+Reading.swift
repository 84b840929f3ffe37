import Primitives

/// Why bytes are not what the format says.
struct FormatProblem: Error, Equatable {
    var reason: String
}

extension SegmentHeader {
    /// Reads the first bytes of a segment.
    init(_ bytes: UnsafeRawBufferPointer) throws(FormatProblem) {
        guard bytes.count >= SegmentFormat.headerLength else {
            throw FormatProblem(reason: "its header is cut off")
        }
        let bytes = UnsafeRawBufferPointer(rebasing: bytes[..<SegmentFormat.headerLength])
        guard bytes.starts(with: SegmentFormat.magic), bytes.hasChecksum(at: 8) else {
            throw FormatProblem(reason: "its header is not that of an event log")
        }
        let version = bytes.integer(at: 12, as: UInt32.self)
        guard version == SegmentFormat.version else {
            throw FormatProblem(
                reason:
                    "its format version is \(version), and this Sesame reads version \(SegmentFormat.version)"
            )
        }
        firstOffset = bytes.integer(at: 16)
        createdAt = Timestamp(microseconds: bytes.integer(at: 24))
        mark = bytes.integer(at: 32)
    }
}

extension BatchHeader {
    /// Reads a batch's header; nil if none with this mark begins here.
    init?(_ bytes: UnsafeRawBufferPointer, mark: UInt64) {
        guard bytes.count >= SegmentFormat.batchHeaderLength else { return nil }
        let bytes = UnsafeRawBufferPointer(rebasing: bytes[..<SegmentFormat.batchHeaderLength])
        guard bytes.integer(at: 0) == mark, bytes.hasChecksum(at: 8) else { return nil }
        byteCount = Int(bytes.integer(at: 12, as: UInt32.self))
        recordCount = Int(bytes.integer(at: 16, as: UInt32.self))
        firstOffset = bytes.integer(at: 20)
        durableEnd = bytes.integer(at: 28)
        guard recordCount > 0, firstOffset <= .max - UInt64(recordCount) else { return nil }
    }

    /// Checks the records that follow the header, all of them and nothing else.
    func check(_ records: UnsafeRawBufferPointer) throws(FormatProblem) {
        var rest = records
        for offset in firstOffset..<endOffset {
            guard let record = RecordBytes(&rest), record.offset == offset else {
                throw FormatProblem(reason: "the checksum of record \(offset) is wrong")
            }
        }
        guard rest.isEmpty else { throw FormatProblem(reason: "a batch is longer than its records") }
    }

    /// The records that follow the header and were checked.
    func decode(_ records: UnsafeRawBufferPointer) throws(FormatProblem) -> [LoggedRecord] {
        var rest = records
        var decoded: [LoggedRecord] = []
        decoded.reserveCapacity(recordCount)
        for offset in firstOffset..<endOffset {
            guard let record = RecordBytes(&rest)?.decoded() else {
                throw FormatProblem(reason: "the fields of record \(offset) are not those of the format")
            }
            decoded.append(LoggedRecord(offset: offset, record: record))
        }
        return decoded
    }
}

/// One record whose checksum is right.
private struct RecordBytes {
    let bytes: UnsafeRawBufferPointer

    /// Takes the first record off `rest`; nil if it is cut off or its checksum is wrong.
    init?(_ rest: inout UnsafeRawBufferPointer) {
        guard rest.count >= SegmentFormat.recordHeaderLength else { return nil }
        let length = 8 + Int(rest.integer(at: 4, as: UInt32.self))
        guard length >= SegmentFormat.recordHeaderLength, length <= rest.count else { return nil }
        bytes = UnsafeRawBufferPointer(rebasing: rest[..<length])
        guard bytes.hasChecksum(at: 0) else { return nil }
        rest = UnsafeRawBufferPointer(rebasing: rest[length...])
    }

    var offset: UInt64 { bytes.integer(at: 8) }

    func decoded() -> LogRecord? {
        var position = SegmentFormat.recordHeaderLength
        func text(_ length: Int) -> String? {
            guard position + length <= bytes.count else { return nil }
            defer { position += length }
            return String(decoding: bytes[position..<position + length], as: UTF8.self)
        }
        guard let source = text(Int(bytes.integer(at: 24, as: UInt16.self))) else { return nil }
        var origin: [LogAttribute] = []
        for _ in 0..<bytes[26] {
            guard position + 3 <= bytes.count else { return nil }
            let nameLength = Int(bytes[position])
            let valueLength = Int(bytes.integer(at: position + 1, as: UInt16.self))
            position += 3
            guard let name = text(nameLength), let value = text(valueLength) else { return nil }
            origin.append(LogAttribute(name, value))
        }
        return LogRecord(
            receivedAt: Timestamp(microseconds: bytes.integer(at: 16)), source: source, origin: origin,
            body: Array(bytes[position...]))
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func integer<T: FixedWidthInteger & BitwiseCopyable>(
        at position: Int, as type: T.Type = T.self
    ) -> T {
        T(littleEndian: loadUnaligned(fromByteOffset: position, as: T.self))
    }

    /// Whether the checksum at `position` is that of all bytes after it.
    fileprivate func hasChecksum(at position: Int) -> Bool {
        integer(at: position, as: UInt32.self)
            == CRC32C.of(UnsafeRawBufferPointer(rebasing: self[(position + 4)...]))
    }
}

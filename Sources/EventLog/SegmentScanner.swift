import Foundation
import Primitives

/// Reads the batches of a segment one after the other and checks every byte of them.
///
/// Recovery, readers and inspection all see a segment through it. Its window grows to the largest batch.
struct SegmentScanner {
    enum Step: Equatable {
        /// A whole batch, now read.
        case batch(BatchHeader)
        /// The segment's bytes are used up.
        case end
        /// What stands here is no whole batch; `resynchronize()` may find one further on.
        case broken(reason: String)
    }

    let file: SegmentFile
    let header: SegmentHeader
    /// Bytes of the file that count; those behind it are not looked at.
    var limit: Int
    /// Where the next batch begins.
    private(set) var position = SegmentFormat.headerLength
    /// The number that the next record should have.
    private(set) var nextOffset: UInt64

    private var window: [UInt8] = []
    private var windowStart = 0
    private var batchStart = 0
    private static let readLength = 1 << 20

    /// A scanner at the beginning of the segment whose first record is `firstOffset`.
    ///
    /// - Throws: ``FormatProblem`` where the header is not that segment's, ``Failure`` where the file cannot be read.
    init(_ file: SegmentFile, firstOffset: UInt64, limit: Int) throws {
        self.file = file
        self.limit = limit
        header = try file.read(at: 0, count: min(limit, SegmentFormat.headerLength)).withUnsafeBytes {
            try SegmentHeader($0)
        }
        nextOffset = firstOffset
        guard header.firstOffset == firstOffset else {
            throw FormatProblem(reason: "its header is that of record \(header.firstOffset)")
        }
    }

    /// Reads the next batch.
    mutating func next() throws(Failure) -> Step {
        let left = limit - position
        if left <= 0 { return .end }
        guard try fill(min(left, SegmentFormat.batchHeaderLength)) else {
            return .broken(reason: "the file is shorter than its records")
        }
        guard let header = view(position, left, { BatchHeader($0, mark: self.header.mark) }) else {
            return .broken(
                reason: left < SegmentFormat.batchHeaderLength ? "a batch is cut off" : "no batch begins here"
            )
        }
        guard header.firstOffset == nextOffset else {
            return .broken(reason: "record \(header.firstOffset) stands where \(nextOffset) should")
        }
        let length = SegmentFormat.batchHeaderLength + header.byteCount
        guard length <= left, try fill(length) else { return .broken(reason: "a batch is cut off") }
        let records = position + SegmentFormat.batchHeaderLength
        do {
            try view(records, header.byteCount) { bytes throws(FormatProblem) in try header.check(bytes) }
        } catch {
            return .broken(reason: error.reason)
        }
        batchStart = position
        position += length
        nextOffset = header.endOffset
        return .batch(header)
    }

    /// The records of the batch that `next()` has just read.
    func records(of header: BatchHeader) throws(FormatProblem) -> [LoggedRecord] {
        try view(batchStart + SegmentFormat.batchHeaderLength, header.byteCount) {
            bytes throws(FormatProblem) in
            try header.decode(bytes)
        }
    }

    /// After a broken batch: moves to the next whole one; false, at the end, if there is none.
    mutating func resynchronize() throws(Failure) -> Bool {
        let expected = nextOffset
        while try moveToMark() {
            let candidate = self
            let found = view(position, limit - position) { BatchHeader($0, mark: header.mark) }
            if let found, found.firstOffset > expected {
                nextOffset = found.firstOffset
                if case .batch = try next() {
                    (position, nextOffset) = (candidate.position, found.firstOffset)
                    return true
                }
                (position, nextOffset) = (candidate.position, expected)
            }
        }
        return false
    }

    /// Moves to the next place after this one where the mark stands and a header has room.
    private mutating func moveToMark() throws(Failure) -> Bool {
        let mark = withUnsafeBytes(of: header.mark.littleEndian) { Array($0) }
        position += 1
        while position + SegmentFormat.batchHeaderLength <= limit {
            let length = min(limit - position, Self.readLength)
            guard try fill(length) else { break }
            let found = view(position, length) { $0.firstIndex(of: mark) }
            if let found {
                position += found
                return try fill(min(limit - position, SegmentFormat.batchHeaderLength))
            }
            // A mark may lie across the seam.
            position += length - mark.count + 1
        }
        position = limit
        return false
    }

    /// Sees to it that `count` bytes from `position` are in the window; false if the file has not so many.
    private mutating func fill(_ count: Int) throws(Failure) -> Bool {
        let end = windowStart + window.count
        if position >= windowStart && position + count <= end { return true }
        window = try file.read(at: position, count: max(count, min(Self.readLength, limit - position)))
        windowStart = position
        return window.count >= count
    }

    /// Shows the bytes from `start`, as far as the window reaches.
    private func view<R, E: Error>(
        _ start: Int, _ count: Int, _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        let from = start - windowStart
        let to = min(window.count, from + count)
        return try window.span.withUnsafeBytes { bytes throws(E) in
            try body(UnsafeRawBufferPointer(rebasing: bytes[from..<to]))
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Where `bytes` begin first; nil if nowhere. (`memmem` is no part of POSIX before 2024.)
    fileprivate func firstIndex(of bytes: [UInt8]) -> Int? {
        var start = 0
        while start + bytes.count <= count {
            guard let hit = memchr(baseAddress! + start, Int32(bytes[0]), count - start - bytes.count + 1)
            else { return nil }
            start = baseAddress!.distance(to: hit)
            if memcmp(hit, bytes, bytes.count) == 0 { return start }
            start += 1
        }
        return nil
    }
}

import Scanning

/// Records out of one request, decoded one behind the other into one buffer.
public struct FirehoseRecords: Sendable, Equatable {
    /// The data of all records.
    public let bytes: [UInt8]
    /// Where each record ends; the next begins there.
    public let ends: [Int]

    /// The number of records.
    public var count: Int { ends.count }

    /// The place of a record's data in ``bytes``.
    public subscript(index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

    /// Records from data that was decoded already.
    public init(_ records: [[UInt8]]) {
        var ends: [Int] = []
        var end = 0
        for record in records {
            end += record.count
            ends.append(end)
        }
        bytes = Array(records.joined())
        self.ends = ends
    }

    init(bytes: [UInt8], ends: [Int]) {
        self.bytes = bytes
        self.ends = ends
    }
}

/// Decodes `[{"data":"…"},…]` in one pass: each string goes from the body to its place in the buffer, with nothing between.
struct FirehoseRecordReader {
    /// What may be wrong with a record.
    enum Fault: Equatable {
        case notARecord(Int)
        case noData(Int)
        case notBase64(Int)
        case tooLarge(Int)
        case tooMany
    }

    /// The largest record, in bytes after decoding; Firehose's own limit.
    static let largestRecord = 1_024_000

    private let key: StaticString
    private let mostRecords: Int
    private(set) var ends: [Int] = []
    private(set) var fault: Fault?

    /// A reader of objects that hold their data in `key`.
    init(key: StaticString, mostRecords: Int) {
        self.key = key
        self.mostRecords = mostRecords
    }

    /// Reads the array that comes next; false where it is no array of records, `fault` then saying which record.
    mutating func readArray(_ scanner: inout JSONScanner, into buffer: UnsafeMutableBufferPointer<UInt8>)
        -> Bool
    {
        scanner.elements { scanner in
            guard ends.count < mostRecords else {
                fault = .tooMany
                return false
            }
            return readRecord(&scanner, into: buffer)
        }
    }

    /// Reads the object that comes next; as ``readArray(_:into:)``.
    mutating func readRecord(_ scanner: inout JSONScanner, into buffer: UnsafeMutableBufferPointer<UInt8>)
        -> Bool
    {
        let index = ends.count
        let isRecord = scanner.members { key, scanner in
            guard let value = scanner.value() else { return false }
            guard isDataKey(key) else { return true }
            fault = ends.count > index ? .notARecord(index) : decode(value, index, buffer)
            return fault == nil
        }
        if !isRecord { fault = fault ?? .notARecord(index) }
        if isRecord, ends.count == index { fault = .noData(index) }
        return fault == nil
    }

    @inline(__always)
    private func isDataKey(_ name: UnsafeRawBufferPointer) -> Bool {
        guard name.count == key.utf8CodeUnitCount else { return false }
        for place in 0..<name.count where name[place] != key.utf8Start[place] { return false }
        return true
    }

    private mutating func decode(
        _ value: JSONScanner.Value, _ index: Int, _ buffer: UnsafeMutableBufferPointer<UInt8>
    ) -> Fault? {
        guard value.kind == .string else { return .noData(index) }
        let start = ends.last ?? 0
        let letters = UnsafeRawBufferPointer(rebasing: value.bytes.dropFirst().dropLast())
        // Every record's braces, key and quotes leave more room in the buffer than decoding needs behind its end.
        precondition(
            start + Base64.room(for: letters.count) <= buffer.count, "the buffer is made for the whole body")
        let output = UnsafeMutableBufferPointer(rebasing: buffer[start...])
        var written = Base64.decode(letters, into: output)
        // Some writers escape the slash, which is a letter of Base64 and no other escape could be.
        if written == nil, let text = JSONText.decode(letters) {
            written = text.withUnsafeBytes { Base64.decode($0, into: output) }
        }
        guard let written else { return .notBase64(index) }
        guard written <= FirehoseRecordReader.largestRecord else { return .tooLarge(index) }
        ends.append(start + written)
        return nil
    }
}

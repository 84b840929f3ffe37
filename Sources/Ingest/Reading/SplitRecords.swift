/// Where one record lies.
public struct RecordRange: Sendable, Equatable {
    /// The place of its first byte in the bytes that were split.
    public var offset: Int
    /// Its bytes.
    public var length: Int
    /// The place of its first byte in the stream, after decompression.
    public var streamOffset: Int
    /// The line of its first byte in the stream, from 1.
    public var line: Int
    /// True if it was walked and is exactly one object with balanced brackets. False if it is a line that begins with
    /// `{`, ends with `}` and stands alone: one record nearly always, else several or a broken one. A parser that cannot
    /// read such a line asks ``RecordSplitter/resplit(_:_:limits:)`` what it holds.
    public var isExact: Bool

    /// The place of the record in the bytes that were split.
    public var range: Range<Int> { offset..<offset + length }
}

/// A stretch of the stream that holds no record.
public struct Refusal: Sendable, Equatable {
    /// Why it holds none.
    public enum Reason: Sendable, Equatable {
        /// It does not begin with `{`.
        case notAnObject
        /// It begins as a record and ends with its line.
        case cutOffLine
        /// It begins as a record and ends with the file.
        case cutOffFile
        /// Its brackets close in the wrong order.
        case brackets
        /// It is longer than this limit.
        case tooLong(limit: Int)

        /// The reason as a person reads it.
        public var message: String {
            switch self {
            case .notAnObject: "text that is not a JSON object"
            case .cutOffLine: "record is cut off at the end of its line"
            case .cutOffFile: "record is cut off at the end of the file"
            case .brackets: "record has brackets that do not match"
            case .tooLong(let limit): "record is longer than the limit of \(limit) bytes"
            }
        }
    }

    /// Why it was refused.
    public var reason: Reason
    /// Its bytes, or the first of them (``SplitLimits/keptBytes``) if it is long.
    public var bytes: [UInt8]
    /// How long it is, kept or not.
    public var length: Int
    /// The place of its first byte in the stream, after decompression.
    public var streamOffset: Int
    /// The line of its first byte, from 1.
    public var line: Int
}

/// What one call of the splitter found, each list in the order of the stream.
public struct SplitRecords: Sendable, Equatable {
    /// The records.
    public var records: [RecordRange] = []
    /// The stretches between them that hold none.
    public var refusals: [Refusal] = []

    /// Nothing yet.
    public init() {}

    /// True if neither a record nor a refusal was found.
    public var isEmpty: Bool { records.isEmpty && refusals.isEmpty }

    /// Forgets what was found and keeps the memory.
    public mutating func removeAll() {
        records.removeAll(keepingCapacity: true)
        refusals.removeAll(keepingCapacity: true)
    }
}

/// How far the splitter goes with one record.
public struct SplitLimits: Sendable, Equatable {
    /// The longest record; a longer one is refused.
    public var recordBytes: Int
    /// How much of a refused stretch is kept.
    public var keptBytes: Int

    /// Limits of 4 MiB a record, of which 64 KiB are kept when refused: SNS and SQS carry 256 KiB, Firehose 1,000 KiB.
    public init(recordBytes: Int = 4 << 20, keptBytes: Int = 64 << 10) {
        self.recordBytes = recordBytes
        self.keptBytes = keptBytes
    }
}

import Primitives

/// What an import did.
public struct ImportReport: Sendable, Equatable, Codable {
    /// Files read.
    public var files = 0
    /// Records found in them.
    public var records = 0
    /// Events that are new in the lake.
    public var events = 0
    /// Events that were in the lake, or in the input, already.
    public var duplicates = 0
    /// Records that could not be read.
    public var refused = 0
    /// Set-up messages that AWS sends beside events.
    public var notEvents = 0
    /// Bytes read, after decompression.
    public var bytes = 0
    /// Seconds it took.
    public var seconds = 0.0

    /// Nothing done yet.
    public init() {}

    enum CodingKeys: String, CodingKey {
        case files, records, events, duplicates, refused, bytes, seconds
        case notEvents = "not_events"
    }
}

import Primitives

/// A thing that was received: its bytes, when, and from where.
public struct LogRecord: Hashable, Sendable {
    /// When it arrived.
    public var receivedAt: Timestamp
    /// The source by the name that the user gave it; at most 65,535 bytes.
    public var source: String
    /// What the receiver knows of its origin: account, region, request id. At most 255 pairs.
    public var origin: [LogAttribute]
    /// The bytes as received.
    public var body: [UInt8]

    /// A record of `body`.
    public init(receivedAt: Timestamp, source: String, origin: [LogAttribute] = [], body: [UInt8]) {
        self.receivedAt = receivedAt
        self.source = source
        self.origin = origin
        self.body = body
    }
}

/// One thing known about where a record came from.
public struct LogAttribute: Hashable, Sendable {
    /// What it is, such as `region`; at most 255 bytes.
    public var name: String
    /// Its value; at most 65,535 bytes.
    public var value: String

    /// A pair of name and value.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A record in the log, with its number there.
public struct LoggedRecord: Hashable, Sendable {
    /// Its place in the log: records are numbered one by one from 0, and a number is never used twice.
    public var offset: UInt64
    /// The record.
    public var record: LogRecord

    /// A record at a place.
    public init(offset: UInt64, record: LogRecord) {
        (self.offset, self.record) = (offset, record)
    }
}

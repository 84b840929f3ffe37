import Primitives

/// A record that could not be read, with everything needed to read it later.
public struct RefusedEvent: Sendable, Equatable {
    /// When it was refused.
    public var refusedAt: Timestamp
    /// The source that brought it.
    public var sourceName: String
    /// The file, object or request it came in.
    public var origin: String
    /// Where in the origin it begins, after decompression.
    public var byteOffset: Int
    /// The line it begins on, from 1; 0 where there are no lines.
    public var line: Int
    /// Why it was refused.
    public var reason: String
    /// Its bytes; only the first of them if it was longer than the limit.
    public var bytes: [UInt8]
    /// How many bytes it has in all.
    public var byteCount: Int

    /// A refused record.
    public init(
        refusedAt: Timestamp, sourceName: String, origin: String, byteOffset: Int, line: Int, reason: String,
        bytes: [UInt8], byteCount: Int
    ) {
        self.refusedAt = refusedAt
        self.sourceName = sourceName
        self.origin = origin
        self.byteOffset = byteOffset
        self.line = line
        self.reason = reason
        self.bytes = bytes
        self.byteCount = byteCount
    }
}

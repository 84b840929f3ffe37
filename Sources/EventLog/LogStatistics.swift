/// What a log has done since it was opened, and how it stands; for metrics.
public struct LogStatistics: Hashable, Sendable {
    /// Appends that were acknowledged.
    public var appends = 0
    /// Records in them.
    public var records = 0
    /// Bytes written for them, headers included.
    public var bytesWritten = 0
    /// Groups that were made durable, with one sync each.
    public var groups = 0
    /// Time in which the disk was written and synced.
    public var busy: Duration = .zero
    /// Appends that the disk failed.
    public var failedAppends = 0
    /// Appends that were turned away because the queue was full.
    public var refusedAppends = 0
    /// Appends that wait for the disk.
    public var queuedAppends = 0
    /// Bytes that wait for the disk.
    public var queuedBytes = 0
    /// Segments on the disk.
    public var segments = 0
    /// Durable bytes in them.
    public var segmentBytes = 0
    /// The first record that can still be read.
    public var firstOffset: UInt64 = 0
    /// The number after the last durable record.
    public var durableEnd: UInt64 = 0
}

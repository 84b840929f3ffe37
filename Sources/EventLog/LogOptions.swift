import Primitives

/// How a log is kept.
public struct LogOptions: Sendable {
    /// A segment that has reached this many bytes is followed by a new one.
    public var segmentBytes = 64 << 20
    /// A segment that is this old is followed by a new one, so that received bytes do not stay for want of traffic.
    public var segmentAge: Duration = .seconds(3_600)
    /// The most bytes that wait for the disk, those that are being written among them; also the most of one batch.
    public var queuedBytes = 128 << 20
    /// The most appends that wait for the disk.
    public var queuedAppends = 10_000
    /// Numbers below this are never given: how far the consumer has committed, so that a log that lost its end (an old
    /// backup, a lost disk) does not hand out numbers which the consumer would take for done.
    public var startingOffset: UInt64 = 0
    /// The clock that ages segments.
    public var now: @Sendable () -> Timestamp = { .now }
    /// Where bytes are written; tests put in a disk that fails.
    var disk: any LogDisk = SystemDisk()

    /// The defaults.
    public init() {}
}

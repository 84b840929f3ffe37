/// What opening a log found at its end.
public struct LogRecovery: Hashable, Sendable {
    /// Bytes at the end of the last segment that were no whole batch: what a crash leaves of appends that were not
    /// acknowledged. They were cut off.
    public struct Cut: Hashable, Sendable {
        /// The path of the segment.
        public var segment: String
        /// The length that it has now, in bytes.
        public var position: Int
        /// Bytes that were cut off.
        public var bytes: Int
        /// Why they were no batch.
        public var reason: String
    }

    /// What was cut off; nil if the log ended with a whole batch.
    public var cut: Cut?
    /// Damage among acknowledged records of the last segment; nothing was cut, and the log goes on in a new segment.
    public var damage: LogDamage?
}

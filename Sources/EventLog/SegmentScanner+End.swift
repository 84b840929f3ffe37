import Primitives

extension SegmentScanner {
    /// Where the last segment of a log ends.
    struct End: Equatable {
        /// The byte after the last whole batch.
        var position: Int
        /// The offset after its last record.
        var offset: UInt64
        /// Why the bytes behind it are no batch; nil if there are none.
        var reason: String?
        /// Set where a bad batch was acknowledged; then `position` and `offset` are those behind the damage.
        var damage: LogDamage?
    }

    /// Reads to the end, and tells what a crash left from damage; see the format.
    mutating func scanToEnd(_ path: String) throws(Failure) -> End {
        while true {
            let (position, offset) = (self.position, nextOffset)
            switch try next() {
            case .batch: continue
            case .end: return End(position: position, offset: offset)
            case .broken(let reason):
                guard let resumption = try resumption(after: offset) else {
                    return End(position: position, offset: offset, reason: reason)
                }
                let damage = LogDamage(
                    segment: path, position: position, offset: offset, resumesAt: resumption.first,
                    reason: reason)
                return End(
                    position: resumption.position, offset: resumption.end, reason: reason, damage: damage)
            }
        }
    }

    /// The whole batches behind a bad one, if they prove that record `lost` was durable once.
    mutating func resumption(
        after lost: UInt64
    ) throws(Failure) -> (first: UInt64, position: Int, end: UInt64)? {
        var first: UInt64?
        var last: (position: Int, end: UInt64)?
        var isProved = false
        while try resynchronize() {
            first = first ?? nextOffset
            while case .batch(let header) = try next() {
                isProved = isProved || header.durableEnd > lost
                last = (position, nextOffset)
            }
        }
        guard isProved, let first, let last else { return nil }
        return (first, last.position, last.end)
    }
}

/// Counts durations in buckets that are at most 1.6 % wide, so that any number of them takes 20 kB.
///
/// A microsecond is the unit. A bucket is the leading seven bits of the number: exact below 128, then 64 buckets for each
/// power of two.
struct LatencyHistogram: Sendable {
    private var counts = [Int](repeating: 0, count: 64 * 40)
    private(set) var count = 0
    private(set) var largest = 0

    mutating func add(microseconds: Int) {
        let value = max(0, microseconds)
        counts[min(LatencyHistogram.bucket(value), counts.count - 1)] += 1
        count += 1
        largest = max(largest, value)
    }

    /// The duration, in microseconds, that `share` of all were not longer than; 0 if there are none.
    func quantile(_ share: Double) -> Int {
        let rank = max(1, Int((Double(count) * share).rounded(.up)))
        var passed = 0
        for (bucket, inBucket) in counts.enumerated() where inBucket > 0 {
            passed += inBucket
            if passed >= rank { return min(LatencyHistogram.end(of: bucket), largest) }
        }
        return largest
    }

    static func bucket(_ value: Int) -> Int {
        guard value >= 128 else { return value }
        let shift = Int.bitWidth - value.leadingZeroBitCount - 7
        return (shift << 6) + value >> shift
    }

    /// The largest number of a bucket.
    static func end(of bucket: Int) -> Int {
        guard bucket >= 128 else { return bucket }
        let shift = (bucket >> 6) - 1
        return ((bucket - shift << 6) + 1) << shift - 1
    }
}

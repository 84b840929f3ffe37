import Primitives

/// Where on the axis of time the events of a batch lie: few ranges that leave the wide gaps out.
///
/// An event that is there already has the same time, so only what a file holds within these ranges can be one. Most
/// events of a live batch happened just now; one late event must not widen the look back to its day.
struct TimeRanges: Equatable {
    /// A shorter gap is not worth a range of its own: the rows in it are next to each other in the files anyway.
    static let narrowestGap: Int64 = 10_000_000
    /// More ranges would cost more to ask for than they leave out.
    static let most = 32

    /// The ranges in order, both ends included.
    let ranges: [ClosedRange<Timestamp>]

    /// The ranges of these times, in microseconds since 1970 and in any order.
    init(_ times: some Sequence<Int64>) {
        let times = Array(times).sorted()
        guard let first = times.first, let last = times.last else {
            ranges = []
            return
        }
        var gaps = zip(times, times.dropFirst()).filter { $1 - $0 > Self.narrowestGap }
        if gaps.count >= Self.most {
            gaps = Array(gaps.sorted { $0.1 - $0.0 > $1.1 - $1.0 }.prefix(Self.most - 1)).sorted {
                $0.0 < $1.0
            }
        }
        let starts = [first] + gaps.map(\.1)
        let ends = gaps.map(\.0) + [last]
        ranges = zip(starts, ends).map { Timestamp(microseconds: $0)...Timestamp(microseconds: $1) }
    }
}

import Primitives

/// Which day or hour to roll up now: one whose files have been the same for a while, the newest first.
///
/// What changes all the time, as the running hour does, waits until it has come to rest, and is made of `events` by every query until
/// then.
struct RollupQueue {
    private var seen: [RollupSpan: (key: String, since: Duration)] = [:]
    private var restsUntil: Duration?

    /// The span that is due.
    ///
    /// - Parameter wanted: spans that have no file, each with the key of its files.
    mutating func next(_ wanted: [RollupSpan: String], quiet: Duration, now: Duration) -> RollupSpan? {
        var still: [RollupSpan: (key: String, since: Duration)] = [:]
        for (span, key) in wanted {
            let before = seen[span]
            still[span] = before?.key == key ? before : (key, now)
        }
        seen = still
        if let restsUntil, now < restsUntil { return nil }
        return seen.filter { now - $0.value.since >= quiet }.keys.max()
    }

    /// Notes how long a span took, and that nothing is due for `rest` times as long.
    mutating func rolledUp(_ span: RollupSpan, from start: Duration, to end: Duration, rest: Int) {
        seen[span] = nil
        restsUntil = end + (end - start) * rest
    }
}

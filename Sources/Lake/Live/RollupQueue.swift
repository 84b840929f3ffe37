import Primitives

/// Which day to roll up now: one whose files have been the same for a while, the newest first.
///
/// A day that changes all the time, as today does, waits until it has come to rest, and is made of `events` by every query until
/// then.
struct RollupQueue {
    private var seen: [CivilDay: (key: String, since: Duration)] = [:]
    private var restsUntil: Duration?

    /// The day that is due.
    ///
    /// - Parameter wanted: days that have no file, each with the key of its files.
    mutating func next(_ wanted: [CivilDay: String], quiet: Duration, now: Duration) -> CivilDay? {
        var still: [CivilDay: (key: String, since: Duration)] = [:]
        for (day, key) in wanted {
            let before = seen[day]
            still[day] = before?.key == key ? before : (key, now)
        }
        seen = still
        if let restsUntil, now < restsUntil { return nil }
        return seen.filter { now - $0.value.since >= quiet }.keys.max()
    }

    /// Notes how long a day took, and that nothing is due for `rest` times as long.
    mutating func rolledUp(_ day: CivilDay, from start: Duration, to end: Duration, rest: Int) {
        seen[day] = nil
        restsUntil = end + (end - start) * rest
    }
}

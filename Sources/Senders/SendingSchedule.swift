import Synchronization

/// When each request is due: evenly spread by the events before it, whatever became of those.
///
/// Latency counts from here, so a receiver that stalls is charged for every request that had to wait, and not for
/// the one that it held up.
final class SendingSchedule: Sendable {
    private let start: ContinuousClock.Instant
    private let end: ContinuousClock.Instant?
    private let rate: Double?
    private let claimed = Mutex(0)

    init(_ plan: SendingPlan, start: ContinuousClock.Instant) {
        self.start = start
        end = plan.seconds.map { start.advanced(by: .seconds($0)) }
        rate = plan.rate
    }

    /// The instant for the next request, of so many events; nil when no more are to be sent. At full speed it is now.
    func claim(events: Int) -> ContinuousClock.Instant? {
        let before = claimed.withLock { count in
            defer { count += events }
            return count
        }
        let due = rate.map { start.advanced(by: .seconds(Double(before) / $0)) } ?? .now
        if let end, due >= end { return nil }
        return due
    }
}

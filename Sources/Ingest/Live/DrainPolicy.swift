/// When the drain commits; a value that decides, and does nothing.
///
/// An event is visible when its commit stands: the delay, plus the time in which the batch before it is committed and its
/// own. With 0.7 s there is more than a second for the two, which take some tens of milliseconds unless the log is
/// full of waiting records.
public struct DrainPolicy: Sendable, Equatable {
    /// How long the first record of a batch waits for others.
    public var delay: Duration = .milliseconds(700)
    /// How many records may lie between the offset in the lake and the truth, where records brought nothing new.
    public var markRecords: UInt64 = 50_000
    /// How long they may.
    public var markDelay: Duration = .seconds(60)
    /// How long the drain waits after a failure until it tries again.
    public var retryDelay: Duration = .seconds(2)
    /// The bytes of the log that are read at once.
    var readBytes = 4 << 20

    /// The defaults.
    public init() {}

    /// What is known when the decision is made; times are of one clock that only goes forward.
    struct Situation {
        /// Whether the batch is as large as a batch may be.
        var isFull = false
        /// When the first record of the batch came; nil for a batch without a record.
        var batchSince: Duration?
        /// Records before the drain's position that the offset in the lake does not tell of, the batch's left out.
        var unmarkedRecords: UInt64 = 0
        /// When the first of them was done with.
        var unmarkedSince: Duration?
        /// Whether nothing more is to be read.
        var isEnding = false
    }

    /// What to do.
    enum Decision: Equatable {
        /// Commit the batch; or, if it is empty, the offset alone.
        case commit
        /// Take more records if there are any, but look again at this time; nil for when there is one.
        case gather(until: Duration?)
    }

    /// What to do at a time.
    func decision(_ situation: Situation, at now: Duration) -> Decision {
        if situation.isEnding, situation.batchSince != nil || situation.unmarkedRecords > 0 { return .commit }
        if situation.isFull { return .commit }
        if situation.batchSince == nil, situation.unmarkedRecords >= markRecords { return .commit }
        let due = [situation.batchSince.map { $0 + delay }, situation.unmarkedSince.map { $0 + markDelay }]
            .compactMap { $0 }.min()
        if let due, due <= now { return .commit }
        return .gather(until: due)
    }

    /// Whether the offset is to be recorded with a batch that has no new event.
    func records(_ unmarked: UInt64, since: Duration?, at now: Duration, isEnding: Bool) -> Bool {
        unmarked > 0 && (isEnding || unmarked >= markRecords || since.map { now - $0 >= markDelay } ?? false)
    }
}

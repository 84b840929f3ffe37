import Primitives

/// When a lake that grows all the time is looked after; a value that decides, and does nothing.
public struct UpkeepPolicy: Sendable {
    /// `messages` is brought up to date when so many events came since.
    public var messagesEvents: Int64 = 100_000
    /// Or when the first of them has waited so long.
    public var messagesDelay: Duration = .seconds(300)
    /// A checkpoint of `events` is written after so many commits; a reader that begins reads as many at most.
    public var checkpointCommits: Int64 = 100
    /// How often files and commits that nobody needs any more are removed.
    public var cleaningPeriod: Duration = .seconds(600)
    /// How long the files of an older version and its commits stay, for queries that began with them.
    public var retention: Duration = .seconds(3_600)
    /// How often the keeper looks whether there is work; a look costs an attempt to open a file that is not there.
    public var period: Duration = .seconds(1)
    /// For how long no file of a day must have come or gone before the day is rolled up.
    public var rollupQuiet: Duration = .seconds(60)
    /// After a day was rolled up, so many times as long as that took nothing is: the share of the machine is bounded.
    public var rollupRest = 4
    /// Which small files are merged.
    public var compaction = TieredCompaction()

    /// The defaults.
    public init() {}

    /// What is known when the decision is made.
    public struct Situation: Sendable {
        /// Events that `messages` lacks; nil where only a rebuild of it can tell.
        public var eventsBehind: Int64? = 0
        /// Whether `messages` lacks a version.
        public var isBehind = false
        /// When it began to lack one.
        public var behindSince: Duration?
        /// Commits since the checkpoint.
        public var commitsSinceCheckpoint: Int64 = 0
        /// When files were last removed.
        public var cleanedAt: Duration?
        /// The time now, since whenever.
        public var now: Duration = .zero
        /// Whether the process is about to end.
        public var isEnding = false
    }

    /// A piece of upkeep.
    public enum Work: Hashable, Sendable {
        /// Bring `messages` up to `events`.
        case updateMessages
        /// Write a checkpoint of `events`.
        case checkpoint
        /// Remove what nobody needs any more.
        case clean
    }

    /// What is due, in the order in which it is to be done.
    public func tasks(_ situation: Situation) -> [Work] {
        var tasks: [Work] = []
        // Files are removed only when `messages` needs none of them.
        let cleans =
            situation.cleanedAt.map { situation.now - $0 >= cleaningPeriod } ?? true && !situation.isEnding
        if situation.isBehind {
            let waited = situation.behindSince.map { situation.now - $0 } ?? .zero
            let isMany = situation.eventsBehind.map { $0 >= messagesEvents } ?? true
            if isMany || waited >= messagesDelay || situation.isEnding || cleans {
                tasks.append(.updateMessages)
            }
        }
        if situation.commitsSinceCheckpoint >= checkpointCommits { tasks.append(.checkpoint) }
        if cleans { tasks.append(.clean) }
        return tasks
    }
}

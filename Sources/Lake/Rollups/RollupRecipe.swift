import Primitives

/// What is derived of the events of a day and kept in a file, so that a query need not derive it again.
public struct RollupRecipe: Sendable {
    /// The folder below `rollups/`.
    public let name: String
    /// So many microseconds before and behind a day, events may have a say in what is derived of it; none further behind may.
    public static let reach: Int64 = 10_000_000
    /// So many microseconds before a day, its recipe looks back that looks back at all; see ``Source/rows(of:past:faults:)``.
    public static let lookback = Int64(RollupDays.lookback) * 86_400_000_000
    /// SQL for a time, closed at the beginning and open at the end: tables for WITH, and the SELECT. Both read the source.
    public let sql: @Sendable (_ from: Timestamp, _ to: Timestamp) -> (tables: String, select: String)
    /// What it is derived of.
    public let source: Source
    /// What is counted of these rows once more.
    public let summary: Summary?
    /// How the rows of a file stand; nil where that does not matter.
    public let order: Order?
    /// About so many events are derived at once; a day that has more is derived a part of its time after the other.
    public var eventsAtOnce: Int
    /// Tells recipes apart: another one gives other rows.
    let version: String

    /// What a recipe reads.
    public indirect enum Source: Sendable {
        /// The table `events`, of the time and its ``reach``.
        case events
        /// Another recipe's rows, as a table with its name: those of the day and of the ``lookback``.
        ///
        /// - past: SELECT of those rows before a time that can have a say in it, and of those of their columns that do; it reads the table. Where a
        ///   day is derived a part after the other they are looked for once. Nil where all are as good.
        /// - faults: SQL of how many faults a day's rows have that begins at an instant; it reads them, their summary and the day's rows that
        ///   they are made of, each as a table with its name.
        case rows(
            of: RollupRecipe, past: (@Sendable (_ from: Timestamp, _ to: Timestamp) -> String)? = nil,
            faults: @Sendable (Timestamp) -> String)
    }

    /// A second file of the same name, made of the rows of the first; the two are there together.
    public struct Summary: Sendable {
        /// The folder below `rollups/`.
        public let name: String
        /// The SELECT; it reads the rows as a table with the recipe's name.
        public let sql: String
        /// SQL of how many events its rows count; nil where a recipe finds the faults in both. See ``EventLake/verify(_:)``.
        public let eventCount: String?

        /// A summary.
        public init(name: String, sql: String, eventCount: String? = nil) {
            (self.name, self.sql, self.eventCount) = (name, sql, eventCount)
        }
    }

    /// How the rows of a file stand: those of a group together, so that who asks of one group reads no others.
    public struct Order: Sendable {
        /// SQL of what tells the groups, in their order.
        public let group: String
        /// SQL of what a group's rows are sorted by. Those of a large day are sorted by it nearly: by the parts of their time.
        public let columns: String

        /// An order.
        public init(group: String, columns: String) { (self.group, self.columns) = (group, columns) }

        /// The clause.
        var sql: String { "ORDER BY \(group), \(columns)" }
    }

    /// A recipe. The rows of an event have its identity in `shared_event_id` where they are several; see ``EventLake/verify(_:)``.
    public init(
        name: String, of source: Source = .events, summary: Summary? = nil, order: Order? = nil,
        eventsAtOnce: Int = 150_000,
        sql: @escaping @Sendable (_ from: Timestamp, _ to: Timestamp) -> (tables: String, select: String)
    ) {
        (self.name, self.source, self.sql, self.summary) = (name, source, sql, summary)
        (self.order, self.eventsAtOnce) = (order, eventsAtOnce)
        let day = sql(CivilDay(daysSinceEpoch: 0).start, CivilDay(daysSinceEpoch: 1).start)
        var parts = [day.tables, day.select, order?.sql ?? "", summary?.sql ?? ""]
        if case .rows(let other, _, _) = source { parts.append(other.version) }
        version = String(RollupHash.hex(RollupHash.digest(parts.joined(separator: "\n"))).prefix(16))
    }

    /// Whether days before have a say in what is derived of a day.
    var looksBack: Bool { if case .rows = source { true } else { false } }

    /// See ``Source/rows(of:past:faults:)``.
    var past: (@Sendable (_ from: Timestamp, _ to: Timestamp) -> String)? {
        if case .rows(_, let past, _) = source { past } else { nil }
    }

    /// The folders of its files.
    func folders(_ home: HomeDirectory) -> [RollupFolder] {
        ([name] + [summary?.name].compactMap(\.self)).map { RollupFolder(home, $0) }
    }

    /// The names for which all files are there.
    func names(_ home: HomeDirectory) throws -> Set<String> {
        let all = try folders(home).map { try $0.names() }
        return all.dropFirst().reduce(all[0]) { $0.intersection($1) }
    }
}

import Primitives
import Scanning

/// What is derived of the events of a day and kept in a file, so that a query need not derive it again.
public struct RollupRecipe: Sendable {
    /// The folder below `rollups/`.
    public let name: String
    /// So many microseconds before and behind a day, events may have a say in what is derived of it; no recipe may look further.
    public static let reach: Int64 = 10_000_000
    /// SQL for events of a time, closed at the beginning and open at the end: tables for WITH, and the SELECT. Both read `events`.
    public let sql: @Sendable (_ from: Timestamp, _ to: Timestamp) -> (tables: String, select: String)
    /// What is counted of these rows once more.
    public let summary: Summary?
    /// About so many events are derived at once; a day that has more is derived a part of its time after the other.
    public var eventsAtOnce = 200_000
    /// Tells recipes apart: another one gives other rows.
    let version: String

    /// A second file of the same name, made of the rows of the first; the two are there together.
    public struct Summary: Sendable {
        /// The folder below `rollups/`.
        public let name: String
        /// The SELECT; it reads the rows as a table with the recipe's name.
        public let sql: String
        /// SQL of how many events its rows count; see ``EventLake/verify(_:)``.
        public let eventCount: String

        /// A summary.
        public init(name: String, sql: String, eventCount: String) {
            (self.name, self.sql, self.eventCount) = (name, sql, eventCount)
        }
    }

    /// A recipe. The rows of an event have its identity in `shared_event_id` where they are several; see ``EventLake/verify(_:)``.
    public init(
        name: String, summary: Summary? = nil,
        sql: @escaping @Sendable (_ from: Timestamp, _ to: Timestamp) -> (tables: String, select: String)
    ) {
        (self.name, self.sql, self.summary) = (name, sql, summary)
        let day = sql(CivilDay(daysSinceEpoch: 0).start, CivilDay(daysSinceEpoch: 1).start)
        version = String(RollupDays.hash("\(day.tables)\n\(day.select)\n\(summary?.sql ?? "")").prefix(16))
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

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
    /// Tells recipes apart: another one gives other rows.
    let version: String

    /// A recipe. The rows of an event have its identity in `shared_event_id` where they are several; see ``EventLake/verify(_:)``.
    public init(
        name: String,
        sql: @escaping @Sendable (_ from: Timestamp, _ to: Timestamp) -> (tables: String, select: String)
    ) {
        (self.name, self.sql) = (name, sql)
        let day = sql(CivilDay(daysSinceEpoch: 0).start, CivilDay(daysSinceEpoch: 1).start)
        version = String(RollupDays.hash("\(day.tables)\n\(day.select)").prefix(16))
    }
}

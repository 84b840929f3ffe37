import Primitives

/// The facts of a span of time as they are kept in files, with the verdict of ``EngagementVerdict``: what `_facts` is made of.
///
/// They stand by type, and by time: nearly every question is about few types, and so reads the row groups of these alone, and of the newest
/// mails of a day a few. Bounces and complaints stand together, for these few tell what became of the mails of months. No others do: the
/// engine leaves a row group out by its first and last type, and complaints could be among clicks and opens.
public enum FactsRollup {
    /// The table's name in statements.
    public static let table = FactsSQL.table

    /// SQL of the group that a row stands in: its type, but for bounces and complaints, which are one.
    public static let group = "CASE WHEN event_type IN ('Bounce', 'Complaint') THEN '0' ELSE event_type END"

    /// What the rows of a group are sorted by.
    public static let order = "event_type, event_at"

    /// The names of the columns.
    public static let columns = FactsSQL.columns

    /// So many microseconds before and behind the time, events have a say in its facts.
    public static let reach = EngagementVerdict.reach

    /// SQL of the facts of events of a time, closed at the beginning and open at the end.
    ///
    /// - Returns: tables for WITH, and the SELECT; both read `events`.
    public static func sql(from: Timestamp, to: Timestamp) -> (tables: String, select: String) {
        let near = FactScope.time("event_at", from.moved(by: -reach), to.moved(by: reach))
        let facts = FactsSQL(hasVerdict: true).sql(where: FactScope.time("event_at", from, to))
        return (EngagementVerdict.tables(where: near, isMaterialized: true), facts)
    }
}

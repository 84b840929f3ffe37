import Primitives

/// Facts counted by half hours and some of their columns: a fraction of the rows, for questions that ask no more.
///
/// A question is answered of the first cut that has all columns that it names; see ``AnalyticsPlan/counts(of:period:)``.
struct CountsCut: Sendable, Hashable {
    /// What tells its rows from those of others.
    let name: String
    /// Its columns beside ``core``.
    let own: [String]
    /// Whether it counts events and not facts: one that is about several recipients is one.
    var isOfEvents = false
    /// Whose half hours they are.
    var basis = AnalyticsQuery.TimeBasis.event
    /// The type of the events of which it counts the values of its own column, rounded as ``Percentiles`` are, and nothing else; nil for a cut that counts
    /// what is alike.
    var valuesOf: String?

    /// The columns of all cuts: few values each, or set on few events.
    static let core = [
        "event_type", "source_name", "account_id", "region", "configuration_set", "bounce_type",
        "bounce_subtype",
        "bounce_status", "complaint_feedback_type", "complaint_subtype", "delay_type", "reject_reason",
        "subscription_new", "subscription_old", "is_machine", "machine_rule",
    ]

    /// The cuts, the smallest first. A column with as many values as there are mails belongs into none.
    static let all = [
        CountsCut(name: "events", own: [], isOfEvents: true),
        CountsCut(name: "core", own: []),
        CountsCut(name: "campaign", own: ["campaign"]),
        CountsCut(name: "sender", own: ["sender", "from_domain", "source_arn"]),
        CountsCut(name: "client", own: ["client_name", "client_kind", "client_os"]),
        CountsCut(name: "provider", own: ["isp"]),
        CountsCut(name: "domain", own: ["recipient_domain", "isp"]),
        CountsCut(name: "link", own: ["link"]),
        CountsCut(name: "sent", own: ["campaign"], basis: .sent),
        CountsCut(name: "delivery_time", own: ["delivery_processing_ms"], valuesOf: "Delivery"),
    ]

    /// The table of the cuts that were made beforehand.
    static let table = "_half_hours"

    /// The columns of the table.
    static let columns = ["cut"] + times + core + others + ["counted"]

    private static let times = AnalyticsQuery.TimeBasis.allCases.map(\.column)
    private static let others = Array(Set(all.flatMap(\.own))).sorted()

    /// The column with its half hours.
    var time: String { basis.column }

    /// Its columns beside the time and ``own``.
    private var shared: [String] { valuesOf == nil ? Self.core : ["event_type"] }

    /// Microseconds of a half hour: days and hours begin at one by the clocks of nearly all zones.
    static let span: Int64 = 1_800_000_000

    /// SQL of the half hour of a time.
    static func halfHour(_ time: String) -> String {
        "make_timestamptz(epoch_us(\(time)) - epoch_us(\(time)) % \(span))"
    }

    /// Whether it can tell what a condition asks. All cuts of facts know mail to the mailbox simulator from other mail.
    func answers(_ condition: EventCondition) -> Bool {
        valuesOf == nil && condition.needs.isSubset(of: [.verdict])
            && has(columnsOf: condition.sql ?? "", besides: isOfEvents ? [] : ["recipient_domain"])
    }

    /// Whether it has all columns that SQL over facts names.
    func has(columnsOf sql: String, besides others: Set<String> = []) -> Bool {
        FactsSQL.columns(namedIn: sql).subtracting(others).isSubset(of: [time] + shared + own)
    }

    /// Whether it has counts of a value.
    func counts(_ value: String, _ condition: EventCondition) -> Bool {
        own == [value] && valuesOf.map { condition.types == [$0] } == true && condition.condition == nil
    }

    /// SQL of its rows, made of the table `facts`.
    var sql: String {
        let columns = (Self.times + Self.core + Self.others).map { "\(value(of: $0)) AS \($0)" }
        let counted = isOfEvents ? EventCondition().eventCount : "count(*)"
        let rows = valuesOf.map { " WHERE event_type = \(SQL.literal($0)) AND \(own[0]) IS NOT NULL" } ?? ""
        return "SELECT '\(name)' AS cut, \(columns.joined(separator: ", ")), \(counted) AS counted "
            + "FROM facts\(rows) GROUP BY ALL"
    }

    /// SQL of a column of the table; null where this cut does without.
    private func value(of column: String) -> String {
        if column == time { return Self.halfHour(time) }
        if own.contains(column) { return valuesOf == nil ? column : Percentiles.rounded(column) }
        if shared.contains(column) { return column }
        let knowsSimulator = column == "recipient_domain" && !isOfEvents && valuesOf == nil
        return knowsSimulator ? "CASE WHEN NOT (\(Rule.isReal)) THEN recipient_domain END" : "NULL"
    }
}

/// The counts of a span of time as they are kept in files, made of the facts of that span: what `_half_hours` is made of.
public enum CountsRollup {
    /// The table's name in statements.
    public static let table = CountsCut.table

    /// The names of the columns.
    public static let columns = CountsCut.columns

    /// SQL of how many events are counted.
    public static let eventCount = "CAST(sum(counted) FILTER (cut = 'events') AS BIGINT)"

    /// SQL of the counts, made of the table `facts`; rows of a cut stand together.
    public static let sql =
        "FROM (\(CountsCut.all.map(\.sql).joined(separator: "\nUNION ALL\n")))\nORDER BY cut, event_at, sent_at"
}

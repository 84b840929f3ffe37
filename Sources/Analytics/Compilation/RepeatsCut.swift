/// Repeats counted by half hours and few columns: a fraction of their rows, for questions that ask no more.
enum RepeatsCut: String, CaseIterable {
    /// By the times of themselves and of their predecessors.
    case times
    /// By these and the campaign.
    case campaigns
    /// By the time of sending and the campaign, whenever their predecessors were.
    case sent

    /// The table of the cuts that were made beforehand.
    static let table = "_repeat_counts"

    /// The columns of the table.
    static let columns = ["cut", "metric", "event_type"] + timeColumns + ["campaign", "counted"]

    private static let timeColumns = ["event_at", "since", "sent_at"]

    /// Its columns beside those of all cuts.
    private var own: Set<String> {
        switch self {
        case .times: ["event_at", "since"]
        case .campaigns: ["event_at", "since", "campaign"]
        case .sent: ["sent_at", "campaign"]
        }
    }

    /// The smallest that has a column with a time, and all columns of facts that SQL names.
    static func telling(_ time: String, _ sql: String) -> RepeatsCut? {
        let named = FactsSQL.columns(namedIn: sql).subtracting(["event_type"]).union([time])
        return allCases.first { named.isSubset(of: $0.own) }
    }

    /// SQL of the rows of all cuts, made of the table `repeats`; those of a cut and a metric stand together.
    static let sql =
        "FROM (\(allCases.map(\.sql).joined(separator: "\nUNION ALL\n")))\nORDER BY cut, metric, event_at, sent_at"

    private var sql: String {
        let times = Self.timeColumns.map {
            own.contains($0) ? "\(CountsCut.halfHour($0)) AS \($0)" : "NULL::TIMESTAMPTZ AS \($0)"
        }
        let campaign = own.contains("campaign") ? "campaign" : "NULL::VARCHAR AS campaign"
        let columns = ["'\(rawValue)' AS cut", "metric", "event_type"] + times + [campaign]
        return """
            SELECT \(columns.joined(separator: ", ")), count(*) AS counted
            FROM repeats WHERE since IS NOT NULL GROUP BY ALL
            """
    }
}

import Primitives

/// Counts over the newest mails, whenever they were sent: AWS looks at a volume that represents a sender, and not at a week.
///
/// A mail's bounce counts with the mail, however late it came. By spans of time each has the counts as they stood after its last mail: a
/// window that moves over the mails in their order.
struct RepresentativeSQL {
    /// How many mails.
    let volume: Int
    /// Column and field of each dimension.
    let dimensions: [(column: String, field: QueryField)]

    /// Mails older than this, in days before the end of the time asked for, represent nobody.
    static let days: Int64 = 90

    /// SQL of the counts by dimensions, and in all.
    ///
    /// - Parameters:
    ///   - mails: SQL of eligible mails with the dimensions' columns.
    ///   - start: spans of time that end before it are not wanted.
    func sql(mails: String, from start: Timestamp?) -> String {
        let total = newest(mails, by: [])
        guard !dimensions.isEmpty else { return total }
        let byTime = dimensions.contains { $0.field.span != nil }
        return (byTime ? moving(mails, from: start) : newest(mails, by: dimensions.map(\.column)))
            + "\nUNION ALL BY NAME\n" + total
    }

    private static let order = "sent_at DESC, message_id DESC, recipient DESC"

    private func newest(_ mails: String, by columns: [String]) -> String {
        let names = columns.map { "\($0), " }.joined()
        let partition = "PARTITION BY \(columns.joined(separator: ", "))"
        let newest =
            columns.isEmpty
            ? "ORDER BY \(Self.order) LIMIT \(volume)"
            : "QUALIFY row_number() OVER (\(partition) ORDER BY \(Self.order)) <= \(volume)"
        return """
            SELECT \(columns.isEmpty) AS is_total, \(names)\(Self.counts { $0.sql })
            FROM (SELECT * FROM (\(mails)) \(newest))
            \(columns.isEmpty ? "" : "GROUP BY ALL")
            """
    }

    private func moving(_ mails: String, from start: Timestamp?) -> String {
        let columns = dimensions.map(\.column)
        let others = dimensions.filter { $0.field.span == nil }.map(\.column)
        let partition = others.isEmpty ? "" : "PARTITION BY \(others.joined(separator: ", ")) "
        let order = "ORDER BY sent_at, message_id, recipient"
        let names = columns.joined(separator: ", ")
        return """
            SELECT false AS is_total, \(names), \(Self.counts { "arg_max(\($0.name), place)" })
            FROM (
                SELECT \(names), sent_at, row_number() OVER (\(partition)\(order)) AS place,
                    \(Self.counts(named: \.name) { "\($0.sql) OVER lately" })
                FROM (\(mails))
                WINDOW lately AS (\(partition)\(order) ROWS BETWEEN \(volume - 1) PRECEDING AND CURRENT ROW)
            )
            \(start.map { "WHERE sent_at >= \(SQL.instant($0))" } ?? "") GROUP BY ALL
            """
    }

    private static func counts(
        named name: (RepresentativeCount) -> String = { "representative_\($0.rawValue)" },
        _ sql: (RepresentativeCount) -> String
    ) -> String {
        RepresentativeCount.allCases.map { "\(sql($0)) AS \(name($0))" }.joined(separator: ", ")
    }
}

extension RepresentativeCount {
    fileprivate var name: String { "so_far_\(rawValue)" }
}

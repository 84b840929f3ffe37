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
        guard !dimensions.isEmpty else { return newest(mails, by: []) }
        let byTime = dimensions.contains { $0.field.span != nil }
        let all = "FROM _mails"
        let columns = dimensions.map(\.column) + ["sent_at, mail, was_counted_bounce, was_counted_complaint"]
        // What became of each mail is found out once for all that is counted of it.
        return """
            WITH _mails AS MATERIALIZED (SELECT \(columns.joined(separator: ", ")) FROM (\(mails)))
            \(byTime ? moving(recent(all, from: start), from: start) : newest(all, by: dimensions.map(\.column)))
            UNION ALL BY NAME
            \(newest(all, by: []))
            """
    }

    /// Of mails of the same millisecond any order will do that is the same tomorrow; this one needs no text.
    private static let order = "sent_at DESC, mail DESC"

    private func newest(_ mails: String, by columns: [String]) -> String {
        let names = columns.map { "\($0), " }.joined()
        let partition = "PARTITION BY \(columns.joined(separator: ", "))"
        let newest =
            columns.isEmpty
            ? "ORDER BY \(Self.order) LIMIT \(volume)"
            : "QUALIFY row_number() OVER (\(partition) ORDER BY \(Self.order)) <= \(volume)"
        let counts = RepresentativeCount.allCases.map { "\($0.sql) AS \($0.column)" }
        return """
            SELECT \(columns.isEmpty) AS is_total, \(names)\(counts.joined(separator: ", "))
            FROM (SELECT * FROM (\(mails)) \(newest))
            \(columns.isEmpty ? "" : "GROUP BY ALL")
            """
    }

    /// The mails that lie in a window which ends in the time asked for: those since it began, and as many before as a window has.
    private func recent(_ mails: String, from start: Timestamp?) -> String {
        guard let start, dimensions.allSatisfy({ $0.field.span != nil }) else { return mails }
        return """
            SELECT * FROM (\(mails)) WHERE sent_at >= \(SQL.instant(start))
            UNION ALL
            (SELECT * FROM (\(mails)) WHERE sent_at < \(SQL.instant(start)) ORDER BY \(Self.order) LIMIT \(volume))
            """
    }

    /// What lies in the window at the end of a span of time are the few mails of which something is known, by their places among all: a window that
    /// is counted anew for each mail takes ten times as long.
    private func moving(_ mails: String, from start: Timestamp?) -> String {
        let others = dimensions.filter { $0.field.span == nil }.map(\.column)
        let partition = others.isEmpty ? "" : "PARTITION BY \(others.joined(separator: ", ")) "
        let names = dimensions.map(\.column).joined(separator: ", ")
        let counts = RepresentativeCount.allCases.map { count in
            "\(count == .volume ? "least(any_value(last), \(volume))" : count.sql) AS \(count.column)"
        }
        let same = others.map { " AND known.\($0) IS NOT DISTINCT FROM ends.\($0)" }.joined()
        return """
            SELECT * FROM (
                WITH numbered AS MATERIALIZED (
                    SELECT *, row_number() OVER (\(partition)ORDER BY sent_at, mail) AS place FROM (\(mails))
                ),
                ends AS (
                    SELECT \(names), max(place) AS last FROM numbered
                    \(start.map { "WHERE sent_at >= \(SQL.instant($0))" } ?? "") GROUP BY ALL
                ),
                known AS (FROM numbered WHERE was_counted_bounce OR was_counted_complaint)
                SELECT false AS is_total, \(dimensions.map { "ends.\($0.column)" }.joined(separator: ", ")), \(counts.joined(separator: ", "))
                FROM ends LEFT JOIN known ON place <= last AND place > last - \(volume)\(same)
                GROUP BY ALL
            )
            """
    }
}

extension RepresentativeCount {
    fileprivate var column: String { "representative_\(rawValue)" }
}

import DuckDB
import Primitives

extension EventLake {
    /// How events came by each source in the days before `now`, by the source's name.
    ///
    /// Two columns are read of the files that may have something of that time.
    public func sourceRhythms(at now: Timestamp = .now) async throws -> [String: SourceRhythm] {
        let since = Timestamp(microseconds: now.microseconds - SourceRhythm.historyDays * 86_400_000_000)
        let range = ColumnRange("received_at", from: .timestamp(since))
        let rows = try await connection.rows(
            """
            WITH arrivals AS (
                SELECT DISTINCT coalesce(source_name, '') AS source_name, epoch_us(received_at) // 1000000 AS second
                FROM \(try await eventsRelation(pruned: [range])) WHERE received_at >= ?
            ), gaps AS (
                SELECT source_name, second, lag(second) OVER (PARTITION BY source_name ORDER BY second) AS prior
                FROM arrivals
            )
            SELECT source_name, max(second), count(prior), coalesce(quantile_disc(second - prior, 0.99), 0),
                list([prior, second] ORDER BY second) FILTER (second - prior >= \(SourceRhythm.notableGap))
            FROM gaps GROUP BY source_name
            """, [.timestamp(since)])
        var rhythms: [String: SourceRhythm] = [:]
        for row in rows {
            guard let source = row[0].text, let last = row[1].integer else { continue }
            var gaps: [SourceRhythm.Gap] = []
            if case .list(let pairs) = row[4] {
                for case .list(let pair) in pairs {
                    guard let start = pair[0].integer, let end = pair[1].integer else { continue }
                    gaps.append(.init(from: Self.second(start), to: Self.second(end)))
                }
            }
            rhythms[source] = SourceRhythm(
                last: Self.second(last), gapCount: Int(row[2].integer ?? 0),
                longestUsualGap: row[3].integer ?? 0, longGaps: gaps)
        }
        return rhythms
    }

    private static func second(_ number: Int64) -> Timestamp { Timestamp(microseconds: number * 1_000_000) }
}

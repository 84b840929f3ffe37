import Analytics
import Foundation
import Primitives

/// Runs statements that look something up, in a worker over the latest snapshot.
public struct LookupRunner: Sendable {
    private let pool: QueryWorkerPool
    private let snapshot: QuerySnapshot.Reader
    private let timeoutSeconds: Double

    /// What a look-up found.
    public struct Rows: Sendable {
        /// Each a JSON object in UTF-8.
        public let lines: [[UInt8]]
        /// How new the lake is.
        public let freshness: AnalyticsResult.Freshness

        /// The rows as values.
        ///
        /// - Throws: ``Failure`` of kind storage where they are not what the statement gives.
        public func decoded<Row: Decodable>(as type: Row.Type) throws(Failure) -> [Row] {
            do { return try lines.map { try JSONDecoder().decode(Row.self, from: Data($0)) } } catch {
                throw Failure(.storage, "the answer of the query worker cannot be read: \(error)")
            }
        }
    }

    /// A runner over a lake.
    public init(pool: QueryWorkerPool, timeoutSeconds: Double = 15, snapshot: @escaping QuerySnapshot.Reader)
    {
        (self.pool, self.timeoutSeconds, self.snapshot) = (pool, timeoutSeconds, snapshot)
    }

    /// Runs a look-up. When the task is cancelled, so is the statement.
    ///
    /// - Throws: ``Failure`` as the pool does, and of kind limit for an answer that is too large.
    public func rows(_ lookup: Lookup, timeoutSeconds: Double? = nil) async throws -> Rows {
        try await rows(
            sql: lookup.sql, reads: lookup.reads, timeoutSeconds: timeoutSeconds ?? self.timeoutSeconds)
    }

    /// All columns of all tables and views that people know, as `table_name`, `column_name` and `data_type`.
    public func columns() async throws -> Rows {
        try await rows(
            sql: """
                SELECT table_name, column_name, data_type FROM information_schema.columns
                WHERE table_schema = 'main' AND NOT starts_with(table_name, '_') ORDER BY table_name, ordinal_position
                """, reads: nil, timeoutSeconds: timeoutSeconds)
    }

    private func rows(sql: String, reads: [TableRead]?, timeoutSeconds: Double) async throws -> Rows {
        let snapshot = try await snapshot(reads)
        let request = QueryRequest(
            catalog: snapshot.catalog, sql: sql, format: .ndjson, timeoutSeconds: timeoutSeconds)
        let lines = try await pool.answer(request).split(separator: UInt8(ascii: "\n")).map(Array.init)
        return Rows(lines: lines, freshness: snapshot.freshness)
    }
}

extension LookupRunner {
    /// The events behind a query's numbers, newest first.
    ///
    /// - Throws: ``AnalyticsError`` for what is wrong with the query; ``Failure`` as the pool does.
    public func events(_ query: AnalyticsQuery, after cursor: EventCursor? = nil, now: Timestamp = .now)
        async throws -> Rows
    {
        let plan = try AnalyticsPlan(query, now: now)
        // Of datasets the plan must know the columns; the statement reads the snapshot after that one.
        let columns = query.join.isEmpty ? [:] : try await snapshot(plan.reads).columns
        return try await rows(try plan.events(columns: columns, after: cursor))
    }
}

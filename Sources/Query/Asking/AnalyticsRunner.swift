import Analytics
import Foundation
import Primitives

/// Answers queries: compiles them, and runs the statement in a worker over the latest snapshot.
public struct AnalyticsRunner: Sendable {
    private let pool: QueryWorkerPool
    private let snapshot: QuerySnapshot.Reader
    private let timeoutSeconds: Double
    private let kept = KeptAnswers()

    /// A runner over a lake.
    public init(pool: QueryWorkerPool, timeoutSeconds: Double = 60, snapshot: @escaping QuerySnapshot.Reader)
    {
        (self.pool, self.timeoutSeconds, self.snapshot) = (pool, timeoutSeconds, snapshot)
    }

    /// Answers a query. When the task is cancelled, so is the statement; whoever else waits for the same has it run again.
    ///
    /// - Parameter isAnew: whether an answer that is kept will not do, though nothing came since.
    /// - Throws: ``AnalyticsError`` for what is wrong with the query; ``Failure`` as the pool does.
    public func answer(_ query: AnalyticsQuery, isAnew: Bool = false, now: Timestamp = .now) async throws
        -> AnalyticsResult
    {
        try await onSnapshot(of: try await plan(query, now, isAnew: isAnew)) {
            try await answer($0, $1, isAnew: isAnew)
        }
    }

    /// Forgets what it keeps of answers.
    func forget() async { await kept.forgetAll() }

    /// Writes the rows of an answer into a Parquet file below the pool's writable folder.
    public func write(_ query: AnalyticsQuery, toParquet path: String, now: Timestamp = .now) async throws {
        try await onSnapshot(of: try await plan(query, now, isAnew: false)) { compiled, snapshot in
            var request = QueryRequest(
                catalog: snapshot.catalog, sql: compiled.rowsSQL, format: .parquet,
                timeoutSeconds: timeoutSeconds)
            request.parquetFile = path
            try await understood { [request] in try await pool.run(request) { _ in } }
        }
    }

    /// The statement of a query over tables that all have, for people who want to see it.
    public func statement(of query: AnalyticsQuery, now: Timestamp = .now) async throws -> String {
        let plan = try AnalyticsPlan(query, now: now)
        return try plan.compiled(columns: try await snapshot(Array(plan.reads.dropFirst())).columns).sql
    }

    /// The plan of a query, narrowed where counts tell by how much.
    private func plan(_ query: AnalyticsQuery, _ now: Timestamp, isAnew: Bool) async throws -> AnalyticsPlan {
        let plan = try AnalyticsPlan(query, now: now)
        let questions = plan.volumeQuestions
        guard !questions.isEmpty else { return plan }
        var answers: [AnalyticsResult] = []
        for question in questions {
            let found = try await onSnapshot(of: try AnalyticsPlan(question, now: now)) {
                compiled, snapshot in
                try compiled.plan.isToldByCounts()
                    ? try await answer(compiled, snapshot, isAnew: isAnew) : nil
            }
            guard let found else { return plan }
            answers.append(found)
        }
        return plan.narrowed(by: answers)
    }

    private func answer(_ compiled: CompiledQuery, _ snapshot: QuerySnapshot, isAnew: Bool) async throws
        -> AnalyticsResult
    {
        let request = QueryRequest(
            catalog: snapshot.catalog, sql: compiled.sql, format: .ndjson, timeoutSeconds: timeoutSeconds)
        let lines = try await understood {
            try await kept.answer(request, isAnew: isAnew) { [pool] in try await pool.answer(request) }
        }
        return try AnalyticsResult(compiled, lines: lines, freshness: snapshot.freshness)
    }

    /// Compiles a plan for the latest snapshot, and once more for a newer one where files of the first went meanwhile: what is derived
    /// goes without notice, and so does everything of a person who is erased.
    private func onSnapshot<R: Sendable>(
        of plan: AnalyticsPlan, _ body: (CompiledQuery, QuerySnapshot) async throws -> R
    ) async throws -> R {
        let first = try await snapshot(plan.reads)
        do {
            return try await body(
                try plan.compiled(columns: first.columns, coverage: first.coverage), first)
        } catch {
            guard first.isIncomplete else { throw error }
            let second = try await snapshot(plan.reads)
            return try await body(
                try plan.compiled(columns: second.columns, coverage: second.coverage), second)
        }
    }

    private func understood<R: Sendable>(_ body: () async throws -> R) async throws -> R {
        do { return try await body() } catch let failure as Failure where failure.kind == .usage {
            // The statement is ours, so what the engine does not understand is a value in it: a pattern, mostly.
            let words = failure.message.split(separator: "\n").first.map(String.init) ?? failure.message
            throw AnalyticsError(
                .refusedByEngine, at: "", words,
                hint: "look at the patterns of matches: they are RE2, without look-around")
        }
    }
}

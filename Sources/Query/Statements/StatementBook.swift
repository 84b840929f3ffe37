import Foundation
import Primitives
import Synchronization

/// Users' statements that run on their own: they are handed in, asked after, read page by page and cancelled.
///
/// As many run as there are workers, some wait, and more are refused. Rows go to files of the book's folder, so what a statement costs in memory
/// does not depend on its rows. What has ended is kept for a while, and goes with the process.
public actor StatementBook {
    /// Bounds of a book.
    public struct Options: Sendable {
        /// Statements that run at once.
        public var running = 1
        /// Statements that wait.
        public var waiting = 16
        /// Statements that have ended and are kept.
        public var kept = 64
        /// Seconds that they are kept.
        public var keptSeconds: Double = 3_600
        /// The most bytes of one result.
        public var resultBytes = 256 << 20
        /// The most bytes of all results; the oldest go first.
        public var totalBytes = 1 << 30

        /// The usual bounds.
        public init() {}
    }

    fileprivate struct Entry {
        var status: StatementStatus
        var timeoutSeconds: Double
        var spool: ResultSpool?
        var task: Task<Void, Never>?
        /// What the worker says while it runs, on a thread that must not wait for the book.
        let latest = Latest()
    }

    fileprivate final class Latest: Sendable {
        let progress = Mutex<QueryProgress?>(nil)
    }

    private let pool: QueryWorkerPool
    private let folder: String
    private let options: Options
    private let snapshot: QuerySnapshot.Reader
    private let now: @Sendable () -> Timestamp
    private let onWarning: @Sendable (Failure) -> Void
    private var entries: [String: Entry] = [:]
    private var queue: [String] = []
    private var isClosed = false

    /// A book.
    ///
    /// - Parameters:
    ///   - folder: where results lie. Whatever lies there is removed: it is of a process that has ended.
    ///   - onWarning: hears what went wrong for another reason than the statement.
    ///   - snapshot: reads the lake.
    public init(
        pool: QueryWorkerPool, folder: String, options: Options = Options(),
        now: @escaping @Sendable () -> Timestamp = { .now },
        onWarning: @escaping @Sendable (Failure) -> Void = { _ in },
        snapshot: @escaping QuerySnapshot.Reader
    ) throws(Failure) {
        (self.pool, self.folder, self.options, self.snapshot) = (pool, folder, options, snapshot)
        (self.now, self.onWarning) = (now, onWarning)
        do {
            try? FileManager.default.removeItem(atPath: folder)
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure(.storage, "cannot make \(folder): \(error.localizedDescription)")
        }
    }

    /// Hands a statement in.
    ///
    /// - Throws: ``Failure`` of kind limit where too many wait.
    public func submit(_ sql: String, timeoutSeconds: Double) throws(Failure) -> StatementStatus {
        guard !isClosed else {
            throw Failure(.cancelled, "Sesame is shutting down; the statement was not run")
        }
        forget()
        guard queue.count < options.waiting else {
            throw Failure(
                .limit,
                "too many statements: \(queue.count) wait; try again when some have ended, or cancel one")
        }
        let status = StatementStatus(id: Self.newID(), sql: sql, submittedAt: now())
        entries[status.id] = Entry(status: status, timeoutSeconds: timeoutSeconds)
        queue.append(status.id)
        startNext()
        return entries[status.id]?.status ?? status
    }

    /// What is known of a statement.
    ///
    /// - Throws: ``Failure`` of kind notFound.
    public func status(_ id: String) throws(Failure) -> StatementStatus { try entry(id).current }

    /// All statements, the newest first.
    public func statuses() -> [StatementStatus] {
        forget()
        return entries.values.map(\.current).sorted { ($1.submittedAt, $1.id) < ($0.submittedAt, $0.id) }
    }

    /// Rows of a statement, each a JSON object.
    ///
    /// - Parameter place: where the page begins, as the page before says; 0 is the beginning.
    /// - Returns: the rows, and where the next page begins; nil where there is and will be no more.
    /// - Throws: ``Failure`` of kind notFound, and usage for a place that no page ended at.
    public func rows(_ id: String, from place: Int, limit: Int) async throws -> (rows: [[UInt8]], next: Int?)
    {
        let entry = try entry(id)
        guard let spool = entry.spool else { return ([], entry.status.state.isFinal ? nil : place) }
        guard let (lines, next) = try await spool.page(from: place, rows: limit) else {
            throw Failure(.usage, "no row begins at the cursor; take it from next of the page before")
        }
        let isAll = entry.status.state.isFinal && next == entry.status.bytes
        return (lines, isAll ? nil : next)
    }

    /// Cancels a statement; one that has ended stays as it is.
    ///
    /// - Throws: ``Failure`` of kind notFound.
    public func cancel(_ id: String) throws(Failure) -> StatementStatus {
        let entry = try entry(id)
        guard !entry.status.state.isFinal else { return entry.status }
        end(id, .cancelled)
        entry.task?.cancel()
        return try status(id)
    }

    /// What it takes to run a statement again that has succeeded.
    func exportOrder(_ id: String) throws(Failure) -> (
        sql: String, timeoutSeconds: Double, pool: QueryWorkerPool, snapshot: QuerySnapshot.Reader
    ) {
        let entry = try entry(id)
        guard entry.status.state == .succeeded else {
            throw Failure(
                .usage,
                "the statement has no result: it \(entry.status.state == .failed ? "failed" : "has not ended")"
            )
        }
        return (entry.status.sql, entry.timeoutSeconds, pool, snapshot)
    }

    /// Waits until a statement that runs has ended.
    func end(of id: String) async { await entries[id]?.task?.value }

    /// Takes all results away: rows may name somebody who has to be forgotten.
    public func dropResults() {
        for id in entries.keys where entries[id]?.status.state.isFinal == true { entries[id] = nil }
        for id in Array(entries.keys) { _ = try? cancel(id) }
    }

    /// Cancels what runs and waits until it has ended.
    public func shutDown() async {
        isClosed = true
        let tasks = entries.values.compactMap(\.task)
        for id in Array(entries.keys) { _ = try? cancel(id) }
        for task in tasks { await task.value }
        entries = [:]
    }

    // MARK: - Running

    private func startNext() {
        while entries.values.count(where: { $0.status.state == .running }) < options.running, !queue.isEmpty {
            let id = queue.removeFirst()
            guard var entry = entries[id], entry.status.state == .queued else { continue }
            entry.status.state = .running
            let (sql, timeout) = (entry.status.sql, entry.timeoutSeconds)
            // It outlives the request that handed it in; the book holds it, cancels it, and waits for it at the end.
            entry.task = Task { await run(id, sql, timeout) }
            entries[id] = entry
        }
    }

    private func run(_ id: String, _ sql: String, _ timeoutSeconds: Double) async {
        let result: Result<Void, any Error>
        do {
            let spool = try ResultSpool(path: "\(folder)/\(id).ndjson")
            entries[id]?.spool = spool
            let request = QueryRequest(
                catalog: try await snapshot(nil).catalog, sql: sql, format: .ndjson,
                timeoutSeconds: timeoutSeconds)
            let latest = entries[id]?.latest
            try await pool.run(request) { progress in
                latest?.progress.withLock { $0 = progress }
            } rows: { lines in
                let (rows, bytes) = try await spool.write(lines)
                try await self.note(rows: rows, bytes: bytes, of: id)
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        switch result {
        case .success: end(id, .succeeded)
        case .failure(let error):
            let failure = error as? Failure ?? Failure(.storage, "\(error)")
            // Who asked is told no paths; the operator is.
            if failure.kind == .storage { onWarning(failure) }
            end(id, .failed, failure)
        }
        startNext()
    }

    private func note(rows: Int, bytes: Int, of id: String) throws(Failure) {
        entries[id]?.status.rows = rows
        entries[id]?.status.bytes = bytes
        guard bytes <= options.resultBytes else {
            throw Failure(
                .limit,
                "the result is larger than \(options.resultBytes >> 20) MiB; ask for less, or use sesame sql -o FILE"
            )
        }
    }

    /// Ends a statement, once.
    private func end(_ id: String, _ state: StatementStatus.State, _ failure: Failure? = nil) {
        guard var entry = entries[id], !entry.status.state.isFinal else { return }
        queue.removeAll { $0 == id }
        entry.status = entry.current
        entry.status.state = state
        entry.status.failure = failure
        entry.status.endedAt = now()
        if state == .succeeded {
            entry.status.progress = 1
        } else {
            (entry.spool, entry.status.rows, entry.status.bytes) = (nil, 0, 0)
        }
        entries[id] = entry
        forget()
    }

    // MARK: - Keeping

    private func entry(_ id: String) throws(Failure) -> Entry {
        forget()
        guard let entry = entries[id] else {
            throw Failure(
                .notFound,
                "there is no such statement; results are kept for \(Int(options.keptSeconds / 60)) minutes")
        }
        return entry
    }

    /// Forgets what is old or too much.
    private func forget() {
        let horizon = now().microseconds - Int64(options.keptSeconds * 1_000_000)
        var (kept, bytes) = (0, 0)
        let ended = entries.values.map(\.status).filter(\.state.isFinal)
            .sorted { ($1.endedAt ?? $1.submittedAt) < ($0.endedAt ?? $0.submittedAt) }
        for status in ended {
            (kept, bytes) = (kept + 1, bytes + status.bytes)
            let isOld = (status.endedAt ?? status.submittedAt).microseconds < horizon
            if isOld || kept > options.kept || bytes > options.totalBytes { entries[status.id] = nil }
        }
    }

    private static func newID() -> String {
        (0..<2).map { _ in
            let digits = String(UInt64.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

extension StatementBook.Entry {
    /// The status with what the worker said last.
    fileprivate var current: StatementStatus {
        var status = status
        if status.state == .running, let said = latest.progress.withLock({ $0 }) {
            (status.progress, status.seconds) = (said.fraction, said.seconds)
        }
        return status
    }
}

import CDuckDB
import Primitives

/// One session with a ``Database``: it runs a statement at a time, on a thread of its own.
///
/// Calls into DuckDB block, so the actor lives on a ``BlockingExecutor``. Several statements that belong together, or
/// closures that share mutable state with their caller, go into one ``perform(_:)``.
public actor Connection {
    let handle: ConnectionHandle
    private let executor: BlockingExecutor
    /// The statement that was looked at last, with its text: to plan one takes as long as many a small one runs.
    private var prepared: (sql: String, statement: Statement)?

    /// A new session with `database`.
    public init(_ database: Database, label: String = "duckdb") throws(Failure) {
        handle = try database.connect()
        executor = BlockingExecutor(label: label)
    }

    /// The actor's own thread; see ``BlockingExecutor``.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    /// Runs `body` on the connection, without letting anything in between.
    public func perform<R: Sendable, E: Error>(
        _ body: @Sendable (isolated Connection) throws(E) -> R
    ) throws(E) -> R {
        try body(self)
    }

    /// Runs one or more statements whose results do not matter.
    public func execute(_ sql: String) throws(Failure) {
        var result = duckdb_result()
        defer { duckdb_destroy_result(&result) }
        guard duckdb_query(handle.pointer, sql, &result) == DuckDBSuccess else {
            throw .engine(duckdb_result_error(&result), otherwise: "the statement failed without a word")
        }
    }

    /// All rows of one statement. For results that are known to be small; anything else is for ``stream``.
    public func rows(_ sql: String, _ parameters: [Value] = []) throws(Failure) -> [[Value]] {
        var rows: [[Value]] = []
        let statement = try Statement(handle.pointer, sql)
        try statement.bind(parameters)
        let result = try statement.start(streaming: false)
        while let chunk = try result.next() { rows += chunk.rows() }
        return rows
    }

    /// Runs one statement and hands over its result a ``Chunk`` at a time, while it is being computed.
    ///
    /// DuckDB holds only what lies between its threads and `each`, however long the result is.
    /// - Parameters:
    ///   - header: Called once, before the first row and also when there is none.
    ///   - each: Returns whether to go on.
    public func stream(
        _ sql: String, _ parameters: [Value] = [], header: ([ResultColumn]) throws -> Void = { _ in },
        each: (borrowing Chunk) throws -> Bool
    ) throws {
        let statement = try preparedStatement(sql)
        try statement.bind(parameters)
        do {
            let result = try statement.start()
            try header(result.columns)
            while let chunk = try result.next(), try each(chunk) {}
        } catch let failure as Failure where failure.isUnnamed && statement.kind == .select {
            throw Self.failure(of: statement) ?? failure
        }
    }

    /// The statement of a text: the one that ``statementKinds(_:)`` looked at, if it is the same text.
    private func preparedStatement(_ sql: String) throws(Failure) -> Statement {
        defer { prepared = nil }
        if let prepared, prepared.sql == sql { return prepared.statement }
        return try Statement(handle.pointer, sql)
    }

    /// Runs a query that failed without a name for its error again, until it fails with one; nil where it has none three times.
    private static func failure(of statement: Statement) -> Failure? {
        for _ in 0..<3 {
            do throws(Failure) {
                let result = try statement.start()
                while try result.next() != nil {}
                return nil
            } catch {
                if !error.isUnnamed { return error }
            }
        }
        return nil
    }

    /// What each statement of `sql` is; throws what the parser or the binder has against it.
    ///
    /// A statement is looked at without running it, so one that needs an earlier one of the same text fails here. A single one is kept, and
    /// is the very one that ``stream(_:_:header:each:)`` runs.
    public func statementKinds(_ sql: String) throws(Failure) -> [StatementKind] {
        var extracted: duckdb_extracted_statements?
        let count = duckdb_extract_statements(handle.pointer, sql, &extracted)
        defer { duckdb_destroy_extracted(&extracted) }
        if count == 0, let message = duckdb_extract_statements_error(extracted) {
            throw .engine(message, otherwise: "")
        }
        var kinds: [StatementKind] = []
        for index in 0..<count {
            let statement = try Statement(handle.pointer, extracted, index)
            kinds.append(statement.kind)
            if count == 1 { prepared = (sql, statement) }
        }
        return kinds
    }

    /// How many statements `sql` holds; nothing is bound or run.
    public func statementCount(_ sql: String) throws(Failure) -> Int {
        var extracted: duckdb_extracted_statements?
        let count = duckdb_extract_statements(handle.pointer, sql, &extracted)
        defer { duckdb_destroy_extracted(&extracted) }
        if count == 0, let message = duckdb_extract_statements_error(extracted) {
            throw .engine(message, otherwise: "")
        }
        return Int(count)
    }

    /// The names and types of the result that `sql` would give.
    public func columns(_ sql: String) throws(Failure) -> [ResultColumn] {
        try Statement(handle.pointer, sql).columns
    }

    /// Fills `table` from data chunks; what was added counts once `body` has returned.
    ///
    /// `body` runs on the connection's thread. When it throws, rows of chunks that were already flushed stay, unless the
    /// caller has begun a transaction and rolls it back.
    public func withAppender<R>(
        table: String, schema: String? = nil, _ body: (TableAppender) throws -> R
    ) throws -> R {
        let appender = try TableAppender(handle.pointer, schema: schema, table: table)
        let result = try body(appender)
        try appender.close()
        return result
    }

    /// How far the running statement is, in percent; nil when DuckDB cannot say or keeps no account.
    ///
    /// DuckDB keeps an account after `SET enable_progress_bar = true`.
    public nonisolated var progress: Double? {
        let progress = duckdb_query_progress(handle.pointer)
        return progress.percentage < 0 ? nil : progress.percentage
    }
}

/// The kinds of statement that DuckDB tells apart.
public enum StatementKind: UInt32, Sendable {
    case invalid, select, insert, update, explain, delete, prepare, create, execute, alter, transaction, copy,
        analyze
    case variableSet, createFunction, drop, export, pragma, vacuum, call, set, load, relation, `extension`,
        logicalPlan
    case attach, detach, multi, copyDatabase, updateExtensions, mergeInto
}

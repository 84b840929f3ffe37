import DuckDB
import Foundation
import Primitives
import Synchronization

// DuckDB's own limits do not hold against hostile SQL, so the system's do: the address space is limited and the files are
// walled off before DuckDB opens, and the parent kills at the deadline. What is said between the two is in
// WorkerProtocol.swift.

/// The process in which users' statements run, one at a time.
public enum QueryWorker {
    /// The argument with which the executable becomes a worker.
    public static let argument = "query-worker"

    private static let setup = Mutex<WorkerSetup?>(nil)

    /// Makes this process a worker if it was started as one: waits for its setup and puts up the walls. To be called first
    /// of all, before there is a second thread; ``serve()`` follows.
    public static func enterIfAsked() {
        guard CommandLine.arguments.dropFirst().first == argument else { return }
        do {
            guard case .setup(let order) = readOrder() else {
                throw Failure(
                    .usage, "the query worker was sent no setup; it is started by Sesame, not by hand")
            }
            try ProcessWalls.raise(order)
            setup.withLock { $0 = order }
        } catch {
            FileHandle.standardError.write(Data("sesame: \(error)\n".utf8))
            Foundation._exit(1)
        }
    }

    /// Takes orders until the parent has gone.
    public static func serve() async {
        guard let setup = setup.withLock({ $0 }) else { return }
        var host = StatementHost(setup: setup, output: WorkerOutput(socket: STDIN_FILENO))
        for await order in orders() { await host.obey(order) }
    }

    /// The orders as they come. Ends the process once the parent has gone, also while a statement runs.
    private static func orders() -> AsyncStream<WorkerOrder> {
        // A parent sends the catalog of its guess, the one that is needed and a statement at most before it waits.
        let (orders, continuation) = AsyncStream.makeStream(
            of: WorkerOrder.self, bufferingPolicy: .bufferingOldest(4))
        Thread.detachNewThread {
            while let order = readOrder() {
                if case .dropped = continuation.yield(order) { break }
            }
            Foundation._exit(0)
        }
        return orders
    }

    private static func readOrder() -> WorkerOrder? {
        guard let header = WholeIO.read(8, from: STDIN_FILENO) else { return nil }
        let length = WholeIO.number(header)
        guard (1...(1 << 30)).contains(length), let json = WholeIO.read(Int(length), from: STDIN_FILENO)
        else {
            return nil
        }
        return try? JSONDecoder().decode(WorkerOrder.self, from: Data(json))
    }
}

/// Carries out orders in a worker.
private struct StatementHost {
    let setup: WorkerSetup
    let output: WorkerOutput
    private var catalog = QueryCatalog(tables: [])
    private var sandbox: QuerySandbox?

    init(setup: WorkerSetup, output: WorkerOutput) {
        (self.setup, self.output) = (setup, output)
    }

    mutating func obey(_ order: WorkerOrder) async {
        switch order {
        case .setup: break
        case .catalog(let new):
            catalog = new
            if setup.keepsEngine, let sandbox { return sandbox.change(to: new) }
            sandbox = nil
            // Ready before the first statement; what is wrong shows with it.
            sandbox = try? await open()
        case .statement(let statement):
            ProcessWalls.allowProcessorTime(statement.timeoutSeconds, threads: setup.threads)
            var failure: Failure?
            do {
                try await run(statement)
            } catch {
                failure = Self.explained(error)
            }
            let isSpent = failure?.kind == .limit || ProcessWalls.peakMemory > setup.memoryBytes / 2
            output.end(
                WorkerEnding(kind: failure?.kind.rawValue, message: failure?.message, isSpent: isSpent))
        }
    }

    private func open(resultFile: String? = nil) async throws -> QuerySandbox {
        // Whoever writes a file has an instance for that alone, with the files of its catalog.
        try await QuerySandbox(
            catalog, memoryBytes: setup.memoryBytes, threads: setup.threads,
            folders: setup.keepsEngine && resultFile == nil ? setup.readableFolders : nil,
            resultFile: resultFile, isOpen: setup.hasOnlyWalls)
    }

    private mutating func run(_ statement: WorkerStatement) async throws {
        let sql = AthenaDialect.translate(statement.sql)
        if let file = statement.parquetFile {
            // Which files may be written is settled when an instance opens, so this one serves a single statement.
            let sandbox = try await open(resultFile: file)
            let connection = try await sandbox.connection(for: sql)
            return try await reporting(connection) {
                try await ResultFile.write(check(sql, sandbox, connection), to: file, connection)
            }
        }
        if sandbox == nil { sandbox = try await open() }
        guard let sandbox else { return }
        let connection = try await sandbox.connection(for: sql)
        try await reporting(connection) {
            let checked = try await check(sql, sandbox, connection)
            try await stream(checked, statement, connection)
        }
    }

    private func stream(
        _ checked: CheckedStatement, _ statement: WorkerStatement, _ connection: Connection
    ) async throws {
        let output = output
        try await connection.perform { connection in
            var writer = RowWriters.make(statement.format, tableRows: statement.tableRows)
            let header: ([ResultColumn]) -> Void = { output.write(writer.begin($0)) }
            let each: (borrowing Chunk) -> Bool = { chunk in
                for row in chunk.rows() { output.write(writer.row(row)) }
                return true
            }
            if checked.isExpanded {
                try connection.streamExpanded(
                    checked.sql, permit: CheckedStatement.permit, header: header, each: each)
            } else {
                try connection.stream(checked.sql, header: header, each: each)
            }
            output.write(writer.end())
            output.flush()
        }
    }

    private func check(
        _ sql: String, _ sandbox: QuerySandbox, _ connection: Connection
    ) async throws -> CheckedStatement {
        guard !setup.hasOnlyWalls else { return CheckedStatement(sql: sql, isExpanded: false) }
        return try await sandbox.check(sql, on: connection)
    }

    /// Tells the parent how far the connection's statement is while `body` runs: also while it is checked, since DuckDB
    /// computes constants then.
    private func reporting(_ connection: Connection, _ body: () async throws -> Void) async throws {
        let output = output
        async let _: Void = {
            while (try? await Task.sleep(for: .milliseconds(200))) != nil {
                output.report(connection.progress.map { $0 / 100 })
            }
        }()
        // Leaving cancels the reporter, which has no end of its own.
        try await body()
    }

    /// DuckDB speaks of itself where the sandbox is meant.
    private static func explained(_ error: any Error) -> Failure {
        guard let failure = error as? Failure else {
            return Failure(.storage, "the query worker failed: \(error)")
        }
        if failure.message.contains("disabled by configuration")
            || failure.message.hasPrefix("Permission Error")
        {
            return Failure(.refused, "the statement reaches outside the lake: \(failure.message)")
        }
        let signs = ["bad_alloc", "bad allocation"]
        if failure.message.hasPrefix("Out of Memory") || signs.contains(where: failure.message.contains) {
            return Failure(
                .limit,
                "the query needs more memory than its limit; ask for less, or with sesame sql raise --memory")
        }
        return failure
    }
}

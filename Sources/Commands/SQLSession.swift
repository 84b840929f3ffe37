import Foundation
import Lake
import Primitives
import Query

/// Runs statements one after the other, each over the latest snapshot of a lake, in a worker that is kept ready.
struct SQLSession: Sendable {
    let home: HomeDirectory
    let timeoutSeconds: Double
    var timing: Bool
    private let catalog: LakeCatalog
    private let pool: QueryWorkerPool

    /// - Parameter output: the file that results go to, if it is one.
    init(home: HomeDirectory, memoryBytes: Int, timeoutSeconds: Double, timing: Bool, output: String?)
        async throws
    {
        (self.home, self.timeoutSeconds, self.timing) = (home, timeoutSeconds, timing)
        var options = QueryWorkerPool.Options(readableFolders: [home.lake.path])
        options.memoryBytes = memoryBytes
        options.writableFolder = output.map {
            URL(filePath: $0).deletingLastPathComponent().standardizedFileURL.path
        }
        pool = QueryWorkerPool(options)
        // The worker makes itself ready while the lake's logs are read.
        await pool.warm()
        catalog = try await LakeCatalog(home)
    }

    /// Runs a statement; its rows go to standard output or, once all are there, into a file.
    func run(_ statement: String, format: QueryRequest.Format, output: String?) async throws {
        let started = ContinuousClock.now
        let request = QueryRequest(
            catalog: try await catalog.snapshot(), sql: statement, format: format,
            timeoutSeconds: timeoutSeconds)
        if let output {
            try await write(request, to: output)
        } else {
            try await run(request, into: STDOUT_FILENO)
        }
        if timing {
            let seconds = (ContinuousClock.now - started) / .seconds(1)
            Terminal.error("\((seconds * 1000).rounded() / 1000) s")
        }
    }

    private func run(_ request: QueryRequest, into descriptor: Int32) async throws {
        let output = ResultOutput(descriptor: descriptor)
        let progress = QueryProgressLine()
        // Rows and progress would mix on one screen.
        let isScreen = isatty(descriptor) == 1
        defer { progress.end() }
        try await Interrupt.cancels {
            try await pool.run(request, onProgress: progress.show) { bytes in
                if isScreen { progress.end() }
                try await output.write(bytes)
            }
        }
    }

    /// A file appears under its name only when it is whole.
    private func write(_ request: QueryRequest, to path: String) async throws {
        let file = URL(filePath: path)
        let partial = file.deletingLastPathComponent().appending(
            path: ".\(file.lastPathComponent).\(getpid()).partial"
        ).path
        let descriptor = open(partial, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(.storage, "cannot write \(path): \(String(cString: strerror(errno)))")
        }
        defer { unlink(partial) }
        var request = request
        if request.format == .parquet { request.parquetFile = partial }
        defer { close(descriptor) }
        try await run(request, into: descriptor)
        guard fsync(descriptor) == 0, rename(partial, path) == 0 else {
            throw Failure(.storage, "cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }

    /// Every column of every table and view, for people.
    static let columnsQuery = """
        SELECT table_name, column_name, data_type FROM duckdb_columns()
        WHERE schema_name = 'main' AND NOT internal ORDER BY table_name, column_index
        """

    /// The names that completion offers; none if the lake cannot be asked.
    func names() async -> PromptNames {
        struct Column: Decodable {
            let table_name: String
            let column_name: String
        }
        let file = FileManager.default.temporaryDirectory.appending(
            path: "sesame-names-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        var quiet = self
        quiet.timing = false
        try? await quiet.run(Self.columnsQuery, format: .json, output: file.path)
        let columns = (try? JSONDecoder().decode([Column].self, from: Data(contentsOf: file))) ?? []
        return PromptNames(
            columns: Dictionary(grouping: columns, by: \.table_name).mapValues { $0.map(\.column_name) })
    }

    /// Statements separated by semicolons outside of quotes and comments.
    static func split(_ text: String) -> [String] { StatementSplitter.split(text) }
}

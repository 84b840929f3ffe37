import DuckDB
import Foundation
import Primitives
import Synchronization

@testable import Query

/// A pool of one worker, whose executable lies beside the tests.
struct WorkerFixture: Sendable {
    private static let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "sesame")
    static let isBuilt = FileManager.default.isExecutableFile(atPath: executable.path)

    let pool: QueryWorkerPool

    init(_ options: QueryWorkerPool.Options) { pool = QueryWorkerPool(options) }

    init(readable: [String] = []) { self.init(Self.options(readable: readable)) }

    static func options(readable: [String] = []) -> QueryWorkerPool.Options {
        var options = QueryWorkerPool.Options(readableFolders: readable)
        options.executable = executable.path
        options.memoryBytes = 1 << 30
        return options
    }

    func request(_ sql: String, files: [String]? = nil, timeout: Double = 300) -> QueryRequest {
        let tables = files.map { [QueryCatalog.Table(name: "events", files: $0, columns: "x INTEGER")] } ?? []
        return QueryRequest(
            catalog: QueryCatalog(tables: tables), sql: sql, format: .ndjson, timeoutSeconds: timeout)
    }

    func run(
        _ sql: String, files: [String]? = nil, timeout: Double = 300,
        onProgress: @escaping @Sendable (QueryProgress) -> Void = { _ in }
    ) async throws -> String {
        let bytes = Box<[UInt8]>([])
        try await pool.run(request(sql, files: files, timeout: timeout), onProgress: onProgress) { piece in
            bytes.change { $0 += piece }
        }
        return String(decoding: bytes.value, as: UTF8.self)
    }
}

/// A folder with Parquet files, removed with the object.
final class TemporaryLake: Sendable {
    let path: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "query-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String, _ sql: String) async throws -> String {
        let file = "\(path)/\(name).parquet"
        try await Connection(Database()).execute("COPY (\(sql)) TO '\(file)' (FORMAT parquet)")
        return file
    }
}

/// A value that closures share.
final class Box<Value: Sendable>: Sendable {
    private let stored: Mutex<Value>

    init(_ value: Value) { stored = Mutex(value) }

    var value: Value { stored.withLock { $0 } }

    func change(_ body: (inout Value) -> Void) {
        stored.withLock { body(&$0) }
    }
}

import Foundation
import Primitives
import Testing

@testable import Query

/// Runs statements through real worker processes; the executable lies beside the tests.
@Suite("QueryRunner", .serialized)
struct QueryRunnerTests {
    private static let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "sesame")
    private static let isBuilt = FileManager.default.isExecutableFile(atPath: executable.path)

    private static func run(_ sql: String, memory: Int = 1 << 30, timeout: Double = 60) async throws -> String
    {
        let request = QueryRequest(
            catalog: QueryCatalog(tables: []), sql: sql, format: .ndjson, memoryBytes: memory,
            timeoutSeconds: timeout)
        let file = FileManager.default.temporaryDirectory.appending(path: "runner-\(UUID().uuidString)")
        try Data().write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let output = try FileHandle(forWritingTo: file)
        try await QueryRunner(executable: executable).run(request, output: output)
        try output.close()
        return try String(contentsOf: file, encoding: .utf8)
    }

    @Test("rows come back, and errors with their kind and words", .enabled(if: isBuilt))
    func answers() async throws {
        #expect(try await Self.run("SELECT 42 AS answer") == "{\"answer\":42}\n")
        let wrong = await #expect(throws: Failure.self) { try await Self.run("SELECT nothing") }
        #expect(wrong?.kind == .usage && wrong?.message.contains("nothing") == true)
        let refused = await #expect(throws: Failure.self) { try await Self.run("SET threads = 1") }
        #expect(refused?.kind == .refused)
    }

    @Test(
        "what DuckDB itself does not stop is stopped", .enabled(if: isBuilt),
        arguments: [
            "SELECT list_reduce(range(100000000), (a, b) -> a + b)",
            "SELECT length(lpad('', 2147483647, 'x'))",
            "SELECT len(range(2000000000))", "SELECT count(*) FROM range(1000000000000) t(i) WHERE i % 7 = 3",
        ])
    func runaways(sql: String) async throws {
        let start = ContinuousClock.now
        let failure = await #expect(throws: Failure.self) { try await Self.run(sql, timeout: 2) }
        #expect(failure?.kind == .limit)
        #expect(ContinuousClock.now - start < .seconds(8))
    }

    @Test("a query outlives the idle threads of the pool that started it", .enabled(if: isBuilt))
    func idleThreads() async throws {
        let failure = await #expect(throws: Failure.self) {
            try await Self.run("SELECT count(*) FROM range(1000000000000) t(i) WHERE i % 7 = 3", timeout: 8)
        }
        // Ended by its deadline, not by the end of a thread after five seconds.
        #expect(failure?.message.contains("deadline") == true)
    }

    @Test("cancelling the task kills the worker", .enabled(if: isBuilt))
    func cancels() async throws {
        let sql = "SELECT list_reduce(range(100000000), (a, b) -> a + b)"
        let task = Task { try await Self.run(sql, timeout: 60) }
        try await Task.sleep(for: .milliseconds(500))
        let start = ContinuousClock.now
        task.cancel()
        let failure = await #expect(throws: Failure.self) { try await task.value }
        #expect(failure?.kind == .cancelled)
        #expect(ContinuousClock.now - start < .seconds(5))
    }
}

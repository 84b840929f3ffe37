import Foundation
import Primitives
import Testing

@testable import Query

/// What a statement reaches that DuckDB and the check would let through.
@Suite("ProcessWalls", .enabled(if: WorkerFixture.isBuilt && ProcessWalls.landlockVersion != nil))
struct ProcessWallsTests {
    private static func open(_ body: (WorkerFixture, TemporaryLake, TemporaryLake) async throws -> Void)
        async throws
    {
        let (lake, results) = (try TemporaryLake(), try TemporaryLake())
        var options = WorkerFixture.options(readable: [lake.path])
        options.writableFolder = results.path
        options.hasOnlyWalls = true
        try await body(WorkerFixture(options), lake, results)
    }

    @Test(
        "a worker without check and sandbox still reads and writes nothing outside",
        arguments: [
            "FROM read_csv('/etc/passwd')", "FROM read_text('/etc/hostname')", "FROM glob('/etc/*')",
            "FROM read_text('/proc/1/environ')", "COPY (SELECT 1) TO '$outside/out.csv'",
            "COPY (SELECT 1) TO '$lake/out.csv'", "COPY (SELECT 1) TO '$lake/data.parquet' (FORMAT parquet)",
            "ATTACH '$outside/new.db'",
        ])
    func closed(template: String) async throws {
        try await Self.open { fixture, lake, results in
            let outside = try TemporaryLake()
            let data = try await lake.file("data", "SELECT 7 AS x")
            let before = try Data(contentsOf: URL(filePath: data))
            let sql = template.replacing("$outside", with: outside.path).replacing("$lake", with: lake.path)
            let answer = try? await fixture.run(sql)
            // A folder that cannot be listed looks empty.
            #expect(answer == nil || answer == "", "\(answer ?? "")")
            #expect(try FileManager.default.contentsOfDirectory(atPath: outside.path).isEmpty)
            #expect(try FileManager.default.contentsOfDirectory(atPath: lake.path) == ["data.parquet"])
            #expect(try Data(contentsOf: URL(filePath: data)) == before)
        }
    }

    @Test("the lake is read and the folder of results is written")
    func open() async throws {
        try await Self.open { fixture, lake, results in
            let data = try await lake.file("data", "SELECT 7 AS x")
            #expect(try await fixture.run("FROM read_parquet('\(data)')") == "{\"x\":7}\n")
            _ = try await fixture.run("COPY (SELECT 1) TO '\(results.path)/out.csv'")
            #expect(FileManager.default.fileExists(atPath: results.path + "/out.csv"))
        }
    }

    @Test("nothing of the parent's environment but what finds libraries is known to a worker")
    func environment() async throws {
        setenv("SESAME_TEST_SECRET", "do-not-tell", 1)
        defer { unsetenv("SESAME_TEST_SECRET") }
        try await Self.open { fixture, _, _ in
            _ = try await fixture.run("SELECT 1")
            let worker = try #require(await fixture.pool.idleProcesses.first)
            let bytes = try Data(contentsOf: URL(filePath: "/proc/\(worker)/environ"))
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.contains("SWIFT_BACKTRACE") && !text.contains("do-not-tell"))
        }
    }
}

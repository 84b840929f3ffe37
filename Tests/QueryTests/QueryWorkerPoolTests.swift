import DuckDB
import Foundation
import Primitives
import Testing

@testable import Query

/// Runs statements through real worker processes; the executable lies beside the tests.
@Suite("QueryWorkerPool", .serialized, .enabled(if: WorkerFixture.isBuilt), .timeLimit(.minutes(5)))
struct QueryWorkerPoolTests {
    @Test("rows come back, and errors with their kind and words; the same worker goes on")
    func answers() async throws {
        let fixture = WorkerFixture()
        #expect(try await fixture.run("SELECT 42 AS answer") == "{\"answer\":42}\n")
        let workers = await fixture.pool.idleProcesses
        let wrong = await #expect(throws: Failure.self) { try await fixture.run("SELECT nothing") }
        #expect(wrong?.kind == .usage && wrong?.message.contains("nothing") == true)
        let refused = await #expect(throws: Failure.self) { try await fixture.run("SET threads = 1") }
        #expect(refused?.kind == .refused)
        let broken = await #expect(throws: Failure.self) {
            try await fixture.run(
                "SELECT CASE WHEN i > 500000 THEN error('half-way') ELSE i END FROM range(1000000) t(i)")
        }
        #expect(broken?.message.contains("half-way") == true, "\(String(describing: broken))")
        #expect(try await fixture.run("SELECT 1 AS a") == "{\"a\":1}\n")
        #expect(await fixture.pool.idleProcesses == workers && workers.count == 1)
    }

    @Test("a worker is not held for large because the process that started it is")
    func largeParent() async throws {
        // More than half of a worker's gigabyte, and written to, so that it is resident.
        let ballast = [UInt8](repeating: 1, count: 700 << 20)
        let fixture = WorkerFixture()
        #expect(try await fixture.run("SELECT 1 AS a") == "{\"a\":1}\n")
        let workers = await fixture.pool.idleProcesses
        #expect(try await fixture.run("SELECT 1 AS a") == "{\"a\":1}\n")
        #expect(await fixture.pool.idleProcesses == workers && workers.count == 1)
        #expect(ballast.last == 1)
    }

    @Test("a statement reads the snapshot that it is given")
    func snapshots() async throws {
        let lake = try TemporaryLake()
        let fixture = WorkerFixture(readable: [lake.path])
        let (one, two) = (
            try await lake.file("one", "SELECT 1 AS x"), try await lake.file("two", "SELECT 2 AS x")
        )
        let sql = "SELECT list(x ORDER BY x) AS x FROM events"
        #expect(try await fixture.run(sql, files: [one]) == "{\"x\":[1]}\n")
        #expect(try await fixture.run(sql, files: [one, two]) == "{\"x\":[1,2]}\n")
        #expect(try await fixture.run(sql, files: [two]) == "{\"x\":[2]}\n")
        let other = await #expect(throws: Failure.self) {
            try await fixture.run("FROM read_parquet('\(one)')", files: [two])
        }
        #expect(other?.kind == .refused)
    }

    @Test("an engine that is kept reads the snapshot that it is given, and nothing outside the lake")
    func keptEngine() async throws {
        let (lake, elsewhere) = (try TemporaryLake(), try TemporaryLake())
        var options = WorkerFixture.options(readable: [lake.path])
        options.keepsEngine = true
        let fixture = WorkerFixture(options)
        let (one, two) = (
            try await lake.file("one", "SELECT 1 AS x"), try await lake.file("two", "SELECT 2 AS x, 3 AS y")
        )
        let sql = "SELECT list(x ORDER BY x) AS x FROM events"
        #expect(try await fixture.run(sql, files: [one]) == "{\"x\":[1]}\n")
        let workers = await fixture.pool.idleProcesses
        #expect(try await fixture.run(sql, files: [two]) == "{\"x\":[2]}\n")
        #expect(try await fixture.run(sql, files: []) == "{\"x\":null}\n")
        #expect(try await fixture.run(sql, files: []) == "{\"x\":null}\n")
        #expect(try await fixture.run(sql, files: [one]) == "{\"x\":[1]}\n")
        #expect(await fixture.pool.idleProcesses == workers && workers.count == 1)
        let outside = try await elsewhere.file("three", "SELECT 3 AS x")
        let other = await #expect(throws: Failure.self) {
            try await fixture.run("FROM read_parquet('\(outside)')", files: [two])
        }
        #expect(other?.kind == .refused)
        let written = await #expect(throws: Failure.self) {
            try await fixture.run("COPY (SELECT 1) TO '\(lake.path)/four.parquet'", files: [two])
        }
        #expect(written?.kind == .refused)
    }

    @Test(
        "what DuckDB itself does not stop is stopped, and another worker goes on",
        arguments: [
            "SELECT list_reduce(range(100000000), (a, b) -> a + b)",
            "SELECT length(lpad('', 2147483647, 'x'))",
            "SELECT len(range(2000000000))", "SELECT count(*) FROM range(1000000000000) t(i) WHERE i % 7 = 3",
        ])
    func runaways(sql: String) async throws {
        let fixture = WorkerFixture()
        let failure = await #expect(throws: Failure.self) { try await fixture.run(sql, timeout: 2) }
        #expect(failure?.kind == .limit)
        #expect(try await fixture.run("SELECT 1 AS a") == "{\"a\":1}\n")
    }

    @Test("a query outlives the idle threads of the pool that started it, and says how far it is")
    func idleThreads() async throws {
        let fixture = WorkerFixture()
        let seen = Box<[QueryProgress]>([])
        let failure = await #expect(throws: Failure.self) {
            try await fixture.run(
                "SELECT count(*) FROM range(1000000000000) t(i) WHERE i % 7 = 3", timeout: 8,
                onProgress: { progress in seen.change { $0.append(progress) } })
        }
        // Ended by its deadline, not by the end of a thread after five seconds.
        #expect(failure?.message.contains("deadline") == true)
        #expect(seen.value.count > 5 && seen.value.allSatisfy { $0.seconds > 0 })
    }

    @Test("a statement over files says which part of them it has read")
    func progress() async throws {
        let lake = try TemporaryLake()
        let fixture = WorkerFixture(readable: [lake.path])
        let file = try await lake.file("many", "SELECT i::INTEGER AS x FROM range(3000000) t(i)")
        let seen = Box<[Double]>([])
        let hashes = String(repeating: "md5(", count: 6) + "x::VARCHAR" + String(repeating: ")", count: 6)
        _ = try await fixture.run("SELECT max(\(hashes)) FROM events", files: [file]) { progress in
            if let fraction = progress.fraction { seen.change { $0.append(fraction) } }
        }
        #expect(!seen.value.isEmpty && seen.value.allSatisfy { (0...1).contains($0) })
        #expect(seen.value == seen.value.sorted())
    }

    @Test("cancelling the task kills the worker, and another takes its place")
    func cancels() async throws {
        let fixture = WorkerFixture()
        let begun = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await fixture.run(
                "SELECT list_reduce(range(100000000), (a, b) -> a + b)",
                onProgress: { _ in begun.continuation.yield() })
        }
        for await _ in begun.stream { break }
        task.cancel()
        let failure = await #expect(throws: Failure.self) { try await task.value }
        #expect(failure?.kind == .cancelled)
        #expect(try await fixture.run("SELECT 1 AS a") == "{\"a\":1}\n")
    }

    @Test("an endless result is made no faster than it is taken, and ends with who takes it")
    func backPressure() async throws {
        struct Enough: Error {}
        let fixture = WorkerFixture()
        let taken = Box(0)
        await #expect(throws: Enough.self) {
            try await fixture.pool.run(fixture.request("FROM range(100000000000)")) { bytes in
                taken.change { $0 += bytes.count }
                if taken.value > 1 << 20 { throw Enough() }
            }
        }
        #expect(taken.value < 1 << 21)
        #expect(try await fixture.run("SELECT 1 AS a") == "{\"a\":1}\n")
    }

    @Test("callers wait in turn, and too many are told so")
    func queue() async throws {
        var options = WorkerFixture.options()
        options.waiting = 1
        let fixture = WorkerFixture(options)
        let begun = AsyncStream.makeStream(of: Void.self)
        let endless = Task {
            try await fixture.run(
                "SELECT count(*) FROM range(1000000000000) t(i) WHERE i % 7 = 3",
                onProgress: { _ in begun.continuation.yield() })
        }
        for await _ in begun.stream { break }
        let waiting = Task { try await fixture.run("SELECT 1 AS a") }
        while await fixture.pool.waitingCallers == 0 { await Task.yield() }
        let full = await #expect(throws: Failure.self) { try await fixture.run("SELECT 2 AS a") }
        #expect(full?.kind == .limit && full?.message.contains("too many queries") == true)
        endless.cancel()
        #expect(try await waiting.value == "{\"a\":1}\n")
    }

    @Test("a pool that is shut down has no workers and takes no statements")
    func shutDown() async throws {
        let fixture = WorkerFixture()
        await fixture.pool.warm()
        let workers = await fixture.pool.idleProcesses
        #expect(workers.count == 1)
        await fixture.pool.shutDown()
        #expect(await fixture.pool.idleProcesses.isEmpty)
        for worker in workers { #expect(kill(worker, 0) != 0) }
        await #expect(throws: Failure.self) { try await fixture.run("SELECT 1") }
    }

    @Test("128-bit integers reach Parquet as decimals with all digits")
    func parquet() async throws {
        let lake = try TemporaryLake()
        var options = WorkerFixture.options()
        options.writableFolder = lake.path
        let fixture = WorkerFixture(options)
        let connection = try Connection(Database())
        let statements = [
            "SELECT sum(i) AS n, [sum(i)] AS l FROM (VALUES (9007199254740993), (0)) t(i)",
            "PIVOT (SELECT 9007199254740993 AS i, 'n' AS k) ON k USING sum(i)",
        ]
        for sql in statements {
            var request = fixture.request(sql)
            request.format = .parquet
            request.parquetFile = lake.path + "/result.parquet"
            try await fixture.pool.run(request) { _ in }
            let file = "FROM '\(lake.path)/result.parquet'"
            let type = try await connection.rows("SELECT typeof(n), n::VARCHAR \(file)")
            #expect(type == [["DECIMAL(38,0)", "9007199254740993"]])
        }
    }
}

import DuckDB
import Primitives
import Testing

@Suite("Connection")
struct ConnectionTests {
    @Test("an error keeps the engine's words: position, caret and candidate")
    func errors() async throws {
        let connection = try Connection(Database())
        try await connection.execute("CREATE TABLE mails(subject VARCHAR)")
        let failure = await #expect(throws: Failure.self) {
            try await connection.rows("SELECT subjct\nFROM mails")
        }
        #expect(failure?.kind == .usage)
        #expect(failure?.message.contains("subjct") == true)
        #expect(failure?.message.contains("Candidate bindings: \"subject\"") == true)
        #expect(failure?.message.contains("LINE 1: SELECT subjct") == true)
        #expect(failure?.message.contains("^") == true)
    }

    @Test("errors of running are told from errors of writing")
    func kinds() async throws {
        let connection = try Connection(
            Database(configuration: ["memory_limit": "20MB", "temp_directory": ""]))
        func kind(_ sql: String) async -> Failure.Kind? {
            do { _ = try await connection.rows(sql) } catch { return error.kind }
            return nil
        }
        #expect(await kind("SELECT 'x'::INTEGER") == .usage)
        #expect(await kind("SELEC 1") == .usage)
        #expect(await kind("SELECT list(i) FROM range(100000000) t(i)") == .limit)
        #expect(await kind("SELECT 1; SELECT 2") == .usage)
        #expect(await kind("SELECT 1") == nil)
    }

    @Test("an error amid a result is named, however busy the engine's threads are")
    func errorAmidResult() async throws {
        let database = try Database(configuration: ["threads": "4"])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    let connection = try Connection(database)
                    for _ in 0..<15 {
                        let failure = await #expect(throws: Failure.self) {
                            try await connection.perform { connection in
                                try connection.stream(
                                    "SELECT CASE WHEN i > 300000 THEN error('half-way') ELSE i END FROM range(600000) t(i)"
                                ) { _ in true }
                            }
                        }
                        #expect(
                            failure?.message.contains("half-way") == true, "\(String(describing: failure))")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("a streamed result is computed as it is read")
    func streaming() async throws {
        let connection = try Connection(
            Database(configuration: ["memory_limit": "50MB", "temp_directory": ""]))
        // A hundred times the memory, if it were kept.
        let (rows, names) = try await connection.perform { connection in
            var rows = 0
            var names: [String] = []
            try connection.stream("SELECT i, repeat('x', 100) AS pad FROM range(50000000) t(i)") {
                names = $0.map(\.name)
            } each: { chunk in
                if rows == 0 { #expect(chunk.column(0).load(0, as: Int64.self) == 0) }
                rows += chunk.rowCount
                return rows < 200_000
            }
            return (rows, names)
        }
        #expect(names == ["i", "pad"])
        #expect((200_000..<210_000).contains(rows))
        #expect(try await connection.rows("SELECT 1") == [[1]])
    }

    @Test("an error in the middle of a stream is thrown, and so is the reader's own")
    func streamErrors() async throws {
        let connection = try Connection(Database())
        await #expect(throws: Failure.self) {
            try await connection.stream(
                "SELECT CASE WHEN i > 100000 THEN error('late') ELSE i END FROM range(200000) t(i)"
            ) { _ in true }
        }
        await #expect(throws: CancellationError.self) {
            try await connection.stream("SELECT 1") { _ in throw CancellationError() }
        }
    }

    @Test("statements are counted and told apart without being run")
    func statements() async throws {
        let connection = try Connection(Database())
        #expect(try await connection.statementCount("SELECT 1; ; SELECT 2 -- three") == 2)
        #expect(try await connection.statementCount("-- nothing") == 0)
        let sql =
            "CREATE TABLE x(a INTEGER); SELECT 1; EXPLAIN SELECT 1; SHOW TABLES; SET threads = 1; COPY (SELECT 1) TO 'x'"
        #expect(
            try await connection.statementKinds(sql) == [.create, .select, .explain, .select, .set, .copy])
        #expect(try await connection.rows("SHOW TABLES") == [])
        await #expect(throws: Failure.self) { try await connection.statementCount("SELECT FROM WHERE") }
    }

    @Test("a statement that was looked at runs over what is there when it runs")
    func lookedAt() async throws {
        let connection = try Connection(Database())
        func streamed() async throws -> [[Value]] {
            try await connection.perform { connection in
                var rows: [[Value]] = []
                try connection.stream("FROM t") { chunk in
                    rows += chunk.rows()
                    return true
                }
                return rows
            }
        }
        try await connection.execute("CREATE TABLE t AS SELECT 1 AS a")
        #expect(try await connection.statementKinds("FROM t") == [.select])
        try await connection.execute("INSERT INTO t VALUES (2)")
        #expect(try await streamed() == [[1], [2]])
        #expect(try await streamed() == [[1], [2]])
        #expect(try await connection.statementKinds("FROM t") == [.select])
        try await connection.execute("CREATE OR REPLACE TABLE t AS SELECT 'one' AS b, true AS c")
        #expect(try await streamed() == [["one", true]])
        #expect(try await connection.statementKinds("FROM t") == [.select])
        try await connection.execute("DROP TABLE t")
        await #expect(throws: Failure.self) { try await streamed() }
    }

    @Test("two connections see one database; a third, in memory, is its own")
    func sharing() async throws {
        let database = try Database()
        let (first, second) = (try Connection(database), try Connection(database))
        try await first.execute("CREATE TABLE t AS SELECT 7 AS a")
        #expect(try await second.rows("FROM t") == [[7]])
        let other = try Connection(Database())
        await #expect(throws: Failure.self) { try await other.rows("FROM t") }
    }

    @Test("a setting that does not exist is named")
    func settings() {
        let failure = #expect(throws: Failure.self) { try Database(configuration: ["memory_limt": "1GB"]) }
        #expect(failure?.message.contains("memory_limt") == true)
    }
}

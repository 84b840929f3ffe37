import DuckDB
import Foundation
import Primitives
import Testing

@testable import Query

@Suite("Sandbox")
struct SandboxTests {
    /// A lake of one Parquet file, opened in a sandbox.
    private static func open(_ body: (QuerySandbox, String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sandbox-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "part.parquet").path
        let writer = try Connection(Database())
        try await writer.execute(
            "COPY (SELECT 'Send' AS event_type, ['a@x.org', 'b@y.org'] AS destination) TO '\(file)' (FORMAT parquet)"
        )
        let catalog = QueryCatalog(
            tables: [
                .init(name: "events", files: [file], columns: "event_type VARCHAR, destination VARCHAR[]"),
                .init(name: "refused", files: [], columns: "reason VARCHAR, bytes BLOB"),
            ],
            views: [.init(name: "email_status", sql: "SELECT destination FROM events")])
        try await body(QuerySandbox(catalog, memoryBytes: 1 << 30), file)
    }

    /// What a worker does with a statement, without the process around it.
    private static func ask(_ sandbox: QuerySandbox, _ sql: String) async throws -> [[Value]] {
        let translated = AthenaDialect.translate(sql)
        let connection = try await sandbox.connection(for: translated)
        let checked = try await sandbox.check(translated, on: connection)
        return try await connection.perform { connection in
            var rows: [[Value]] = []
            try connection.streamExpanded(checked.sql, permit: CheckedStatement.permit) { chunk in
                rows += chunk.rows()
                return true
            }
            return rows
        }
    }

    @Test(
        "whatever is no reading is refused by name",
        arguments: [
            "COPY events TO '$out'", "COPY (SELECT 1) TO '$file' (FORMAT parquet, USE_TMP_FILE false)",
            "EXPLAIN ANALYZE COPY (SELECT 1) TO '$file' (FORMAT parquet, USE_TMP_FILE false)",
            "EXPLAIN (ANALYZE, FORMAT json) COPY (SELECT 1) TO '$file' (FORMAT parquet, USE_TMP_FILE false)",
            " explain\nanalyze copy (SELECT 1) TO '$file' (FORMAT parquet, USE_TMP_FILE false)",
            "/* */ EXPLAIN ANALYZE COPY (SELECT 1) TO '$file' (FORMAT parquet, USE_TMP_FILE false)",
            "EXPLAIN COPY (SELECT 1) TO '$out'", "EXPLAIN ANALYZE CREATE TABLE t(a INTEGER)",
            "ATTACH '$out'", "INSTALL httpfs", "LOAD httpfs", "SET threads = 1", "RESET threads",
            "PRAGMA threads = 1",
            "PRAGMA version", "CREATE TABLE t(a INTEGER)", "CREATE MACRO f(x) AS x", "EXPORT DATABASE '$out'",
            "IMPORT DATABASE '$out'", "CALL pragma_version()", "SELECT 1; SELECT 2",
            "SELECT 1; DROP VIEW events",
            "DROP VIEW events", "BEGIN", "CHECKPOINT", "VACUUM", "USE ses_event_db", "PREPARE p AS SELECT 1",
            "EXECUTE p", "DETACH memory", "INSERT INTO events SELECT * FROM events", "DELETE FROM events",
            "UPDATE events SET event_type = ''", "COMMENT ON VIEW events IS 'x'", "CREATE SECRET (TYPE s3)",
            "--\rPRAGMA enable_profiling /* \nSELECT */", "/* /* */ SELECT */ PRAGMA enable_profiling",
            "PIVOT events ON event_type USING count(*); SELECT 1", "SELECT 1; PIVOT events ON event_type",
            "PIVOT events ON event_type USING count(*); CREATE TABLE t(a INTEGER)",
            "SELECT $$'$$; DROP VIEW events; SELECT '$$'",
            "EXPLAIN PIVOT events ON event_type USING count(*)",
            "COPY (PIVOT events ON event_type USING count(*)) TO '$out'",
            "CREATE TABLE t AS PIVOT events ON event_type USING count(*)",
            "FROM enable_logging('QueryLog')", "SELECT * FROM Enable_Logging()", "FROM \"enable_logging\" ()",
            "FROM system.main.enable_logging/**/()", "SELECT $$'$$, x FROM enable_logging() t(x) --'",
            "SELECT e'\\'', x FROM enable_logging() t(x) --'", "SELECT (SELECT count(*) FROM checkpoint())",
            "FROM query('FROM enable_logging()')", "FROM query('FROM enable' || '_logging()')",
            "FROM query(''||'SELECT 1')", "FROM query('FROM query(''SELECT'' || '' 1'')')",
            "FROM force_checkpoint()", "FROM enable_profiling()", "FROM disable_logging()",
            "FROM truncate_duckdb_logs()", "SELECT write_log('x')",
            "FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
        ])
    func refusesWriting(template: String) async throws {
        try await Self.open { sandbox, file in
            let before = try Data(contentsOf: URL(filePath: file))
            let sql = template.replacing("$file", with: file).replacing("$out", with: file + ".out")
            let failure = await #expect(throws: Failure.self) { try await Self.ask(sandbox, sql) }
            #expect(failure?.kind == .refused, "\(String(describing: failure))")
            #expect(try Data(contentsOf: URL(filePath: file)) == before)
            #expect(!FileManager.default.fileExists(atPath: file + ".out"))
        }
    }

    @Test(
        "nothing outside the snapshot is read",
        arguments: [
            "FROM read_csv('/etc/passwd')", "FROM read_text('/etc/passwd')", "FROM read_blob('/etc/*')",
            "FROM glob('/etc/*')", "FROM '/etc/passwd'", "FROM read_json('/proc/self/environ')",
            "FROM read_parquet('$file.other')", "FROM sniff_csv('/etc/passwd')",
            "FROM read_duckdb('/etc/passwd')",
            "FROM query('FROM read_text(''/etc/passwd'')')", "FROM read_csv('https://example.com/a.csv')",
            "SELECT getenv('HOME')", "WITH a AS (FROM read_text('/etc/passwd')) FROM a",
            "FROM duckdb_secrets()",
            "FROM query('COPY (SELECT 1) TO ''$file''')", "FROM query('SET threads = 1')",
        ])
    func refusesReading(template: String) async throws {
        try await Self.open { sandbox, file in
            await #expect(throws: Failure.self) {
                try await Self.ask(sandbox, template.replacing("$file", with: file))
            }
        }
    }

    @Test(
        "every way of reading is open",
        arguments: [
            "SELECT * FROM events", "select count(*) from EVENTS;", "FROM events", "TABLE events",
            "VALUES (1)",
            "WITH a AS (SELECT 1 AS b) SELECT b FROM a", "(SELECT 1) UNION (SELECT 2)",
            "EXPLAIN SELECT * FROM events",
            "EXPLAIN ANALYZE FROM events", "EXPLAIN (FORMAT json) SELECT 1",
            "EXPLAIN (SELECT event_type FROM events)",
            "DESCRIBE events", "SHOW TABLES", "SUMMARIZE events", "-- words\nSELECT 1 -- more",
            "SELECT * FROM refused",
            "SELECT * FROM \"ses_event_db\".\"EMAIL_STATUS\"", "SELECT * FROM ses_event_data_database.events",
            "FROM query('SELECT 1')", "FROM query_table('events')", "FROM query('FROM events')",
            "SELECT 'checkpoint' AS checkpoint", "SELECT event_type AS query FROM events",
            "-- words\r\nSELECT 1",
            "PIVOT events ON event_type USING count(*)", "PIVOT events ON event_type USING count(*);",
            "FROM (PIVOT events ON event_type USING sum(len(destination)) GROUP BY destination)",
            "WITH p AS (PIVOT events ON event_type) FROM p", "SUMMARIZE (PIVOT events ON event_type)",
            "PIVOT events ON event_type IN ('Send') USING count(*)",
            "EXPLAIN PIVOT events ON event_type IN ('Send')",
            "SELECT * FROM duckdb_views()", "SELECT table_name FROM information_schema.tables",
        ])
    func allowsReading(sql: String) async throws {
        try await Self.open { sandbox, _ in _ = try await Self.ask(sandbox, sql) }
    }

    @Test("a view exists when it is named, in whatever way, and all when the catalog is asked")
    func views() async throws {
        try await Self.open { sandbox, _ in
            #expect(try await Self.ask(sandbox, "FROM email_status") == [[["a@x.org", "b@y.org"]]])
            #expect(try await Self.ask(sandbox, "SELECT count(*) FROM query_table('ev' || 'ents')") == [[1]])
            let names = try await Self.ask(sandbox, "SELECT view_name FROM duckdb_views()")
            #expect(Set(names.map(\.[0])).isSuperset(of: ["email_status", "events", "refused"]))
        }
    }

    @Test("a pivot finds its values itself")
    func pivots() async throws {
        try await Self.open { sandbox, _ in
            let sql =
                "PIVOT (SELECT event_type, len(destination) AS n FROM events) ON event_type USING sum(n)"
            let rows = try await Self.ask(sandbox, sql)
            #expect(rows.map { $0.map(\.description) } == [["2"]])
        }
    }

    @Test("no statement finds what another has left")
    func forgets() async throws {
        try await Self.open { sandbox, _ in
            _ = try await Self.ask(sandbox, "PIVOT events ON event_type USING count(*)")
            for left in ["duckdb_variables()", "duckdb_prepared_statements()", "duckdb_logs()"] {
                #expect(try await Self.ask(sandbox, "FROM \(left)").isEmpty, "\(left)")
            }
            let types = "FROM duckdb_types() WHERE type_name LIKE '%pivot%'"
            #expect(try await Self.ask(sandbox, types).isEmpty)
            let tables = "FROM duckdb_tables() WHERE schema_name <> 'without_files'"
            #expect(try await Self.ask(sandbox, tables).isEmpty)
            // A seed that stayed would give the same number each time.
            var numbers: Set<Value> = []
            for _ in 0..<3 {
                _ = try await Self.ask(sandbox, "SELECT setseed(0.5)")
                numbers.insert(try await Self.ask(sandbox, "SELECT random()")[0][0])
            }
            #expect(numbers.count == 3)
        }
    }

    @Test("a file that another writer left columns out of gives nulls")
    func unevenFiles() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sandbox-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["a", "b"].map { folder.appending(path: "\($0).parquet").path }
        let writer = try Connection(Database())
        try await writer.execute(
            "COPY (SELECT 1 AS x) TO '\(files[0])'; COPY (SELECT 2 AS x, 3 AS y) TO '\(files[1])'")
        let table = QueryCatalog.Table(name: "t", files: files, columns: "x INTEGER, y INTEGER")
        let sandbox = try await QuerySandbox(QueryCatalog(tables: [table]), memoryBytes: 1 << 30)
        #expect(try await Self.ask(sandbox, "FROM t ORDER BY x") == [[1, .null], [2, 3]])
    }

    @Test("what was read of files holds for every statement's connection")
    func keepsFooters() async throws {
        try await Self.open { sandbox, _ in
            for _ in 0..<2 {
                let connection = try await sandbox.connection(for: "FROM events")
                let settings = try await connection.rows(
                    "SELECT current_setting('parquet_metadata_cache'), current_setting('validate_external_file_cache')"
                )
                #expect(settings == [[.boolean(true), "NO_VALIDATION"]])
            }
        }
    }

    @Test("the query that S1's authors print runs as it is")
    func athena() async throws {
        let sql = """
            SELECT event_type, recipient FROM "ses_event_db"."events"
            CROSS JOIN UNNEST(destination) AS t(recipient) WHERE recipient = 'b@y.org'
            """
        try await Self.open { sandbox, _ in
            let rows = try await Self.ask(sandbox, sql)
            #expect(rows == [["Send", "b@y.org"]])
        }
    }

    @Test("a mistake is no attack, and no statement is a question")
    func mistakes() async throws {
        try await Self.open { sandbox, _ in
            for sql in ["SELECT nothing FROM events", "SELECT FROM", "", "  -- nothing"] {
                let failure = await #expect(throws: Failure.self) { try await Self.ask(sandbox, sql) }
                #expect(failure?.kind == .usage, "\(sql)")
            }
        }
    }
}

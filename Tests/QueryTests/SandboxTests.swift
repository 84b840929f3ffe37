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
        try await body(QuerySandbox(QueryRequest(catalog: catalog, sql: "", format: .json)), file)
    }

    /// What `sesame sql` does with a statement, without the process around it.
    private static func ask(_ sandbox: QuerySandbox, _ sql: String) async throws -> [[Value]] {
        let translated = AthenaDialect.translate(sql)
        try await sandbox.check(translated)
        return try await sandbox.connection.rows(translated)
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
            "FROM query('SELECT 1')",
        ])
    func allowsReading(sql: String) async throws {
        try await Self.open { sandbox, _ in _ = try await Self.ask(sandbox, sql) }
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

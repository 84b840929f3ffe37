import DuckDB
import Testing

@testable import Query

@Suite("Row formats")
struct RowWriterTests {
    private static func write(
        _ format: QueryRequest.Format, _ sql: String, tableRows: Int = 1_000
    ) async throws -> String {
        let connection = try Connection(Database())
        return try await connection.perform { connection in
            var writer = RowWriters.make(format, tableRows: tableRows)
            var text = ""
            try connection.stream(sql, header: { text += writer.begin($0) }) { chunk in
                for row in chunk.rows() { text += writer.row(row) }
                return true
            }
            return text + writer.end()
        }
    }

    private static let mixed = """
        SELECT * FROM (VALUES (1, 'a "b", c', [1, NULL], MAP {'k': ['v']}, {'x': 1.50::DECIMAL(4,2), 'y': 'nan'::DOUBLE}),
          (NULL, '', [], MAP {}, NULL)) t(id, "te""xt", list, map, struct)
        """

    @Test("JSON is an array of objects, and valid when there are no rows")
    func json() async throws {
        #expect(
            try await Self.write(.json, Self.mixed) == #"""
                [
                {"id":1,"te\"xt":"a \"b\", c","list":[1,null],"map":{"k":["v"]},"struct":{"x":1.50,"y":"nan"}},
                {"id":null,"te\"xt":"","list":[],"map":{},"struct":null}
                ]

                """#)
        #expect(try await Self.write(.json, "SELECT 1 WHERE false") == "[]\n")
    }

    @Test("NDJSON is an object a line")
    func ndjson() async throws {
        let text = try await Self.write(.ndjson, "SELECT i, chr(10) || chr(1) AS c FROM range(2) t(i)")
        #expect(text == "{\"i\":0,\"c\":\"\\n\\u0001\"}\n{\"i\":1,\"c\":\"\\n\\u0001\"}\n")
        #expect(try await Self.write(.ndjson, "SELECT 1 WHERE false") == "")
    }

    @Test("CSV quotes as RFC 4180 says, ends rows with a line feed, and tells NULL from an empty text")
    func csv() async throws {
        let sql = "SELECT 1 AS a, 'x,\"y\"' AS \"b,c\", '' AS d, NULL AS e, [1, 2] AS f"
        #expect(
            try await Self.write(.csv, sql) == "a,\"b,c\",d,e,f\n1,\"x,\"\"y\"\"\",\"\",,\"[1,2]\"\n")
        #expect(try await Self.write(.csv, "SELECT 1 AS a WHERE false") == "a\n")
    }

    @Test("a table is aligned, shows the first rows and counts all")
    func table() async throws {
        let text = try await Self.write(
            .table, "SELECT i AS n, 'row ' || i AS name FROM range(9, 12) t(i)", tableRows: 2)
        #expect(
            text == """
                 n  name
                ──  ──────
                 9  row 9
                10  row 10
                (3 rows, the first 2 shown)

                """)
    }
}

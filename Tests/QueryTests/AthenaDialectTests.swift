import Testing

@testable import Query

@Suite("AthenaDialect")
struct AthenaDialectTests {
    @Test(
        "a cross join with UNNEST becomes lateral",
        arguments: [
            (
                "SELECT * FROM m CROSS JOIN UNNEST(destination) AS t(email)",
                "SELECT * FROM m CROSS JOIN LATERAL (SELECT unnest(destination)) AS t(email)"
            ),
            (
                "FROM m cross\njoin unnest (f(a, b)) t (x) WHERE 1",
                "FROM m CROSS JOIN LATERAL (SELECT unnest(f(a, b))) AS t(x) WHERE 1"
            ),
            (
                "FROM m CROSS JOIN UNNEST(tags) AS t(k, v)",
                "FROM m CROSS JOIN LATERAL (SELECT unnest(map_keys(tags)), unnest(map_values(tags))) AS t(k, v)"
            ),
        ])
    func rewrites(athena: String, expected: String) {
        #expect(AthenaDialect.translate(athena) == expected)
    }

    @Test(
        "everything else stays letter for letter",
        arguments: [
            "SELECT 'CROSS JOIN UNNEST(a) AS t(b)'", "SELECT \"cross join unnest(a) as t(b)\"",
            "SELECT 1 -- CROSS JOIN UNNEST(a) AS t(b)", "SELECT 1 /* CROSS JOIN UNNEST(a) AS t(b) */",
            "SELECT 'it''s', unnest(a) FROM t CROSS JOIN u",
            "FROM a CROSS JOIN LATERAL (SELECT unnest(b)) AS t(c)",
            "SELECT 'open", "SELECT ünï🙂 FROM t", "",
        ])
    func keeps(sql: String) {
        #expect(AthenaDialect.translate(sql) == sql)
    }

    @Test(
        "tokens end where DuckDB ends them",
        arguments: [
            ("/* /* ; */ ; */ x", ["/* /* ; */ ; */", " ", "x"]), ("-- a\rb", ["-- a", "\r", "b"]),
            ("-- a\r\nb", ["-- a", "\r\n", "b"]), (#"e'\';'"#, ["e", #"'\';'"#]),
            (#"'\';'"#, [#"'\'"#, ";", "'"]),
            ("$$ ; ' $$;", ["$$ ; ' $$", ";"]), ("$a$ $$ $a$;", ["$a$ $$ $a$", ";"]),
            ("$1;", ["$", "1", ";"]),
        ])
    func tokens(sql: String, expected: [String]) {
        #expect(AthenaDialect.tokenize(sql) == expected)
    }

    @Test("semicolons part statements, but not inside quotes and comments")
    func splits() {
        #expect(
            StatementSplitter.split("SELECT 1; SELECT ';' -- ;\n;; \n") == ["SELECT 1", " SELECT ';' -- ;\n"])
        #expect(StatementSplitter.isComplete("SELECT 1; -- done"))
        #expect(StatementSplitter.split("SELECT 1; -- done") == ["SELECT 1"])
        #expect(!StatementSplitter.isComplete("SELECT ';'"))
        #expect(!StatementSplitter.isComplete("SELECT 1 -- ;"))
    }
}

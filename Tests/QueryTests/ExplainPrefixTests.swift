import Testing

@testable import Query

@Suite("ExplainPrefix")
struct ExplainPrefixTests {
    @Test(
        "what is explained is found behind the plain forms",
        arguments: [
            ("EXPLAIN SELECT 1", "SELECT 1"), ("explain analyze\tFROM t", "FROM t"),
            ("EXPLAIN (ANALYZE, FORMAT json) COPY t TO 'x'", "COPY t TO 'x'"),
            ("EXPLAIN(ANALYZE)SELECT 1", "SELECT 1"),
            ("EXPLAIN ANALYZE (SELECT a FROM t)", "(SELECT a FROM t)"),
            ("EXPLAIN (SELECT 1) UNION SELECT 2", "(SELECT 1) UNION SELECT 2"),
            ("EXPLAIN (from t)", "(from t)"),
        ])
    func finds(sql: String, explained: String) {
        #expect(ExplainPrefix.drop(from: sql) == explained)
    }

    @Test(
        "what is no EXPLAIN, or hides one behind a comment, is not guessed at",
        arguments: [
            "SELECT 1", "/* */ EXPLAIN SELECT 1", "EXPLAINSELECT 1", "EXPLAIN", "EXPLAIN ANALYZE ", "",
        ])
    func refuses(sql: String) {
        #expect(ExplainPrefix.drop(from: sql) == nil)
    }
}

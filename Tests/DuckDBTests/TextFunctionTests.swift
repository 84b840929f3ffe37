import DuckDB
import Testing

@Suite("Functions of SQL in Swift")
struct TextFunctionTests {
    private let repeated = TextFunction("test_repeated", [.text, .integer]) { arguments in
        let (text, count) = (Array(arguments.text(0)), arguments.integer(1))
        return count < 0 ? nil : (0..<count).flatMap { _ in text }
    }

    @Test("a function is called for each row, NULL in is NULL out, and nil is NULL")
    func rows() async throws {
        let connection = try Connection(try Database())
        try await connection.register(repeated)
        let rows = try await connection.rows(
            """
            SELECT test_repeated(text, count) FROM (VALUES (1, 'ab', 2), (2, NULL, 2), (3, 'ab', -1), (4, 'ab', 0),
                (5, 'a longer text', 3)) AS t (id, text, count) ORDER BY id
            """)
        #expect(
            rows.map { $0[0] } == [
                .text("abab"), .null, .null, .text(""), .text("a longer texta longer texta longer text"),
            ])
    }

    @Test("many rows on all threads, once each")
    func many() async throws {
        let connection = try Connection(try Database())
        try await connection.register(repeated)
        let rows = try await connection.rows(
            "SELECT count(*), sum(length(x)), count(DISTINCT x) FROM (SELECT test_repeated(i::VARCHAR, 2) AS x FROM range(100000) AS r (i))"
        )
        #expect(rows[0][0].integer == 100_000)
        #expect(rows[0][2].integer == 100_000)
    }

    @Test("every connection of the database knows it, and it may be registered again")
    func shared() async throws {
        let database = try Database()
        let (one, other) = (try Connection(database), try Connection(database))
        try await one.register(repeated)
        try await other.register(repeated)
        #expect(try await other.rows("SELECT test_repeated('x', 3)")[0][0] == .text("xxx"))
    }
}

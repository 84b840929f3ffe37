import DuckDB
import Primitives

/// What the check found a statement to be.
struct CheckedStatement {
    /// The statement, without a semicolon at its end.
    let sql: String
    /// Whether DuckDB's parser makes several statements of it, the last of which gives the rows: a PIVOT that finds its
    /// values itself.
    let isExpanded: Bool

    /// Lets the parts of an expanded statement run: types of values, then the SELECT.
    static func permit(_ kind: StatementKind, isLast: Bool) throws {
        guard isLast ? [.select, .explain].contains(kind) : kind == .create else {
            throw StatementCheck.refusal("\(kind)".uppercased())
        }
    }
}

/// Tells a statement that reads from one that does not.
struct StatementCheck {
    let connection: Connection

    /// - Throws: ``Failure`` of kind refused, or usage with DuckDB's message.
    func check(_ text: String) async throws -> CheckedStatement {
        let count = try await connection.statementCount(text)
        guard count > 0, let sql = StatementSplitter.split(text).first else {
            throw Failure(.usage, "there is no statement; write a SELECT")
        }
        // Some statements, such as PRAGMA, call themselves a SELECT once they are bound: the first word counts as well.
        let first = AthenaDialect.firstWord(sql)
        guard Self.readers.contains(first) else {
            throw count == 1 ? Self.refusal(first) : Self.several(count)
        }
        if let call = FunctionRules.refusedCall(in: text) {
            throw Failure(
                .refused, "\(call) is not allowed: it changes the engine or hides what runs; leave it out")
        }
        if count > 1 {
            try await checkExpanded(sql, count, explains: first == "EXPLAIN")
            return CheckedStatement(sql: sql, isExpanded: true)
        }
        let kinds = try await connection.statementKinds(sql)
        switch kinds {
        case [.select]: break
        case [.explain]: try await checkExplained(sql)
        default: throw Self.refusal(kinds.first.map { "\($0)".uppercased() } ?? "nothing")
        }
        return CheckedStatement(sql: sql, isExpanded: false)
    }

    /// EXPLAIN ANALYZE runs what it explains, a COPY over the lake's own files included; so that is checked as well.
    private func checkExplained(_ sql: String) async throws {
        guard let explained = ExplainPrefix.drop(from: sql) else {
            throw Failure(
                .refused,
                "EXPLAIN is only allowed as EXPLAIN, EXPLAIN ANALYZE or EXPLAIN (options) before a SELECT")
        }
        let kind = try await connection.statementKinds(explained).first
        guard kind == .select else {
            throw Self.refusal("EXPLAIN of \(kind.map { "\($0)".uppercased() } ?? "nothing")")
        }
    }

    /// Whether the several statements that DuckDB's parser sees were made by it of a single one.
    ///
    /// Between parentheses a grammar has no room for a second statement, and what parses without them cannot end them
    /// early: text that parses both ways is one query.
    private func checkExpanded(_ sql: String, _ count: Int, explains: Bool) async throws {
        guard !explains, let inside = try? await connection.statementCount("FROM (\n\(sql)\n)"),
            inside == count,
            try await connection.statementCount(sql) == count
        else {
            guard explains, let explained = ExplainPrefix.drop(from: sql),
                (try? await connection.statementCount("FROM (\n\(explained)\n)")) != nil
            else { throw Self.several(count) }
            throw Failure(
                .refused,
                "EXPLAIN of a PIVOT needs its values: write PIVOT … ON column IN (…), or leave EXPLAIN out")
        }
    }

    private static let readers: Set<String> = [
        "SELECT", "WITH", "FROM", "VALUES", "EXPLAIN", "DESCRIBE", "DESC", "SHOW", "SUMMARIZE", "TABLE",
        "PIVOT", "UNPIVOT",
    ]

    static func refusal(_ what: String) -> Failure {
        Failure(
            .refused,
            "\(what) is not allowed: queries read the lake and change nothing; write a SELECT, EXPLAIN, DESCRIBE or SHOW"
        )
    }

    private static func several(_ count: Int) -> Failure {
        Failure(.refused, "there are \(count) statements; send them one at a time")
    }
}

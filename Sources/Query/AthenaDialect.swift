/// Lets statements written for Athena run: the forms of theirs that DuckDB reads otherwise.
enum AthenaDialect {
    /// `CROSS JOIN UNNEST(list) AS t(name)` becomes a lateral join; everything else stays as it is, letter for letter.
    static func translate(_ sql: String) -> String {
        var tokens = tokenize(sql)
        var index = 0
        while index < tokens.count {
            if let end = rewriteUnnest(&tokens, at: index) { index = end } else { index += 1 }
        }
        return tokens.joined()
    }

    /// Rewrites the join that begins at a token; nil if none does.
    private static func rewriteUnnest(_ tokens: inout [String], at start: Int) -> Int? {
        guard tokens[start].lowercased() == "cross" else { return nil }
        var reader = TokenReader(tokens: tokens, index: start)
        guard reader.take("cross"), reader.take("join"), reader.take("unnest") else { return nil }
        guard let argument = reader.takeParentheses() else { return nil }
        _ = reader.take("as")
        guard let table = reader.takeName(), let columns = reader.takeParentheses() else { return nil }
        let names = columns.split(separator: ",").map { $0.trimmed }
        let list = argument.trimmed
        // A map gives two columns, a list one.
        let source =
            names.count == 2
            ? "SELECT unnest(map_keys(\(list))), unnest(map_values(\(list)))" : "SELECT unnest(\(list))"
        let rewritten = "CROSS JOIN LATERAL (\(source)) AS \(table)(\(columns))"
        tokens.replaceSubrange(start..<reader.index, with: [rewritten])
        return start + 1
    }

    /// The first word of a statement, in upper case, whatever white space, comments and parentheses stand before it.
    static func firstWord(_ sql: String) -> String {
        (tokenize(sql).first { !isSpace($0) && $0 != "(" } ?? "").uppercased()
    }

    /// Whether a token is white space or a comment.
    static func isSpace(_ token: String) -> Bool {
        token.first?.isWhitespace == true || token.hasPrefix("--") || token.hasPrefix("/*")
    }

    /// Words, quoted texts, comments, white space and single characters; joined they are the statement.
    static func tokenize(_ sql: String) -> [String] {
        var tokens: [String] = []
        var rest = Substring(sql)
        while !rest.isEmpty {
            let end = TokenEnd.find(in: rest, after: tokens.last)
            tokens.append(String(rest[..<end]))
            rest = rest[end...]
        }
        return tokens
    }
}

private struct TokenReader {
    let tokens: [String]
    var index: Int

    private mutating func skipSpace() {
        while index < tokens.count, AthenaDialect.isSpace(tokens[index]) { index += 1 }
    }

    mutating func take(_ word: String) -> Bool {
        skipSpace()
        guard index < tokens.count, tokens[index].lowercased() == word else { return false }
        index += 1
        return true
    }

    mutating func takeName() -> String? {
        skipSpace()
        guard index < tokens.count, let first = tokens[index].first,
            first.isLetter || first == "_" || first == "\""
        else {
            return nil
        }
        index += 1
        return tokens[index - 1]
    }

    /// What stands between matching parentheses.
    mutating func takeParentheses() -> String? {
        skipSpace()
        guard index < tokens.count, tokens[index] == "(" else { return nil }
        var depth = 0
        let start = index + 1
        while index < tokens.count {
            if tokens[index] == "(" { depth += 1 }
            if tokens[index] == ")" { depth -= 1 }
            index += 1
            if depth == 0 { return tokens[start..<index - 1].joined() }
        }
        return nil
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}

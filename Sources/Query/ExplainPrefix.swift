/// Finds the statement that an EXPLAIN explains.
///
/// Only forms that no two readers of SQL take differently are understood: words, white space and a list of plain words in
/// parentheses, with no comment or quote among them. What follows is then, letter for letter, what DuckDB will run.
enum ExplainPrefix {
    /// The explained statement; nil if `sql` is no EXPLAIN of a plain form.
    static func drop(from sql: String) -> String? {
        var rest = dropSpace(Substring(sql))
        guard takeWord("EXPLAIN", &rest) else { return nil }
        _ = takeWord("ANALYZE", &rest)
        if rest.first == "(", let options = options(rest) { rest = options }
        return rest.isEmpty ? nil : String(rest)
    }

    /// Behind `(ANALYZE, FORMAT json)`; nil if the parenthesis opens a query.
    private static func options(_ text: Substring) -> Substring? {
        guard let end = text.firstIndex(of: ")") else { return nil }
        let inside = text[text.index(after: text.startIndex)..<end]
        guard inside.allSatisfy({ ($0.isASCII && $0.isLetter) || $0.isWhitespace || $0 == "," || $0 == "_" })
        else {
            return nil
        }
        // These words are reserved: no option is called so.
        let first = inside.split(whereSeparator: \.isWhitespace).first?.uppercased() ?? ""
        guard !["SELECT", "FROM", "WITH", "TABLE"].contains(first) else { return nil }
        return dropSpace(text[text.index(after: end)...])
    }

    private static func takeWord(_ word: String, _ text: inout Substring) -> Bool {
        guard text.prefix(word.count).uppercased() == word else { return false }
        let rest = text.dropFirst(word.count)
        guard let next = rest.first, next.isWhitespace || next == "(" else { return false }
        text = dropSpace(rest)
        return true
    }

    private static func dropSpace(_ text: Substring) -> Substring { text.drop { $0.isWhitespace } }
}

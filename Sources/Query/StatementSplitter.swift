/// Takes a text of several statements apart at its semicolons.
public enum StatementSplitter {
    /// The statements, without their semicolons; empty ones are left out.
    public static func split(_ text: String) -> [String] {
        var statements = [""]
        for token in AthenaDialect.tokenize(text) {
            if token == ";" { statements.append("") } else { statements[statements.count - 1] += token }
        }
        return statements.filter { statement in statement.contains { !$0.isWhitespace } }
    }

    /// Whether the text ends with a semicolon that ends a statement.
    public static func isComplete(_ text: String) -> Bool {
        AthenaDialect.tokenize(text).last {
            $0.first?.isWhitespace != true && !$0.hasPrefix("--") && !$0.hasPrefix("/*")
        } == ";"
    }
}

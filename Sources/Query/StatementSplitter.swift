/// Takes a text of several statements apart at its semicolons.
public enum StatementSplitter {
    /// The statements, without their semicolons; empty ones and those of comments alone are left out.
    public static func split(_ text: String) -> [String] {
        var statements: [[String]] = [[]]
        for token in AthenaDialect.tokenize(text) {
            if token == ";" { statements.append([]) } else { statements[statements.count - 1].append(token) }
        }
        return statements.filter { !$0.allSatisfy(AthenaDialect.isSpace) }.map { $0.joined() }
    }

    /// Whether the text ends with a semicolon that ends a statement.
    public static func isComplete(_ text: String) -> Bool {
        AthenaDialect.tokenize(text).last { !AthenaDialect.isSpace($0) } == ";"
    }
}

/// The names that TAB completes.
struct PromptNames: Sendable {
    /// The words that begin with a point.
    static let commands = [".help", ".mode", ".quit", ".schema", ".tables", ".timing"]

    private let columns: [String: [String]]
    private let words: [String]

    /// Completion over tables and views with their columns.
    init(columns: [String: [String]] = [:]) {
        self.columns = columns
        let names = Set(columns.keys.map(Self.quoted)).union(columns.values.joined().map(Self.quoted))
        words = names.sorted() + PromptNames.keywords
    }

    /// The tables and views.
    var tables: [String] { columns.keys.sorted() }

    /// What `word` can become: after a point, the columns of the table before it. Keywords keep the case that was begun.
    func complete(_ word: String) -> [String] {
        if word.hasPrefix(".") { return Self.commands.filter { $0.hasPrefix(word) } }
        if let point = word.lastIndex(of: ".") {
            let table = word[..<point].lowercased()
            let start = word[word.index(after: point)...].lowercased()
            let names = columns[table] ?? []
            return names.filter { $0.lowercased().hasPrefix(start) }.sorted().map { word[...point] + $0 }
        }
        guard let first = word.first else { return tables }
        return words.filter { $0.lowercased().hasPrefix(word.lowercased()) }
            .map { Self.keywords.contains($0) && first.isLowercase ? $0.lowercased() : $0 }
    }

    /// The name as SQL takes it: in quotes where it is no word.
    private static func quoted(_ name: String) -> String {
        let isWord =
            name.first?.isNumber == false && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
        return isWord ? name : "\"\(name)\""
    }

    private static let keywords = [
        "AND", "AS", "ASC", "BETWEEN", "BY", "CASE", "CAST", "COUNT", "CROSS", "DESC", "DESCRIBE", "DISTINCT",
        "ELSE", "END",
        "EXISTS", "EXPLAIN", "FILTER", "FROM", "FULL", "GROUP", "HAVING", "ILIKE", "INNER", "INTERVAL", "IS",
        "JOIN",
        "LATERAL", "LEFT", "LIKE", "LIMIT", "NOT", "NULL", "OFFSET", "ON", "OR", "ORDER", "OVER", "PARTITION",
        "QUALIFY",
        "RIGHT", "SELECT", "SHOW", "SUMMARIZE", "TABLE", "THEN", "UNION", "UNNEST", "USING", "VALUES", "WHEN",
        "WHERE",
        "WINDOW", "WITH",
    ]
}

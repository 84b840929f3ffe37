import DuckDB
import Primitives

extension Connection {
    /// The rows of a small result as text; NULL is nil. Columns other than text and numbers are cast in `sql`.
    func texts(_ sql: String) throws(Failure) -> [[String?]] {
        try rows(sql).map { row in
            row.map { value in if case .null = value { nil } else { value.description } }
        }
    }
}

extension SQL {
    /// A list of string literals in brackets.
    static func list(_ texts: some Sequence<String>) -> String {
        "[" + texts.map(SQL.literal).joined(separator: ", ") + "]"
    }
}

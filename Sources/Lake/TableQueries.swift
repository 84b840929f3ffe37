import DuckDB
import Primitives

extension SQL {
    /// A list of string literals in brackets.
    static func list(_ texts: some Sequence<String>) -> String {
        "[" + texts.map(SQL.literal).joined(separator: ", ") + "]"
    }
}

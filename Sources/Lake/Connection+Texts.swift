import DuckDB

extension Connection {
    /// All rows with every value as DuckDB prints it; nil is NULL.
    func texts(_ sql: String) throws -> [[String?]] {
        try rows(sql).map { row in row.map { $0 == .null ? nil : $0.description } }
    }
}

import DuckDB
import Primitives

/// Writes a statement's rows into a Parquet file.
enum ResultFile {
    /// The statement was found to be one query, so it is one between parentheses too: it cannot end them early.
    static func write(_ statement: CheckedStatement, to file: String, _ connection: Connection) async throws {
        var sql = "(\n\(statement.sql)\n)"
        if statement.isExpanded {
            // What its columns are is known only once it has run.
            try await connection.execute("CREATE TEMP TABLE expanded_result AS \(sql)")
            sql = "FROM expanded_result"
        }
        let casts = try await casts(sql, connection)
        let exact = casts.isEmpty ? sql : "SELECT * REPLACE (\(casts.joined(separator: ", "))) FROM (\(sql))"
        try await connection.execute(
            "COPY (\(exact)) TO \(SQL.literal(file)) (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)")
    }

    /// Parquet has no 128-bit integers, and DuckDB would write them, every `sum` of integers among them, as doubles that
    /// lose digits. A decimal of 38 digits, the most that readers of Parquet and Delta share, keeps them; what has more
    /// fails.
    private static func casts(_ sql: String, _ connection: Connection) async throws -> [String] {
        let columns = try await connection.columns(sql)
        let names = Set(columns.map { $0.name.lowercased() })
        // Columns of one name cannot be told apart.
        guard names.count == columns.count else { return [] }
        return columns.compactMap { column in
            let exact = column.type.withoutHugeIntegers
            guard exact != column.type else { return nil }
            let name = SQL.identifier(column.name)
            return "CAST(\(name) AS \(exact.sql)) AS \(name)"
        }
    }
}

extension ColumnType {
    /// The type with decimals of 38 digits where it has 128-bit integers.
    var withoutHugeIntegers: ColumnType {
        switch self {
        case .scalar(.hugeint), .scalar(.uhugeint): .decimal(width: 38, scale: 0)
        case .list(let element): .list(element.withoutHugeIntegers)
        case .array(let element, let count): .array(element.withoutHugeIntegers, count: count)
        case .map(let key, let value):
            .map(key: key.withoutHugeIntegers, value: value.withoutHugeIntegers)
        case .structure(let fields):
            .structure(fields.map { Field(name: $0.name, type: $0.type.withoutHugeIntegers) })
        default: self
        }
    }
}

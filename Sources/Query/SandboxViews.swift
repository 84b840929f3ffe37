import DuckDB
import Primitives

/// The catalog's tables and views, made in DuckDB when they are needed.
///
/// A view costs DuckDB a look at its files, and most statements name one or two of twenty-odd.
final class SandboxViews {
    private var catalog: QueryCatalog
    private let connection: Connection
    private var made: Set<String> = []
    private var isComplete = false

    init(_ catalog: QueryCatalog, connection: Connection) {
        self.catalog = catalog
        self.connection = connection
    }

    /// The names under which users of the reference systems know their database.
    private static let schemas = ["ses_event_db", "ses_event_data_database"]

    /// Statements with these words look at the catalog itself.
    private static func readsCatalog(_ word: String) -> Bool {
        ["show", "information_schema", "sqlite_master", "sqlite_schema"].contains(word)
            || ["duckdb_", "pg_", "pragma_"].contains { word.hasPrefix($0) }
    }

    /// Makes what a statement names, and what that depends on.
    func make(for sql: String) async throws {
        let words = Self.words(sql)
        let names = catalog.tables.map(\.name) + catalog.views.map(\.name)
        let named = names.filter { Self.isNamed($0.lowercased(), in: sql, words) }
        let describesAll = named.isEmpty && !words.isDisjoint(with: ["describe", "desc"])
        if describesAll || words.contains(where: Self.readsCatalog) {
            _ = try await makeAll()
            return
        }
        for name in named { try await make(name) }
        for schema in Self.schemas where words.contains(schema) {
            for name in named { try await alias(name, in: schema) }
        }
    }

    /// Makes all that the catalog has.
    ///
    /// - Returns: whether anything was missing.
    func makeAll() async throws -> Bool {
        guard !isComplete else { return false }
        for name in catalog.tables.map(\.name) + catalog.views.map(\.name) {
            try await make(name)
            for schema in Self.schemas { try await alias(name, in: schema) }
        }
        isComplete = true
        return true
    }

    /// Forgets what another catalog has otherwise, so that it is made anew when it is named.
    func change(to new: QueryCatalog) {
        // Views are made over tables, and each may stand in several schemas.
        let keeps = catalog.views.isEmpty && new.views.isEmpty
        made.formIntersection(keeps ? new.tables.filter(catalog.tables.contains).map(\.name) : [])
        (catalog, isComplete) = (new, false)
    }

    private func make(_ name: String) async throws {
        guard made.insert(name).inserted else { return }
        if let table = catalog.tables.first(where: { $0.name == name }) {
            try await make(table)
        } else if let view = catalog.views.first(where: { $0.name == name }) {
            let words = Self.words(view.sql)
            for other in catalog.tables.map(\.name) + catalog.views.map(\.name)
            where other != name && words.contains(other.lowercased()) {
                try await make(other)
            }
            try await connection.execute("CREATE OR REPLACE VIEW \(SQL.identifier(name)) AS \(view.sql)")
        }
    }

    private func make(_ table: QueryCatalog.Table) async throws {
        let view = "CREATE OR REPLACE VIEW \(SQL.identifier(table.name)) AS "
        let files = "[" + table.files.map(SQL.literal).joined(separator: ", ") + "]"
        if table.files.isEmpty {
            let name = "without_files." + SQL.identifier(table.name)
            try await connection.execute(
                "CREATE SCHEMA IF NOT EXISTS without_files; CREATE OR REPLACE TABLE \(name) (\(table.columns));\(view)FROM \(name)"
            )
        } else if let definition = table.definition {
            try await connection.execute(view + definition.replacing("$files", with: files))
        } else if let columns = table.uniformColumns, !columns.isEmpty {
            // The first file tells the types of all.
            let names = columns.map(SQL.identifier).joined(separator: ", ")
            try await connection.execute(
                view + "SELECT \(names) FROM read_parquet(\(files), hive_partitioning = false)")
        } else {
            try await connection.execute(
                view + "FROM read_parquet(\(files), hive_partitioning = false, union_by_name = true)")
        }
    }

    private func alias(_ name: String, in schema: String) async throws {
        guard made.insert("\(schema).\(name)").inserted else { return }
        let quoted = SQL.identifier(name)
        try await connection.execute(
            "CREATE SCHEMA IF NOT EXISTS \(schema); CREATE OR REPLACE VIEW \(schema).\(quoted) AS FROM main.\(quoted)"
        )
    }

    /// Whether a text names a table; one whose name is no word stands there in quotes.
    private static func isNamed(_ name: String, in sql: String, _ words: Set<String>) -> Bool {
        if words.contains(name) { return true }
        let isWord = name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
        return !isWord && sql.lowercased().contains(name)
    }

    /// The words of a text in lower case, also those in quotes: a name may stand in any.
    private static func words(_ text: String) -> Set<String> {
        Set(
            text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map { $0.lowercased() })
    }
}

import DuckDB
import Primitives

/// A DuckDB instance in which one statement of a user runs: it reads the catalog's files and nothing else.
///
/// Views over the files are made first. Then the doors close: no file but the snapshot's, no network, no extension, and
/// no setting can be changed any more. What is left to a statement is to be a single SELECT (or to describe one), which
/// is checked before it runs.
struct QuerySandbox {
    let connection: Connection

    init(_ request: QueryRequest) async throws {
        let threads = "2"
        let database = try Database(configuration: [
            "memory_limit": "\((request.memoryBytes / 2) >> 20)MB", "threads": threads,
            "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
            // Nothing is ever spilled to a disk that the statement could fill.
            "temp_directory": "", "max_temp_directory_size": "0KB",
        ])
        connection = try Connection(database, label: "sesame.query")
        try await connection.execute("SET TimeZone = 'UTC'; SET parquet_metadata_cache = true")
        try await define(request.catalog)
        let readable = request.catalog.tables.flatMap(\.files)
        let files = Set(readable + [request.parquetFile].compactMap(\.self)).sorted().map(SQL.literal).joined(
            separator: ", ")
        try await connection.execute(
            """
            SET allowed_paths = [\(files)];
            SET enable_external_access = false;
            SET lock_configuration = true;
            """)
    }

    private func define(_ catalog: QueryCatalog) async throws {
        try await connection.execute("CREATE SCHEMA without_files")
        for table in catalog.tables {
            let source: String
            if table.files.isEmpty {
                let columns = table.columns
                let name = "without_files." + SQL.identifier(table.name)
                try await connection.execute("CREATE TABLE \(name) (\(columns))")
                source = "SELECT * FROM \(name)"
            } else {
                let files = "[" + table.files.map(SQL.literal).joined(separator: ", ") + "]"
                source =
                    table.definition?.replacing("$files", with: files)
                    ?? "SELECT * FROM read_parquet(\(files), hive_partitioning = false, union_by_name = true)"
            }
            try await connection.execute("CREATE VIEW \(SQL.identifier(table.name)) AS \(source)")
        }
        for view in catalog.views {
            try await connection.execute("CREATE VIEW \(SQL.identifier(view.name)) AS \(view.sql)")
        }
        // The names under which users of the reference systems know their database.
        for schema in ["ses_event_db", "ses_event_data_database"] {
            try await connection.execute("CREATE SCHEMA \(schema)")
            for name in catalog.tables.map(\.name) + catalog.views.map(\.name) {
                let quoted = SQL.identifier(name)
                try await connection.execute(
                    "CREATE VIEW \(schema).\(quoted) AS SELECT * FROM main.\(quoted)")
            }
        }
    }

    /// Says no to everything but one statement that only reads.
    ///
    /// - Throws: ``Failure`` of kind refused, or usage with the parser's message.
    func check(_ sql: String) async throws {
        let count = try await connection.statementCount(sql)
        guard count > 0 else { throw Failure(.usage, "there is no statement; write a SELECT") }
        guard count == 1 else {
            throw Failure(.refused, "there are \(count) statements; send them one at a time")
        }
        // Some statements, such as PRAGMA, call themselves a SELECT once they are bound: the first word counts as well.
        let first = AthenaDialect.firstWord(sql)
        guard Self.readers.contains(first) else { throw Self.refusal(first) }
        let kind = try await connection.statementKinds(sql)[0]
        switch kind {
        case .select: return
        case .explain: try await checkExplained(sql)
        default: throw Self.refusal("\(kind)".uppercased())
        }
    }

    /// EXPLAIN ANALYZE runs what it explains, a COPY over the lake's own files included; so that is checked as well.
    private func checkExplained(_ sql: String) async throws {
        guard let explained = ExplainPrefix.drop(from: sql) else {
            throw Failure(
                .refused,
                "EXPLAIN is only allowed as EXPLAIN, EXPLAIN ANALYZE or EXPLAIN (options) before a SELECT")
        }
        let kind = try await connection.statementKinds(explained).first
        guard kind == .select else {
            throw Self.refusal("EXPLAIN of \(kind.map { "\($0)".uppercased() } ?? "nothing")")
        }
    }

    private static let readers: Set<String> = [
        "SELECT", "WITH", "FROM", "VALUES", "EXPLAIN", "DESCRIBE", "DESC", "SHOW", "SUMMARIZE", "TABLE",
        "PIVOT", "UNPIVOT",
    ]

    private static func refusal(_ what: String) -> Failure {
        Failure(
            .refused,
            "\(what) is not allowed: queries read the lake and change nothing; write a SELECT, EXPLAIN, DESCRIBE or SHOW"
        )
    }
}

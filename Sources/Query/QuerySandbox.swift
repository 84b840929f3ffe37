import DuckDB
import Primitives

/// A DuckDB instance in which users' statements read one catalog's files and nothing else.
///
/// Its doors close before the first statement: no file but the snapshot's, no network, no extension, and no setting can be
/// changed any more. Views over the files are made when a statement names them. What is left to a statement is to be a
/// single SELECT (or to describe one), which is checked before it runs; see ``check(_:on:)``. Each has a connection of its
/// own, and with it variables, temporary types and the random seed: nothing that one statement leaves is seen by the next.
final class QuerySandbox {
    private let database: Database
    private let views: SandboxViews

    /// - Parameters:
    ///   - folders: below which all files may be read, for an instance whose catalog will change; nil for the catalog's files alone.
    ///   - resultFile: a file that may be written besides.
    ///   - isOpen: leaves the doors open; for tests of what stands behind them.
    init(
        _ catalog: QueryCatalog, memoryBytes: Int, threads: Int = 2, folders: [String]? = nil,
        resultFile: String? = nil, isOpen: Bool = false
    ) async throws {
        database = try Database(configuration: [
            "memory_limit": "\((memoryBytes / 2) >> 20)MB", "threads": "\(threads)",
            "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
            // Nothing is ever spilled to a disk that the statement could fill.
            "temp_directory": "", "max_temp_directory_size": "0KB",
        ])
        let connection = try Connection(database, label: "sesame.query.views")
        let files = Set(catalog.tables.flatMap(\.files) + [resultFile].compactMap(\.self)).sorted()
        try await connection.execute(
            """
            SET GLOBAL TimeZone = 'UTC';
            -- A file of a lake never changes: what was read of it once holds, for the connections of later statements as well.
            SET GLOBAL parquet_metadata_cache = true;
            SET GLOBAL validate_external_file_cache = 'NO_VALIDATION';
            -- A connection asks for these itself, since they cannot be set for all.
            SET allowed_configs = ['enable_progress_bar', 'enable_progress_bar_print'];
            """)
        if !isOpen {
            let doors = folders.map { ("allowed_directories", $0) } ?? ("allowed_paths", files)
            try await connection.execute(
                """
                SET \(doors.0) = [\(doors.1.map(SQL.literal).joined(separator: ", "))];
                SET enable_external_access = false;
                SET lock_configuration = true;
                """)
        }
        views = SandboxViews(catalog, connection: connection)
    }

    /// Puts another catalog in the place of the present one; only where folders were named.
    func change(to catalog: QueryCatalog) { views.change(to: catalog) }

    /// Where one statement runs, with the views it names.
    func connection(for sql: String) async throws -> Connection {
        try await views.make(for: sql)
        let connection = try Connection(database, label: "sesame.query")
        try await connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
        return connection
    }

    /// Says no to everything but one statement that only reads.
    ///
    /// - Throws: ``Failure`` of kind refused, or usage with DuckDB's message.
    func check(_ sql: String, on connection: Connection) async throws -> CheckedStatement {
        do {
            return try await StatementCheck(connection: connection).check(sql)
        } catch let failure as Failure where failure.message.hasPrefix("Catalog Error") {
            // The name may have been put together; and with all views there, DuckDB suggests the one that was meant.
            guard try await views.makeAll() else { throw failure }
            return try await StatementCheck(connection: connection).check(sql)
        }
    }
}

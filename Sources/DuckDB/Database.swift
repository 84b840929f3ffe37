import CDuckDB
import Primitives

/// One DuckDB instance, in memory or in a file; work happens on its ``Connection``s.
public final class Database: Sendable {
    private let handle: DatabaseHandle

    /// Opens `path`, or a database in memory when there is none.
    ///
    /// `configuration` names DuckDB settings (`memory_limit`, `threads`, …) that hold from the start.
    public init(path: String? = nil, configuration: [String: String] = [:]) throws(Failure) {
        handle = try DatabaseHandle(path: path, configuration: configuration)
    }

    func connect() throws(Failure) -> ConnectionHandle {
        try ConnectionHandle(handle)
    }
}

/// Owns a `duckdb_database`.
///
/// Proof for `@unchecked Sendable`: the pointer is set once, before anyone else sees the object, and DuckDB documents a
/// database as usable from any thread; it is closed when the last connection to it has gone, since each keeps it alive.
private final class DatabaseHandle: @unchecked Sendable {
    let pointer: duckdb_database

    init(path: String?, configuration: [String: String]) throws(Failure) {
        var config: duckdb_config?
        guard duckdb_create_config(&config) == DuckDBSuccess else {
            throw Failure(.limit, "DuckDB cannot allocate its configuration")
        }
        defer { duckdb_destroy_config(&config) }
        for (name, value) in configuration.sorted(by: { $0.key < $1.key })
        where duckdb_set_config(config, name, value) != DuckDBSuccess {
            throw Failure(.usage, "DuckDB has no setting \"\(name)\" that can be \"\(value)\"")
        }
        var database: duckdb_database?
        var message: UnsafeMutablePointer<CChar>?
        let state = duckdb_open_ext(path, &database, config, &message)
        defer { duckdb_free(message) }
        guard state == DuckDBSuccess, let database else {
            throw .engine(message, otherwise: "DuckDB cannot open \(path ?? "a database in memory")")
        }
        pointer = database
    }

    deinit {
        var closing: duckdb_database? = pointer
        duckdb_close(&closing)
    }
}

/// Owns a `duckdb_connection`.
///
/// Proof for `@unchecked Sendable`: the pointer is set once; statements reach it only through the ``Connection`` actor,
/// one at a time, and the one call made from elsewhere (progress) reads atomics inside DuckDB.
final class ConnectionHandle: @unchecked Sendable {
    let pointer: duckdb_connection
    private let database: DatabaseHandle

    fileprivate init(_ database: DatabaseHandle) throws(Failure) {
        var connection: duckdb_connection?
        guard duckdb_connect(database.pointer, &connection) == DuckDBSuccess, let connection else {
            throw Failure(.limit, "DuckDB cannot open another connection")
        }
        pointer = connection
        self.database = database
    }

    deinit {
        var closing: duckdb_connection? = pointer
        duckdb_disconnect(&closing)
    }
}

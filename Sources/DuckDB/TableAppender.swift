import CDuckDB
import Primitives

/// Fills a table a chunk of rows at a time, column by column.
///
/// Write row `rowCount` of every ``column(_:)``, then call ``endRow()``; a full chunk goes to the table by itself.
/// Or write up to ``capacity`` rows column by column and call ``flush(rows:)``.
public final class TableAppender {
    /// The rows of a chunk: 2,048.
    public static let capacity = Int(duckdb_vector_size())

    /// The types of the table's columns, in order.
    public let types: [ColumnType]
    /// Rows of the chunk that are complete, and so the row to write next.
    public private(set) var rowCount = 0
    /// Rows handed to the table so far.
    public private(set) var flushedCount = 0

    private var appender: duckdb_appender?
    private var chunk: duckdb_data_chunk?
    private let nodes: UnsafeMutableBufferPointer<ColumnNode>

    init(_ connection: duckdb_connection, schema: String?, table: String) throws(Failure) {
        var appender: duckdb_appender?
        guard duckdb_appender_create(connection, schema, table, &appender) == DuckDBSuccess else {
            let failure = TableAppender.failure(appender, "table \(table) cannot be appended to")
            duckdb_appender_destroy(&appender)
            throw failure
        }
        self.appender = appender
        var handles = (0..<duckdb_appender_column_count(appender)).map {
            duckdb_appender_column_type(appender, $0)
        }
        chunk = duckdb_create_data_chunk(&handles, idx_t(handles.count))
        types = handles.map { ColumnType(consuming: $0) }
        nodes = .allocate(capacity: types.count)
        _ = nodes.initialize(from: types.map { ColumnNode($0) })
        guard chunk != nil else {
            throw Failure(.usage, "table \(table) has a column of a type that DuckDB cannot append in chunks")
        }
        attach()
    }

    deinit {
        for node in nodes { node.deallocate() }
        nodes.deallocate()
        duckdb_destroy_data_chunk(&chunk)
        // Destroying flushes what was appended; errors of that have been reported by `close`.
        duckdb_appender_destroy(&appender)
    }

    /// The writer of a column. It stays valid across flushes, so fetch it once.
    @inline(__always)
    public func column(_ index: Int) -> ColumnWriter {
        ColumnWriter(nodes.baseAddress.unsafelyUnwrapped + index)
    }

    /// Ends the row that was written, and flushes the chunk if that filled it.
    public func endRow() throws(Failure) {
        rowCount += 1
        if rowCount == TableAppender.capacity { try flush() }
    }

    /// Sends `rows` rows, written column by column, to the table.
    public func flush(rows: Int) throws(Failure) {
        precondition(rows <= TableAppender.capacity, "a chunk holds \(TableAppender.capacity) rows")
        rowCount = rows
        try flush()
    }

    /// Sends the rows that are complete to the table.
    public func flush() throws(Failure) {
        guard rowCount > 0 else { return }
        for index in nodes.indices {
            ColumnNode.publishListSizes(nodes.baseAddress.unsafelyUnwrapped + index)
        }
        duckdb_data_chunk_set_size(chunk, idx_t(rowCount))
        guard duckdb_append_data_chunk(appender, chunk) == DuckDBSuccess else {
            throw TableAppender.failure(appender, "rows cannot be appended")
        }
        flushedCount += rowCount
        rowCount = 0
        duckdb_data_chunk_reset(chunk)
        attach()
    }

    func close() throws(Failure) {
        try flush()
        guard duckdb_appender_close(appender) == DuckDBSuccess else {
            throw TableAppender.failure(appender, "appended rows cannot be stored")
        }
    }

    private func attach() {
        for index in nodes.indices {
            ColumnNode.attach(
                nodes.baseAddress.unsafelyUnwrapped + index, duckdb_data_chunk_get_vector(chunk, idx_t(index))
            )
        }
    }

    private static func failure(_ appender: duckdb_appender?, _ fallback: String) -> Failure {
        var data = duckdb_appender_error_data(appender)
        defer { duckdb_destroy_error_data(&data) }
        guard duckdb_error_data_has_error(data) else { return Failure(.storage, fallback) }
        return .engine(duckdb_error_data_message(data), otherwise: fallback)
    }
}

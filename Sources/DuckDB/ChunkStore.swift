import CDuckDB
import Primitives
import Synchronization

/// Rows in memory that SQL reads in place: filled by ``ChunkStoreWriter``s, read as a table function.
///
/// Rows that live for one batch need no table: appending to one copies, analyses and checks every value, which cost more
/// than decoding it. The function's result has the columns of the table it was made after, and `row_id`, a number that
/// names a row until ``removeAll()``.
///
/// Proof for `@unchecked Sendable`: handles of full chunks are added and listed under the lock and never written again;
/// scans only take references to their vectors.
public final class ChunkStore: @unchecked Sendable {
    /// Proof for `@unchecked Sendable`: the chunk is full and never written again.
    private struct StoredChunk: @unchecked Sendable {
        let handle: duckdb_data_chunk
        let rowCount: Int
        let firstRow: Int64
    }

    private struct Chunks {
        var list: [StoredChunk] = []
        var rowCount: Int64 = 0
    }

    /// The columns, without `row_id`.
    public let columns: [ResultColumn]
    private let types: [duckdb_logical_type?]
    private let chunks = Mutex(Chunks())

    init(columns: [ResultColumn], types: [duckdb_logical_type?]) {
        self.columns = columns
        self.types = types
    }

    deinit {
        removeAll()
        for var type in types { duckdb_destroy_logical_type(&type) }
    }

    /// How many rows the full chunks hold.
    public var rowCount: Int { chunks.withLock { Int($0.rowCount) } }

    /// Forgets all rows. No scan may be running.
    public func removeAll() {
        let old = chunks.withLock { chunks in
            defer { chunks = Chunks() }
            return Addresses(chunks.list.map(\.handle))
        }
        for handle in old.handles {
            var chunk: duckdb_data_chunk? = handle
            duckdb_destroy_data_chunk(&chunk)
        }
    }

    /// Carries handles out of the lock; whoever gets it is their only owner.
    private struct Addresses: @unchecked Sendable {
        let handles: [duckdb_data_chunk]
        init(_ handles: [duckdb_data_chunk]) { self.handles = handles }
    }

    func makeChunk() throws(Failure) -> duckdb_data_chunk {
        var types = types
        guard let chunk = duckdb_create_data_chunk(&types, idx_t(types.count)) else {
            throw Failure(.limit, "no memory for another \(TableAppender.capacity) rows")
        }
        return chunk
    }

    func add(_ chunk: consuming OwnedChunk) {
        let handle = chunk.take()
        let rows = Int(duckdb_data_chunk_get_size(handle.pointer))
        chunks.withLock { chunks in
            chunks.list.append(StoredChunk(handle: handle.pointer, rowCount: rows, firstRow: chunks.rowCount))
            chunks.rowCount += Int64(rows)
        }
    }
}

/// A chunk on its way into the store.
///
/// Proof for `@unchecked Sendable`: it is moved, so one thread has it at a time.
struct OwnedChunk: ~Copyable, @unchecked Sendable {
    struct Pointer: @unchecked Sendable { let pointer: duckdb_data_chunk }
    private let handle: duckdb_data_chunk

    init(_ handle: duckdb_data_chunk) { self.handle = handle }
    consuming func take() -> Pointer { Pointer(pointer: handle) }
}

// MARK: - The table function

extension ChunkStore {
    /// One scan: which chunk comes next, and which columns are wanted.
    private final class Scan: Sendable {
        let next = Atomic<Int>(0)
        let projection: [Int]
        init(projection: [Int]) { self.projection = projection }
    }

    /// Makes the store readable as `SELECT … FROM name()` on every connection of the database.
    func register(_ name: String, on connection: duckdb_connection) throws(Failure) {
        var function: duckdb_table_function? = duckdb_create_table_function()
        defer { duckdb_destroy_table_function(&function) }
        duckdb_table_function_set_name(function, name)
        duckdb_table_function_supports_projection_pushdown(function, true)
        duckdb_table_function_set_extra_info(function, Unmanaged.passRetained(self).toOpaque()) { info in
            if let info { Unmanaged<ChunkStore>.fromOpaque(info).release() }
        }
        duckdb_table_function_set_bind(function) { info in
            guard let extra = duckdb_bind_get_extra_info(info) else { return }
            Unmanaged<ChunkStore>.fromOpaque(extra).takeUnretainedValue().bind(info)
        }
        duckdb_table_function_set_init(function) { info in
            let projection = (0..<duckdb_init_get_column_count(info)).map {
                Int(duckdb_init_get_column_index(info, $0))
            }
            duckdb_init_set_max_threads(info, 64)
            duckdb_init_set_init_data(info, Unmanaged.passRetained(Scan(projection: projection)).toOpaque()) {
                scan in
                if let scan { Unmanaged<Scan>.fromOpaque(scan).release() }
            }
        }
        duckdb_table_function_set_function(function) { info, output in
            guard let extra = duckdb_function_get_extra_info(info),
                let data = duckdb_function_get_init_data(info)
            else {
                return
            }
            let scan = Unmanaged<Scan>.fromOpaque(data).takeUnretainedValue()
            Unmanaged<ChunkStore>.fromOpaque(extra).takeUnretainedValue().fill(output, scan)
        }
        guard duckdb_register_table_function(connection, function) == DuckDBSuccess else {
            throw Failure(.usage, "there is a table function \(name) already")
        }
    }

    private func bind(_ info: duckdb_bind_info?) {
        for (column, type) in zip(columns, types) { duckdb_bind_add_result_column(info, column.name, type) }
        var number = duckdb_create_logical_type(DUCKDB_TYPE_BIGINT)
        duckdb_bind_add_result_column(info, "row_id", number)
        duckdb_destroy_logical_type(&number)
        duckdb_bind_set_cardinality(info, idx_t(rowCount), true)
    }

    private func fill(_ output: duckdb_data_chunk?, _ scan: Scan) {
        let index = scan.next.add(1, ordering: .relaxed).oldValue
        let stored = chunks.withLock { index < $0.list.count ? $0.list[index] : nil }
        guard let stored else { return duckdb_data_chunk_set_size(output, 0) }
        for (place, column) in scan.projection.enumerated() {
            let target = duckdb_data_chunk_get_vector(output, idx_t(place))
            if column < columns.count {
                duckdb_vector_reference_vector(
                    target, duckdb_data_chunk_get_vector(stored.handle, idx_t(column)))
            } else {
                let numbers = duckdb_vector_get_data(target)?.assumingMemoryBound(to: Int64.self)
                for row in 0..<stored.rowCount { numbers?[row] = stored.firstRow + Int64(row) }
            }
        }
        duckdb_data_chunk_set_size(output, idx_t(stored.rowCount))
    }
}

extension Connection {
    /// Makes a store for rows like those of `table`, which SQL reads as `SELECT … FROM function()`.
    public func makeChunkStore(like table: String, function: String) throws(Failure) -> ChunkStore {
        let columns = try columns("SELECT * FROM \(table)")
        let types = try appenderTypes(of: table)
        let store = ChunkStore(columns: columns, types: types)
        try register(store, as: function)
        return store
    }
}

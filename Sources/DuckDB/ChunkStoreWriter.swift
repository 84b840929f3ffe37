import CDuckDB
import Primitives

/// Fills a ``ChunkStore``, a row at a time; see ``ColumnWriter`` for how values are set.
///
/// Not for several threads: each has a writer of its own.
public final class ChunkStoreWriter {
    /// The row to write next, in every column.
    public private(set) var rowCount = 0
    private let store: ChunkStore
    private var chunk: duckdb_data_chunk
    private let nodes: UnsafeMutableBufferPointer<ColumnNode>

    /// A writer into `store`.
    public init(_ store: ChunkStore) throws(Failure) {
        self.store = store
        chunk = try store.makeChunk()
        nodes = .allocate(capacity: store.columns.count)
        _ = nodes.initialize(from: store.columns.map { ColumnNode($0.type) })
        attach()
    }

    deinit {
        for node in nodes { node.deallocate() }
        nodes.deallocate()
        var unfinished: duckdb_data_chunk? = chunk
        duckdb_destroy_data_chunk(&unfinished)
    }

    /// The writer of a column; it stays valid, so fetch it once.
    public func column(_ index: Int) -> ColumnWriter {
        ColumnWriter(nodes.baseAddress.unsafelyUnwrapped + index)
    }

    /// Ends the row that was written.
    ///
    /// - Throws: ``Failure`` of kind limit when there is no memory for more rows.
    public func endRow() throws(Failure) {
        rowCount += 1
        if rowCount == TableAppender.capacity { try finishChunk() }
    }

    /// Hands over the rows that are complete, so that SQL sees them.
    public func finishChunk() throws(Failure) {
        guard rowCount > 0 else { return }
        let next = try store.makeChunk()
        for index in nodes.indices {
            ColumnNode.publishListSizes(nodes.baseAddress.unsafelyUnwrapped + index)
        }
        duckdb_data_chunk_set_size(chunk, idx_t(rowCount))
        store.add(OwnedChunk(chunk))
        chunk = next
        rowCount = 0
        attach()
    }

    private func attach() {
        for index in nodes.indices {
            ColumnNode.attach(
                nodes.baseAddress.unsafelyUnwrapped + index, duckdb_data_chunk_get_vector(chunk, idx_t(index))
            )
        }
    }
}

import Primitives

/// An encoded row group: the bytes of its column chunks, and what the footer says of them.
public struct RowGroup: Sendable {
    /// How many rows.
    public let rowCount: Int
    /// The bytes, which begin at an offset that the file decides.
    public let bytes: [UInt8]
    let chunks: [ColumnChunk]
}

/// Turns rows of a ``RowBatch`` into row groups. Reuses its memory; not for several threads.
public final class RowGroupEncoder {
    private var values = LeafValues()
    private var pages: PageEncoder

    /// An encoder that compresses by zstd at `level`.
    ///
    /// - Throws: ``Failure`` of kind limit when there is no memory.
    public init(level: Int = 1) throws(Failure) { pages = try PageEncoder(level: level) }

    /// Encodes rows of a batch, in the order given.
    ///
    /// - Throws: ``Failure`` of kind limit for a column of more than 2 GiB.
    public func encode(_ batch: RowBatch, rows: UnsafeBufferPointer<UInt32>) throws(Failure) -> RowGroup {
        pages.clear()
        var chunks: [ColumnChunk] = []
        for (index, leaves) in batch.leaves.enumerated() {
            switch batch.storage[index] {
            case .text(let text):
                values.take(text.pointee, rows)
                chunks.append(
                    try pages.texts(
                        leaves[0], &values, batch.dictionary.pointee,
                        isLookedUp: batch.columns[index].isLookedUp))
            case .number(let number):
                values.take(number.pointee, rows)
                chunks.append(
                    batch.columns[index].shape == .boolean
                        ? try pages.booleans(leaves[0], values) : try pages.numbers(leaves[0], values))
            case .textList(let list):
                values.take(list.pointee, rows)
                chunks.append(try pages.texts(leaves[0], &values, batch.dictionary.pointee))
            case .textListMap(let map):
                values.takeKeys(map.pointee, rows)
                chunks.append(try pages.texts(leaves[0], &values, batch.dictionary.pointee))
                values.takeValues(map.pointee, rows)
                chunks.append(try pages.texts(leaves[1], &values, batch.dictionary.pointee))
            case .structureList(let list):
                for (field, leaf) in leaves.enumerated() {
                    values.take(list.pointee, field: field, rows)
                    chunks.append(try pages.texts(leaf, &values, batch.dictionary.pointee))
                }
            }
        }
        let bytes = Array(UnsafeBufferPointer(start: pages.output.base, count: pages.output.count))
        return RowGroup(rowCount: rows.count, bytes: bytes, chunks: chunks)
    }
}

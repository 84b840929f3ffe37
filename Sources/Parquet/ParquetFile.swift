// A Parquet file: `PAR1`, the row groups, the footer (Thrift, compact protocol), its length in four bytes, `PAR1`.
// Format: https://parquet.apache.org/docs/file-format/

import Foundation
import Primitives

/// A Parquet file that is being written, a row group after the other.
///
/// A file that is not finished is removed with the writer. Not for several threads.
public final class ParquetWriter {
    private let columns: [ColumnDeclaration]
    private let path: String
    private let file: FileHandle
    private var groups: [ParquetFile.Group] = []
    private var isFinished = false

    /// Creates the file, for row groups that are encoded from batches of these columns.
    ///
    /// - Throws: ``Failure`` of kind storage.
    public init(_ columns: [ColumnDeclaration], to path: String) throws(Failure) {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw Failure(.storage, "\(path) could not be created: \(String(cString: strerror(errno)))") }
        (self.columns, self.path, self.file) = (columns, path, file)
        try write(ParquetFile.magic)
    }

    deinit {
        try? file.close()
        if !isFinished { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Writes a row group.
    ///
    /// - Throws: ``Failure`` of kind storage.
    public func append(_ group: RowGroup) throws(Failure) {
        try write(group.bytes)
        groups.append((group.rowCount, group.bytes.count, group.chunks))
    }

    /// Writes the footer. The file is not yet synced to the disk.
    ///
    /// - Returns: how many rows the file has.
    /// - Throws: ``Failure`` of kind storage.
    @discardableResult
    public func finish() throws(Failure) -> Int {
        FailPoint.reached("lake.midParquet")
        try write(ParquetFile.footer(groups, columns))
        isFinished = true
        return groups.reduce(0) { $0 + $1.rowCount }
    }

    private func write(_ bytes: [UInt8]) throws(Failure) {
        do { try file.write(contentsOf: bytes) } catch {
            throw Failure(.storage, "\(path) could not be written: \(error.localizedDescription)")
        }
    }
}

/// Writes Parquet files.
public enum ParquetFile {
    static let magic = Array("PAR1".utf8)
    private static let zstd = 6
    /// What the footer says of a row group: how many rows and bytes, and where its columns lie.
    typealias Group = (rowCount: Int, byteCount: Int, chunks: [ColumnChunk])

    /// Writes a file of row groups that were encoded from batches of these columns. It is not yet synced to the disk.
    ///
    /// - Throws: ``Failure`` of kind storage; what was written is removed.
    public static func write(_ groups: [RowGroup], columns: [ColumnDeclaration], to path: String)
        throws(Failure)
    {
        let writer = try ParquetWriter(columns, to: path)
        for group in groups { try writer.append(group) }
        try writer.finish()
    }

    static func footer(_ groups: [Group], _ columns: [ColumnDeclaration]) -> [UInt8] {
        let nodes = columns.flatMap(\.nodes)
        let leaves = columns.flatMap(\.leaves)
        var writer = ThriftWriter()
        writer.element { writer in
            writer.integer(1, 2)
            writer.structures(2, count: nodes.count + 1) { writer in
                SchemaNode(name: "schema", repetition: .required, childCount: columns.count).write(&writer)
                for node in nodes { node.write(&writer) }
            }
            writer.long(3, groups.reduce(0) { $0 + $1.rowCount })
            writer.structures(4, count: groups.count) { writer in
                var offset = magic.count
                for (ordinal, group) in groups.enumerated() {
                    write(group, leaves, at: offset, ordinal, &writer)
                    offset += group.byteCount
                }
            }
            writer.text(6, "sesame")
            // Bounds are in the order of the type; without this, readers must not use them for texts.
            writer.structures(7, count: leaves.count) { writer in
                for _ in leaves { writer.element { $0.structure(1) { _ in } } }
            }
        }
        var result = Array(UnsafeBufferPointer(start: writer.bytes.base, count: writer.bytes.count))
        let length = UInt32(result.count)
        result += (0..<4).map { UInt8(truncatingIfNeeded: length >> UInt32($0 * 8)) }
        return result + magic
    }

    private static func write(
        _ group: Group, _ leaves: [Leaf], at offset: Int, _ ordinal: Int, _ writer: inout ThriftWriter
    ) {
        writer.element { writer in
            writer.structures(1, count: leaves.count) { writer in
                for (leaf, chunk) in zip(leaves, group.chunks) {
                    writer.element { writer in
                        writer.long(2, 0)
                        writer.structure(3) { write(chunk, leaf, at: offset, &$0) }
                    }
                }
            }
            writer.long(2, group.chunks.reduce(0) { $0 + $1.uncompressedSize })
            writer.long(3, group.rowCount)
            writer.long(5, offset)
            writer.long(6, group.chunks.reduce(0) { $0 + $1.compressedSize })
            writer.short(7, ordinal)
        }
    }

    private static func write(
        _ chunk: ColumnChunk, _ leaf: Leaf, at offset: Int, _ writer: inout ThriftWriter
    ) {
        writer.integer(1, leaf.type.rawValue)
        writer.integers(2, chunk.encodings)
        writer.texts(3, leaf.path)
        writer.integer(4, zstd)
        writer.long(5, chunk.valueCount)
        writer.long(6, chunk.uncompressedSize)
        writer.long(7, chunk.compressedSize)
        writer.long(9, offset + chunk.dataPage)
        if let page = chunk.dictionaryPage { writer.long(11, offset + page) }
        writer.structure(12) { writer in
            writer.long(3, chunk.nullCount)
            if let maximum = chunk.maximum { writer.binary(5, maximum) }
            if let minimum = chunk.minimum { writer.binary(6, minimum) }
        }
        if let filter = chunk.bloomFilter {
            writer.long(14, offset + filter.lowerBound)
            writer.integer(15, filter.count)
        }
    }
}

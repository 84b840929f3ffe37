// A Parquet file: `PAR1`, the row groups, the footer (Thrift, compact protocol), its length in four bytes, `PAR1`.
// Format: https://parquet.apache.org/docs/file-format/

import Foundation
import Primitives

/// Writes Parquet files.
public enum ParquetFile {
    private static let magic = Array("PAR1".utf8)
    private static let zstd = 6

    /// Writes a file of row groups that were encoded from batches of these columns. It is not yet synced to the disk.
    ///
    /// - Throws: ``Failure`` of kind storage; what was written is removed.
    public static func write(_ groups: [RowGroup], columns: [ColumnDeclaration], to path: String)
        throws(Failure)
    {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw Failure(.storage, "\(path) could not be created: \(String(cString: strerror(errno)))") }
        do {
            defer { try? file.close() }
            try file.write(contentsOf: magic)
            for group in groups { try file.write(contentsOf: group.bytes) }
            FailPoint.reached("lake.midParquet")
            try file.write(contentsOf: footer(groups, columns))
        } catch {
            try? FileManager.default.removeItem(atPath: path)
            throw Failure(.storage, "\(path) could not be written: \(error.localizedDescription)")
        }
    }

    private static func footer(_ groups: [RowGroup], _ columns: [ColumnDeclaration]) -> [UInt8] {
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
                    offset += group.bytes.count
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
        _ group: RowGroup, _ leaves: [Leaf], at offset: Int, _ ordinal: Int, _ writer: inout ThriftWriter
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
            writer.long(6, group.bytes.count)
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
    }
}

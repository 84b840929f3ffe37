import DuckDB
import Parquet

/// Copies rows as DuckDB reads them into a batch for Sesame's own encoder.
struct RowCopier {
    private let appenders: [Appender]
    let batch: RowBatch

    init(_ columns: [ColumnDeclaration]) {
        let batch = RowBatch(columns)
        self.batch = batch
        appenders = columns.enumerated().map { Appender($0.element.shape, $0.offset, batch) }
    }

    /// Appends the rows of a chunk whose columns are those of the batch, in their order.
    func append(_ chunk: borrowing Chunk) {
        for (index, appender) in appenders.enumerated() {
            appender.append(chunk.column(index), chunk.rowCount)
        }
        for _ in 0..<chunk.rowCount { batch.endRow() }
    }

    private enum Appender {
        case text(UnsafeMutablePointer<TextColumn>)
        case number(UnsafeMutablePointer<NumberColumn>)
        case boolean(UnsafeMutablePointer<NumberColumn>)
        case textList(UnsafeMutablePointer<TextListColumn>)
        case textListMap(UnsafeMutablePointer<TextListMapColumn>)
        case structureList(UnsafeMutablePointer<StructureListColumn>, width: Int)

        init(_ shape: ColumnDeclaration.Shape, _ column: Int, _ batch: RowBatch) {
            switch shape {
            case .text: self = .text(batch.text(column))
            case .integer, .timestamp: self = .number(batch.number(column))
            case .boolean: self = .boolean(batch.number(column))
            case .textList: self = .textList(batch.textList(column))
            case .textListMap: self = .textListMap(batch.textListMap(column))
            case .structureList(let fields):
                self = .structureList(batch.structureList(column), width: fields.count)
            }
        }

        func append(_ reader: ColumnReader, _ count: Int) {
            switch self {
            case .text(let target): append(reader, count, to: target)
            case .number(let target):
                for row in 0..<count {
                    target.pointee.append(reader.isNull(row) ? nil : reader.load(row, as: Int64.self))
                }
            case .boolean(let target):
                for row in 0..<count {
                    target.pointee.append(reader.isNull(row) ? nil : Int64(reader.load(row, as: UInt8.self)))
                }
            case .textList(let target): append(reader, count, to: target)
            case .textListMap(let target): append(reader, count, to: target)
            case .structureList(let target, let width): append(reader, count, to: target, width)
            }
        }

        private func append(_ reader: ColumnReader, _ count: Int, to target: UnsafeMutablePointer<TextColumn>)
        {
            for row in 0..<count {
                guard let text = reader.text(row) else {
                    target.pointee.appendNull()
                    continue
                }
                target.pointee.append(text.base, text.count)
            }
        }

        private func append(
            _ reader: ColumnReader, _ count: Int, to target: UnsafeMutablePointer<TextListColumn>
        ) {
            let element = reader.element
            for row in 0..<count {
                let range = reader.elements(row)
                target.pointee.appendList(count: range?.count)
                for place in range ?? 0..<0 {
                    let text = element.text(place)
                    target.pointee.appendElement(text?.base, text?.count ?? 0)
                }
            }
        }

        private func append(
            _ reader: ColumnReader, _ count: Int, to target: UnsafeMutablePointer<TextListMapColumn>
        ) {
            let (keys, lists) = (reader.field(0), reader.field(1))
            let values = lists.element
            for row in 0..<count {
                let range = reader.elements(row)
                target.pointee.appendMap(count: range?.count)
                for place in range ?? 0..<0 {
                    let inner = lists.elements(place) ?? 0..<0
                    let key = keys.text(present: place)
                    target.pointee.appendEntry(key.base, key.count, valueCount: inner.count)
                    for item in inner {
                        let text = values.text(item)
                        target.pointee.appendValue(text?.base, text?.count ?? 0)
                    }
                }
            }
        }

        private func append(
            _ reader: ColumnReader, _ count: Int, to target: UnsafeMutablePointer<StructureListColumn>,
            _ width: Int
        ) {
            let element = reader.element
            let fields = (0..<width).map { element.field($0) }
            for row in 0..<count {
                let range = reader.elements(row)
                target.pointee.appendList(count: range?.count)
                for place in range ?? 0..<0 {
                    for field in fields {
                        let text = element.isNull(place) ? nil : field.text(place)
                        target.pointee.appendField(text?.base, text?.count ?? 0)
                    }
                }
            }
        }
    }
}

extension ColumnReader {
    fileprivate typealias Text = (base: UnsafePointer<UInt8>, count: Int)

    @inline(__always)
    fileprivate func text(_ row: Int) -> Text? { isNull(row) ? nil : text(present: row) }

    /// A text that is known not to be null. It has an address also where it is empty, since DuckDB keeps short ones in place.
    @inline(__always)
    fileprivate func text(present row: Int) -> Text {
        let bytes = bytes(row)
        return (bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self), bytes.count)
    }

    @inline(__always)
    fileprivate func elements(_ row: Int) -> Range<Int>? { isNull(row) ? nil : range(row) }
}

import DuckDB
import SESEvents

/// Copies a decoded event into a staged row, whose columns are ``EventColumn`` in their order.
struct EventRowWriter {
    private let rows: ChunkStoreWriter
    private let columns: [(column: EventColumn, kind: Kind, writer: ColumnWriter)]

    /// ``EventColumn/Kind`` without its payload, so that the loop below compares bytes.
    private enum Kind { case text, number, boolean, textList, textListMap, structureList(Int) }

    init(_ rows: ChunkStoreWriter) {
        self.rows = rows
        columns = EventColumn.allCases.map { column in
            let kind: Kind =
                switch column.kind {
                case .text: .text
                case .timestamp, .integer: .number
                case .boolean: .boolean
                case .textList: .textList
                case .textListMap: .textListMap
                case .structureList(let fields): .structureList(fields.count)
                }
            return (column, kind, rows.column(column.rawValue))
        }
    }

    /// Appends the record as a row.
    func append(_ record: EventRecord) throws {
        let row = rows.rowCount
        for (column, kind, writer) in columns {
            if record.isNull(column) {
                writer.setNull(row)
                continue
            }
            switch kind {
            case .text: if let text = record.text(column) { writer.setText(row, text.base, text.count) }
            case .number: writer.setInt64(row, record.integer(column) ?? 0)
            case .boolean: writer.setBool(row, record.integer(column) == 1)
            case .textList: appendList(record, column, writer, row)
            case .textListMap: appendMap(record, column, writer, row)
            case .structureList(let width): appendStructures(record, column, width, writer, row)
            }
        }
        try rows.endRow()
    }

    private func appendList(_ record: EventRecord, _ column: EventColumn, _ writer: ColumnWriter, _ row: Int)
    {
        guard let run = record.run(column) else { return }
        let start = writer.setList(row, count: run.count)
        let element = writer.element
        for index in 0..<run.count { set(element, start + index, record.items[run.start + index]) }
    }

    private func appendMap(_ record: EventRecord, _ column: EventColumn, _ writer: ColumnWriter, _ row: Int) {
        guard let run = record.run(column) else { return }
        let start = writer.setList(row, count: run.count)
        let keys = writer.element.field(0)
        let values = writer.element.field(1)
        for index in 0..<run.count {
            let entry = record.entries[run.start + index]
            set(keys, start + index, entry.key)
            let first = values.setList(start + index, count: entry.values.count)
            let value = values.element
            for place in 0..<entry.values.count {
                set(value, first + place, record.items[entry.values.start + place])
            }
        }
    }

    private func appendStructures(
        _ record: EventRecord, _ column: EventColumn, _ width: Int, _ writer: ColumnWriter, _ row: Int
    ) {
        guard let run = record.run(column) else { return }
        let start = writer.setList(row, count: run.count)
        for field in 0..<width {
            let target = writer.element.field(field)
            for index in 0..<run.count {
                set(target, start + index, record.items[run.start + index * width + field])
            }
        }
    }

    @inline(__always)
    private func set(_ writer: ColumnWriter, _ row: Int, _ text: TextSlice?) {
        if let text { writer.setText(row, text.base, text.count) } else { writer.setNull(row) }
    }
}

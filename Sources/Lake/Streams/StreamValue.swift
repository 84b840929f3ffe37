import DuckDB
import Primitives

/// A value of a record as its column holds it.
indirect enum StreamValue: Hashable {
    case null
    case boolean(Bool)
    case integer(Int32)
    /// A whole number, or an instant in microseconds.
    case long(Int64)
    case double(Double)
    case text([UInt8])
    /// A decimal without its point.
    case decimal(Int128)
    case list([StreamValue])
    case map([Entry])
    case structure([StreamValue])

    struct Entry: Hashable {
        var key: StreamValue
        var value: StreamValue
    }

    /// Writes the value into a column of the type's ``TableColumnType/stagingType``.
    func write(to column: ColumnWriter, at row: Int) {
        switch self {
        case .null: column.setNull(row)
        case .boolean(let value): column.setBool(row, value)
        case .integer(let value): column.setInt32(row, value)
        case .long(let value): column.setInt64(row, value)
        case .double(let value): column.setDouble(row, value)
        case .text(let bytes):
            bytes.withUnsafeBytes { $0.isEmpty ? column.setText(row, "") : column.setText(row, $0) }
        case .decimal(let value): column.setInt128(row, value)
        case .list(let elements):
            let start = column.setList(row, count: elements.count)
            for (index, element) in elements.enumerated() {
                element.write(to: column.element, at: start + index)
            }
        case .map(let entries):
            let start = column.setList(row, count: entries.count)
            for (index, entry) in entries.enumerated() {
                entry.key.write(to: column.element.field(0), at: start + index)
                entry.value.write(to: column.element.field(1), at: start + index)
            }
        case .structure(let fields):
            for (index, field) in fields.enumerated() { field.write(to: column.field(index), at: row) }
        }
    }
}

extension TableColumnType {
    /// The type of DuckDB's that values wait in: decimals and floats are cast on their way out, for there they have widths
    /// of their own.
    var stagingType: String {
        switch self {
        case .other(let name):
            if let scale = decimal?.scale {
                "DECIMAL(38, \(scale))"
            } else {
                name == "float" ? "DOUBLE" : name
            }
        case .array(let element): "\(element.stagingType)[]"
        case .map(let key, let value): "MAP(\(key.stagingType), \(value.stagingType))"
        case .structure(let fields):
            "STRUCT("
                + fields.map { "\(SQL.identifier($0.name)) \($0.type.stagingType)" }.joined(separator: ", ")
                + ")"
        default: sql
        }
    }
}

import DuckDB
import Foundation
import Primitives
import Scanning

/// Writes rows as text in one format, a piece at a time.
protocol RowWriter {
    /// What stands before the rows.
    mutating func begin(_ columns: [ResultColumn]) -> String
    /// A row.
    mutating func row(_ values: [Value]) -> String
    /// What stands behind the rows.
    mutating func end() -> String
}

enum RowWriters {
    static func make(_ format: QueryRequest.Format, tableRows: Int) -> any RowWriter {
        switch format {
        case .json: JSONRowWriter(isArray: true)
        case .ndjson: JSONRowWriter(isArray: false)
        case .csv: CSVRowWriter()
        case .table, .parquet: TableRowWriter(mostRows: tableRows)
        }
    }
}

/// Objects keyed by column name, in an array or one a line.
struct JSONRowWriter: RowWriter {
    let isArray: Bool
    private var keys: [String] = []
    private var isFirst = true

    init(isArray: Bool) { self.isArray = isArray }

    mutating func begin(_ columns: [ResultColumn]) -> String {
        keys = columns.map { $0.name.jsonText + ":" }
        return isArray ? "[" : ""
    }

    mutating func row(_ values: [Value]) -> String {
        var text = isArray ? (isFirst ? "\n" : ",\n") : ""
        isFirst = false
        text += "{"
        for (index, value) in values.enumerated() {
            if index > 0 { text += "," }
            text += keys[index]
            text += value.jsonText
        }
        return text + (isArray ? "}" : "}\n")
    }

    mutating func end() -> String { isArray ? (isFirst ? "]\n" : "\n]\n") : "" }
}

/// RFC 4180 with a header, its line ends those of Unix; NULL is an empty field, an empty text is `""`.
struct CSVRowWriter: RowWriter {
    func begin(_ columns: [ResultColumn]) -> String { line(columns.map { CSVText.field($0.name) }) }

    func row(_ values: [Value]) -> String {
        line(
            values.map { value in
                switch value {
                case .null: ""
                case .text(let text): CSVText.field(text)
                case .list, .map, .structure: CSVText.field(value.jsonText)
                default: CSVText.field(value.description)
                }
            })
    }

    func end() -> String { "" }

    private func line(_ fields: [String]) -> String { fields.joined(separator: ",") + "\n" }
}

/// Aligned columns; numbers to the right. Only the first rows are shown, and the rest is counted.
struct TableRowWriter: RowWriter {
    private static let widest = 60
    let mostRows: Int
    private var names: [String] = []
    private var shown: [[String]] = []
    private var isNumber: [Bool] = []
    private var count = 0

    init(mostRows: Int) { self.mostRows = mostRows }

    mutating func begin(_ columns: [ResultColumn]) -> String {
        names = columns.map(\.name)
        isNumber = columns.map { column in
            switch column.type {
            case .decimal: true
            case .scalar(let scalar):
                [
                    .tinyint, .smallint, .integer, .bigint, .hugeint, .float, .double, .utinyint, .usmallint,
                    .uinteger, .ubigint,
                ]
                .contains(scalar)
            default: false
            }
        }
        return ""
    }

    mutating func row(_ values: [Value]) -> String {
        count += 1
        guard shown.count < mostRows else { return "" }
        shown.append(
            values.map { value in
                let text = value.description.map { $0.isNewline || $0 == "\t" ? " " : $0 }
                return text.count <= Self.widest ? String(text) : String(text.prefix(Self.widest - 1)) + "…"
            })
        return ""
    }

    mutating func end() -> String {
        let widths = names.indices.map { column in
            shown.reduce(names[column].count) { max($0, $1[column].count) }
        }
        var lines = [
            aligned(names, widths), widths.map { String(repeating: "─", count: $0) }.joined(separator: "  "),
        ]
        lines += shown.map { aligned($0, widths) }
        let rest = count > shown.count ? ", the first \(shown.count) shown" : ""
        lines.append("(\(count) \(count == 1 ? "row" : "rows")\(rest))")
        return lines.joined(separator: "\n") + "\n"
    }

    private func aligned(_ cells: [String], _ widths: [Int]) -> String {
        var line = ""
        for (column, cell) in cells.enumerated() {
            let space = String(repeating: " ", count: widths[column] - cell.count)
            if column > 0 { line += "  " }
            line += isNumber[column] ? space + cell : (column == cells.count - 1 ? cell : cell + space)
        }
        return line
    }
}

extension Value {
    /// The value as JSON. Numbers that JSON readers would round are texts only where they must be: NaN and infinities.
    var jsonText: String {
        switch self {
        case .null: return "null"
        case .boolean(let flag): return flag ? "true" : "false"
        case .integer, .hugeint, .decimal: return description
        case .double(let number): return number.isFinite ? description : description.jsonText
        case .list(let values): return "[" + values.map(\.jsonText).joined(separator: ",") + "]"
        case .map(let pairs):
            return "{"
                + pairs.map { "\($0.key.description.jsonText):\($0.value.jsonText)" }.joined(separator: ",")
                + "}"
        case .structure(let fields):
            return "{" + fields.map { "\($0.name.jsonText):\($0.value.jsonText)" }.joined(separator: ",")
                + "}"
        default: return description.jsonText
        }
    }
}

extension String {
    /// The text as a JSON string.
    var jsonText: String { JSONText.quoted(self) }
}

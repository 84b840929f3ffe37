import Primitives
import DuckDB

/// The columns of a table that can hold text, and their way into one JSON object and out of it.
struct TextColumns {
    /// All columns.
    let all: [TableColumn]
    private let texts: [TableColumn]
    private let names: Set<String>

    init(of schema: TableSchema) {
        all = schema.fileColumns
        texts = all.filter { $0.name != "event_id" && $0.type.holdsText }
        names = Set(texts.map(\.name))
    }

    /// Whether no column can.
    var isEmpty: Bool { texts.isEmpty }

    /// Whether the column can.
    func contains(_ column: TableColumn) -> Bool { names.contains(column.name) }

    /// SQL for the texts of a row as one JSON object.
    var object: String {
        let members = texts.map { "\(SQL.identifier($0.name)) := \(SQL.identifier($0.name))" }
        return "to_json(struct_pack(\(members.joined(separator: ", "))))::VARCHAR"
    }

    /// SQL for the types that `from_json` is to make of such an object.
    var types: String {
        let members = texts.map {
            DeltaJSON.object([$0.name: .string($0.type.sql)]).line.dropFirst().dropLast()
        }
        return SQL.literal("{\(members.joined(separator: ","))}")
    }
}

extension TableColumnType {
    /// Whether a value of the type can hold text.
    var holdsText: Bool {
        switch self {
        case .string: true
        case .array(let element): element.holdsText
        case .map(let key, let value): key.holdsText || value.holdsText
        case .structure(let fields): fields.contains { $0.type.holdsText }
        default: false
        }
    }
}

// Every column may be null, and so may every element, as DuckDB writes them: a reader cannot tell the two writers apart.
// Lists have three levels (`name.list.element`), maps too (`name.key_value.{key,value}`), by Parquet's logical types.

/// Parquet's own numbers for what a leaf column holds.
enum PhysicalType: Int {
    case boolean = 0
    case long = 2
    case bytes = 6
}

/// A leaf column: where it stands in the schema, and how deep its values nest.
struct Leaf {
    let path: [String]
    let type: PhysicalType
    /// How many of the things around a value may be absent.
    let maximumDefinition: Int
    /// How many lists are around a value.
    let maximumRepetition: Int
}

/// One node of the schema, depth first.
struct SchemaNode {
    enum Repetition: Int {
        case required = 0
        case optional = 1
        case repeated = 2
    }
    enum Meaning {
        case text, list, map, entries, timestamp, integer
    }

    let name: String
    var repetition = Repetition.optional
    var type: PhysicalType?
    var childCount = 0
    var meaning: Meaning?

    func write(_ writer: inout ThriftWriter) {
        writer.element { writer in
            if let type { writer.integer(1, type.rawValue) }
            writer.integer(3, repetition.rawValue)
            writer.text(4, name)
            if childCount > 0 { writer.integer(5, childCount) }
            if let converted { writer.integer(6, converted) }
            if let meaning { writer.structure(10) { write(meaning, &$0) } }
        }
    }

    /// The older annotation, for readers that do not know logical types.
    private var converted: Int? {
        switch meaning {
        case .text: 0
        case .map: 1
        case .entries: 2
        case .list: 3
        case .timestamp: 10
        case .integer: 18
        case nil: nil
        }
    }

    private func write(_ meaning: Meaning, _ writer: inout ThriftWriter) {
        switch meaning {
        case .text: writer.structure(1) { _ in }
        case .map, .entries: writer.structure(2) { _ in }
        case .list: writer.structure(3) { _ in }
        case .timestamp:
            writer.structure(8) { writer in
                writer.boolean(1, true)
                writer.structure(2) { unit in unit.structure(2) { _ in } }
            }
        case .integer:
            writer.structure(10) { writer in
                writer.byte(1, 64)
                writer.boolean(2, true)
            }
        }
    }
}

extension ColumnDeclaration {
    /// The schema's nodes of the column, depth first.
    var nodes: [SchemaNode] {
        let text = { SchemaNode(name: $0, type: .bytes, meaning: .text) }
        switch shape {
        case .text: return [text(name)]
        case .integer: return [SchemaNode(name: name, type: .long, meaning: .integer)]
        case .timestamp: return [SchemaNode(name: name, type: .long, meaning: .timestamp)]
        case .boolean: return [SchemaNode(name: name, type: .boolean)]
        case .textList: return Self.list(name, of: [text("element")])
        case .textListMap:
            var key = text("key")
            key.repetition = .required
            return [
                SchemaNode(name: name, childCount: 1, meaning: .map),
                SchemaNode(name: "key_value", repetition: .repeated, childCount: 2), key,
            ] + Self.list("value", of: [text("element")])
        case .structureList(let fields):
            return Self.list(
                name, of: [SchemaNode(name: "element", childCount: fields.count)] + fields.map(text))
        }
    }

    private static func list(_ name: String, of element: [SchemaNode]) -> [SchemaNode] {
        [
            SchemaNode(name: name, childCount: 1, meaning: .list),
            SchemaNode(name: "list", repetition: .repeated, childCount: 1),
        ] + element
    }

    /// The column's leaves in the schema's order.
    var leaves: [Leaf] {
        switch shape {
        case .text: [Leaf(path: [name], type: .bytes, maximumDefinition: 1, maximumRepetition: 0)]
        case .integer, .timestamp:
            [Leaf(path: [name], type: .long, maximumDefinition: 1, maximumRepetition: 0)]
        case .boolean: [Leaf(path: [name], type: .boolean, maximumDefinition: 1, maximumRepetition: 0)]
        case .textList:
            [
                Leaf(
                    path: [name, "list", "element"], type: .bytes, maximumDefinition: 3, maximumRepetition: 1)
            ]
        case .textListMap:
            [
                Leaf(
                    path: [name, "key_value", "key"], type: .bytes, maximumDefinition: 2,
                    maximumRepetition: 1),
                Leaf(
                    path: [name, "key_value", "value", "list", "element"], type: .bytes, maximumDefinition: 5,
                    maximumRepetition: 2),
            ]
        case .structureList(let fields):
            fields.map {
                Leaf(
                    path: [name, "list", "element", $0], type: .bytes, maximumDefinition: 4,
                    maximumRepetition: 1)
            }
        }
    }
}

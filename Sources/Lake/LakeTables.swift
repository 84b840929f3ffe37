import Parquet
import SESEvents

/// The schemas of the lake's own tables, derived from where their columns are declared.
enum LakeTables {
    /// `events`, as it is made unless told otherwise.
    static let events = events(by: .day)

    /// `events`, partitioned by the time of the event.
    static func events(by unit: PartitionUnit) -> TableSchema {
        TableSchema(
            columns: EventColumn.allCases.map { TableColumn($0.name, type(of: $0.kind)) },
            partitionColumns: unit.columns)
    }

    /// `messages`, partitioned by the day of the send request.
    static let messages = TableSchema(
        columns: MessagesModel.declarations.map { TableColumn($0.name, type(named: $0.type)) },
        partitionColumns: TableSchema.dayPartition)

    /// `refused`: what could not be read.
    static let refused = TableSchema(columns: refusedColumns.map { TableColumn($0.name, $0.type) })

    /// Name, type and meaning of each column of `refused`.
    static let refusedColumns: [(name: String, type: TableColumnType, meaning: String)] = [
        ("refused_id", .string, "Hash of the bytes and the reason: the same record is refused once."),
        ("refused_at", .timestamp, "When it was refused."),
        ("source_name", .string, "The source that brought it."),
        ("origin", .string, "The file, object or request it came in."),
        ("byte_offset", .long, "Where in the origin it begins, after decompression."),
        ("line", .long, "The line it begins on."),
        ("reason", .string, "Why it was refused."),
        ("byte_count", .long, "How long it is."),
        ("body", .binary, "Its bytes; the first 64 KiB of a longer one."),
    ]

    /// Columns that people look a single value up in.
    private static let lookedUp: Set<String> = ["message_id", "recipient"]

    /// How a table's column stands in its Parquet files.
    static func declaration(_ name: String, _ shape: ColumnDeclaration.Shape) -> ColumnDeclaration {
        ColumnDeclaration(name, shape, isLookedUp: lookedUp.contains(name))
    }

    private static func type(of kind: EventColumn.Kind) -> TableColumnType {
        switch kind {
        case .text: .string
        case .timestamp: .timestamp
        case .integer: .long
        case .boolean: .boolean
        case .textList: .array(.string)
        case .textListMap: .map(.string, .array(.string))
        case .structureList(let fields): .array(.structure(fields.map { TableColumn($0, .string) }))
        }
    }

    private static func type(named sql: String) -> TableColumnType {
        switch sql {
        case "TIMESTAMPTZ": .timestamp
        case "BIGINT": .long
        case "MAP(VARCHAR, VARCHAR[])": .map(.string, .array(.string))
        default: .string
        }
    }
}

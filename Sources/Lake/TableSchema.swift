// The Delta schema: JSON of `{"type":"struct","fields":[{"name","type","nullable","metadata"}]}`, kept as text in
// `metaData.schemaString`. Partition columns are columns of the schema too, and are held in folder names instead of files.

import DuckDB
import Primitives

/// The type of a column.
public indirect enum TableColumnType: Hashable, Sendable {
    /// UTF-8 text.
    case string
    /// 64-bit whole numbers.
    case long
    /// 32-bit whole numbers.
    case integer
    /// True or false.
    case boolean
    /// 64-bit floating point.
    case double
    /// An instant in UTC with microseconds; DuckDB's TIMESTAMPTZ.
    case timestamp
    /// A day.
    case date
    /// Bytes.
    case binary
    /// A list of one element type.
    case array(TableColumnType)
    /// A map from a key type to a value type.
    case map(TableColumnType, TableColumnType)
    /// Named fields.
    case structure([TableColumn])
    /// A type of Delta's that Sesame does not write, by its name, such as `decimal(10,2)`.
    case other(String)
}

/// A column, or a field of a structure.
public struct TableColumn: Hashable, Sendable {
    /// The name.
    public var name: String
    /// The type.
    public var type: TableColumnType
    /// Whether it may be NULL.
    public var nullable: Bool
    /// Delta's notes on the field.
    public var metadata: [String: DeltaJSON] = [:]

    /// A column, nullable unless said otherwise.
    public init(_ name: String, _ type: TableColumnType, nullable: Bool = true) {
        self.name = name
        self.type = type
        self.nullable = nullable
    }
}

/// The columns of a table and those it is partitioned by.
public struct TableSchema: Hashable, Sendable {
    /// All columns, partition columns among them.
    public var columns: [TableColumn]
    /// Names of the columns whose values are in folder names, outermost first.
    public var partitionColumns: [String]

    /// The folders `year=2026/month=08/day=01`: strings with leading zeros, so that text order is time order and every
    /// reader that takes folder names as they are (Athena, Spark, DuckDB with `hive_partitioning`) agrees with the log.
    public static let dayPartition = ["year", "month", "day"]

    /// The spans that its partitions hold, of a table partitioned by time.
    var partitionUnit: PartitionUnit { partitionColumns == PartitionUnit.hour.columns ? .hour : .day }

    /// A schema. `partitionColumns` that `columns` does not name are added at its end as strings.
    public init(columns: [TableColumn], partitionColumns: [String] = []) {
        let named = Set(columns.map(\.name))
        self.columns =
            columns + partitionColumns.filter { !named.contains($0) }.map { TableColumn($0, .string) }
        self.partitionColumns = partitionColumns
    }

    /// The column called `name`.
    public func column(_ name: String) -> TableColumn? { columns.first { $0.name == name } }

    /// The columns that the Parquet files hold.
    public var fileColumns: [TableColumn] { columns.filter { !partitionColumns.contains($0.name) } }
}

// MARK: - Delta JSON

extension TableSchema {
    /// The schema as Delta's JSON text.
    public var schemaString: String { TableColumnType.structure(columns).json.line }

    /// Reads Delta's JSON text.
    ///
    /// - Throws: ``Failure`` of kind `storage` where it is not a schema.
    public init(schemaString: String, partitionColumns: [String]) throws(Failure) {
        guard case .structure(let columns) = try TableColumnType(try DeltaJSON(parsing: schemaString)) else {
            throw Failure(.storage, "the table's schema is not a struct")
        }
        self.columns = columns
        self.partitionColumns = partitionColumns
        for name in partitionColumns where column(name) == nil {
            throw Failure(.storage, "the table is partitioned by '\(name)', which is none of its columns")
        }
    }
}

extension TableColumnType {
    private static let names: [(String, TableColumnType)] = [
        ("string", .string), ("long", .long), ("integer", .integer), ("boolean", .boolean),
        ("double", .double), ("timestamp", .timestamp), ("date", .date), ("binary", .binary),
    ]

    var json: DeltaJSON {
        switch self {
        case .array(let element):
            .object(["type": .string("array"), "elementType": element.json, "containsNull": .boolean(true)])
        case .map(let key, let value):
            .object([
                "type": .string("map"), "keyType": key.json, "valueType": value.json,
                "valueContainsNull": .boolean(true),
            ])
        case .structure(let fields):
            .object(["type": .string("struct"), "fields": .array(fields.map(\.json))])
        case .other(let name): .string(name)
        default: .string(Self.names.first { $0.1 == self }?.0 ?? "string")
        }
    }

    init(_ json: DeltaJSON) throws(Failure) {
        if let name = json.text {
            self = Self.names.first { $0.0 == name }?.1 ?? .other(name)
            return
        }
        switch json["type"]?.text {
        case "array": self = .array(try TableColumnType(json["elementType"] ?? .null))
        case "map":
            self = .map(
                try TableColumnType(json["keyType"] ?? .null), try TableColumnType(json["valueType"] ?? .null)
            )
        case "struct":
            var fields: [TableColumn] = []
            for field in json["fields"]?.elements ?? [] { fields.append(try TableColumn(field)) }
            self = .structure(fields)
        default: throw Failure(.storage, "the table's schema has an unknown type: \(json.line.prefix(80))")
        }
    }

    /// The type's name in DuckDB's SQL.
    public var sql: String {
        switch self {
        case .string: "VARCHAR"
        case .long: "BIGINT"
        case .integer: "INTEGER"
        case .boolean: "BOOLEAN"
        case .double: "DOUBLE"
        case .timestamp: "TIMESTAMP WITH TIME ZONE"
        case .date: "DATE"
        case .binary: "BLOB"
        case .array(let element): "\(element.sql)[]"
        case .map(let key, let value): "MAP(\(key.sql), \(value.sql))"
        case .structure(let fields):
            "STRUCT(" + fields.map { "\(SQL.identifier($0.name)) \($0.type.sql)" }.joined(separator: ", ")
                + ")"
        case .other(let name): name
        }
    }
}

extension TableColumn {
    var json: DeltaJSON {
        .object([
            "name": .string(name), "type": type.json, "nullable": .boolean(nullable),
            "metadata": .object(metadata),
        ])
    }

    init(_ json: DeltaJSON) throws(Failure) {
        guard let name = json["name"]?.text, let type = json["type"] else {
            throw Failure(.storage, "the table's schema has a field without name or type")
        }
        self.name = name
        self.type = try TableColumnType(type)
        nullable = json["nullable"]?.bool ?? true
        metadata = json["metadata"]?.members ?? [:]
    }
}

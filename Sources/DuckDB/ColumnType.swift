import CDuckDB
import Primitives

/// The type of a column, as far down as it nests.
public indirect enum ColumnType: Hashable, Sendable {
    /// A type without parts, by its SQL name.
    case scalar(Scalar)
    /// `DECIMAL(width, scale)`.
    case decimal(width: Int, scale: Int)
    /// An ENUM with its labels in order.
    case enumeration([String])
    /// A list of any length.
    case list(ColumnType)
    /// A list whose length is part of the type.
    case array(ColumnType, count: Int)
    /// Named fields.
    case structure([Field])
    /// Keys and values.
    case map(key: ColumnType, value: ColumnType)
    /// One of several typed members.
    case union([Field])
    /// A type this binding cannot read, by DuckDB's number for it.
    case unknown(UInt32)

    /// A named part of a STRUCT or UNION.
    public struct Field: Hashable, Sendable {
        /// The part's name.
        public let name: String
        /// The part's type.
        public let type: ColumnType

        /// A part.
        public init(name: String, type: ColumnType) {
            self.name = name
            self.type = type
        }
    }

    /// Types without parts.
    public enum Scalar: String, Hashable, Sendable {
        case boolean = "BOOLEAN"
        case tinyint = "TINYINT"
        case smallint = "SMALLINT"
        case integer = "INTEGER"
        case bigint = "BIGINT"
        case utinyint = "UTINYINT"
        case usmallint = "USMALLINT"
        case uinteger = "UINTEGER"
        case ubigint = "UBIGINT"
        case hugeint = "HUGEINT"
        case uhugeint = "UHUGEINT"
        case float = "FLOAT"
        case double = "DOUBLE"
        case text = "VARCHAR"
        case json = "JSON"
        case blob = "BLOB"
        case bit = "BIT"
        case bignum = "BIGNUM"
        case uuid = "UUID"
        case date = "DATE"
        case time = "TIME"
        case timeNanoseconds = "TIME_NS"
        case timeZoned = "TIME WITH TIME ZONE"
        case timestamp = "TIMESTAMP"
        case timestampSeconds = "TIMESTAMP_S"
        case timestampMilliseconds = "TIMESTAMP_MS"
        case timestampNanoseconds = "TIMESTAMP_NS"
        case timestampZoned = "TIMESTAMP WITH TIME ZONE"
        case interval = "INTERVAL"
        case null = "\"NULL\""
    }

    /// The type as SQL, fit for `CREATE TABLE`.
    public var sql: String {
        switch self {
        case .scalar(let scalar): scalar.rawValue
        case .decimal(let width, let scale): "DECIMAL(\(width),\(scale))"
        case .enumeration(let labels): "ENUM(" + labels.map(SQL.literal).joined(separator: ", ") + ")"
        case .list(let element): element.sql + "[]"
        case .array(let element, let count): element.sql + "[\(count)]"
        case .structure(let fields): "STRUCT(" + ColumnType.sql(fields) + ")"
        case .map(let key, let value): "MAP(\(key.sql), \(value.sql))"
        case .union(let fields): "UNION(" + ColumnType.sql(fields) + ")"
        case .unknown: "VARCHAR"
        }
    }

    private static func sql(_ fields: [Field]) -> String {
        fields.map { "\(SQL.identifier($0.name)) \($0.type.sql)" }.joined(separator: ", ")
    }
}

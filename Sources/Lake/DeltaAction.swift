// Actions of the Delta log, as the protocol's section "Actions" has them: one JSON object a line with a single key that
// names the action. Times are milliseconds since the Unix epoch. Every struct keeps the fields it does not know in
// `unknown` and writes them again, so that another writer's work passes through unharmed.

import Primitives

/// One line of a commit.
public enum DeltaAction: Hashable, Sendable {
    /// What a reader and a writer must be able to do.
    case `protocol`(TableProtocol)
    /// Schema, partitioning and settings.
    case metadata(TableMetadata)
    /// A data file that belongs to the table from this version on.
    case add(AddFile)
    /// A data file that no longer belongs to the table.
    case remove(RemoveFile)
    /// How far an application has come, for appends that may be repeated.
    case transaction(TransactionMark)
    /// Who committed what; informative.
    case commitInfo([String: DeltaJSON])
    /// An action of a kind we do not know.
    case unknown(String, DeltaJSON)
}

/// Versions of the protocol that a table asks for.
public struct TableProtocol: Hashable, Sendable {
    /// The lowest reader version that may read the table.
    public var minReaderVersion: Int64
    /// The lowest writer version that may write the table.
    public var minWriterVersion: Int64
    /// Fields that are not known here.
    public var unknown: [String: DeltaJSON] = [:]

    /// The protocol Sesame writes: reader 1, writer 2.
    public static let sesame = TableProtocol(minReaderVersion: 1, minWriterVersion: 2)
}

/// The `metaData` action.
public struct TableMetadata: Hashable, Sendable {
    /// The table's identity, a UUID.
    public var id: String
    /// A name for people.
    public var name: String?
    /// A description for people.
    public var summary: String?
    /// Columns and partition columns.
    public var schema: TableSchema {
        didSet { schemaString = schema.schemaString }
    }
    /// The schema's columns as JSON, in the words of whoever wrote it.
    public private(set) var schemaString: String
    /// Settings such as `delta.appendOnly`.
    public var configuration: [String: String] = [:]
    /// When the table was made, in milliseconds since the Unix epoch.
    public var createdTime: Int64?
    /// Fields that are not known here.
    public var unknown: [String: DeltaJSON] = [:]

    /// Metadata of a new table; `schemaString` is for a schema that was read from one.
    public init(id: String, schema: TableSchema, schemaString: String? = nil) {
        self.id = id
        self.schema = schema
        self.schemaString = schemaString ?? schema.schemaString
    }
}

/// The `add` action.
public struct AddFile: Hashable, Sendable {
    /// The file, relative to the table's folder and not percent-encoded.
    public var path: String
    /// Partition column → value; nil is SQL's NULL.
    public var partitionValues: [String: String?]
    /// Bytes.
    public var size: Int64
    /// Milliseconds since the Unix epoch.
    public var modificationTime: Int64
    /// False where the rows were in the table before, as after compaction.
    public var dataChange: Bool
    /// Statistics as JSON text; see ``FileStatistics``.
    public var stats: String?
    /// Notes on the file.
    public var tags: [String: String?]?
    /// Fields that are not known here.
    public var unknown: [String: DeltaJSON] = [:]
}

/// The `remove` action.
public struct RemoveFile: Hashable, Sendable {
    /// The file, relative to the table's folder and not percent-encoded.
    public var path: String
    /// When it was removed, in milliseconds since the Unix epoch; vacuum counts from here.
    public var deletionTimestamp: Int64?
    /// False where its rows stay in the table, as after compaction.
    public var dataChange: Bool
    /// Whether partition values and size are given.
    public var extendedFileMetadata: Bool?
    /// Partition column → value.
    public var partitionValues: [String: String?]?
    /// Bytes.
    public var size: Int64?
    /// Fields that are not known here.
    public var unknown: [String: DeltaJSON] = [:]

    /// The removal of `file` at `time`.
    public init(_ file: AddFile, at time: Timestamp, dataChange: Bool) {
        path = file.path
        deletionTimestamp = time.microseconds.floorDivided(by: 1_000)
        self.dataChange = dataChange
        extendedFileMetadata = true
        partitionValues = file.partitionValues
        size = file.size
    }
}

/// The `txn` action: the application `appId` has written everything up to `version`.
public struct TransactionMark: Hashable, Sendable {
    /// The application.
    public var appId: String
    /// Its own counter, such as an offset in a log; it only grows.
    public var version: Int64
    /// Milliseconds since the Unix epoch.
    public var lastUpdated: Int64?
    /// Fields that are not known here.
    public var unknown: [String: DeltaJSON] = [:]

    /// A mark that `appId` has written everything up to `version`.
    public init(appId: String, version: Int64, lastUpdated: Timestamp? = nil) {
        self.appId = appId
        self.version = version
        self.lastUpdated = lastUpdated.map { $0.microseconds.floorDivided(by: 1_000) }
    }
}

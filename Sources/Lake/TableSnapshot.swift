import Primitives

/// A Parquet file of a table.
public struct DataFile: Hashable, Sendable {
    /// The action that added it.
    public let add: AddFile
    /// What the log says of its content.
    public let statistics: FileStatistics
    /// Which files its events were first written to; nil where it has no ``eventTimes``.
    let origins: FileOrigins?

    /// Relative to the table's folder.
    public var path: String { add.path }
    /// Partition column → value; nil is SQL's NULL.
    public var partitionValues: [String: String?] { add.partitionValues }
    /// Bytes.
    public var size: Int64 { add.size }
    /// Rows; nil where the log does not say.
    public var rowCount: Int64? { statistics.rowCount }
    /// From its first event to its last; nil for one without events, or where the log does not say.
    var eventTimes: ClosedRange<Timestamp>? { statistics.times("event_at") }

    init(_ add: AddFile, schema: TableSchema) {
        self.add = add
        statistics = FileStatistics(parsing: add.stats, schema: schema)
        origins = statistics.times("event_at").map { FileOrigins(of: add, with: $0) }
    }
}

/// A table as it was at one version: a value that later commits do not change.
public struct TableSnapshot: Sendable {
    /// The version; the first is 0.
    public internal(set) var version: Int64
    /// What readers and writers must be able to do.
    public internal(set) var `protocol`: TableProtocol
    /// Schema, partition columns, settings.
    public internal(set) var metadata: TableMetadata
    /// The files by path.
    var filesByPath: [String: DataFile]
    /// Files that were removed and not yet forgotten, by path.
    public internal(set) var tombstones: [String: RemoveFile]
    /// Application → the last mark it set.
    public internal(set) var transactionMarks: [String: TransactionMark]

    /// The files in the order of their paths.
    public var files: [DataFile] { filesByPath.values.sorted { $0.path < $1.path } }
    /// The number of files.
    public var fileCount: Int { filesByPath.count }
    /// Application → the version up to which it has written.
    public var transactions: [String: Int64] { transactionMarks.mapValues(\.version) }
    /// Columns and partition columns.
    public var schema: TableSchema { metadata.schema }
    /// Rows, where every file's count is known.
    public var rowCount: Int64? {
        filesByPath.values.reduce(Int64?(0)) { sum, file in
            sum.flatMap { sum in file.rowCount.map { sum + $0 } }
        }
    }

    /// Forgets files that were removed before `horizon`, in milliseconds since 1970.
    mutating func forgetRemovals(before horizon: Int64) {
        tombstones = tombstones.filter { ($0.value.deletionTimestamp ?? 0) >= horizon }
    }

    /// The file at `path` relative to the table's folder.
    public func file(_ path: String) -> DataFile? { filesByPath[path] }
}

// MARK: - Replay

/// The state of a table while its log is replayed.
struct TableReplay {
    var version: Int64 = -1
    var `protocol`: TableProtocol?
    var metadata: TableMetadata?
    var adds: [String: AddFile] = [:]
    var tombstones: [String: RemoveFile] = [:]
    var transactions: [String: TransactionMark] = [:]

    init() {}

    /// Takes the actions of a commit or of a checkpoint.
    mutating func apply(_ actions: [DeltaAction], version: Int64) {
        for action in actions {
            switch action {
            case .protocol(let value): `protocol` = value
            case .metadata(let value): metadata = value
            case .add(let file):
                adds[file.path] = file
                tombstones[file.path] = nil
            case .remove(let file):
                adds[file.path] = nil
                tombstones[file.path] = file
            case .transaction(let mark): transactions[mark.appId] = mark
            case .commitInfo, .unknown: break
            }
        }
        self.version = version
    }

    /// The snapshot, once the whole log was taken.
    func snapshot() throws(Failure) -> TableSnapshot {
        guard let `protocol`, let metadata else {
            throw Failure(.storage, "the table's log has no protocol or no metaData up to version \(version)")
        }
        try `protocol`.checkReadable()
        return TableSnapshot(
            version: version, protocol: `protocol`, metadata: metadata,
            filesByPath: adds.mapValues { DataFile($0, schema: metadata.schema) }, tombstones: tombstones,
            transactionMarks: transactions)
    }
}

extension TableSnapshot {
    /// The snapshot after one more commit.
    func applying(_ actions: [DeltaAction], version: Int64) throws(Failure) -> TableSnapshot {
        var next = self
        var schemaChanged = false
        for action in actions {
            switch action {
            case .protocol(let value):
                try value.checkReadable()
                next.protocol = value
            case .metadata(let value):
                schemaChanged = value.schema != next.metadata.schema
                next.metadata = value
            case .add(let file):
                next.filesByPath[file.path] = DataFile(file, schema: next.metadata.schema)
                next.tombstones[file.path] = nil
            case .remove(let file):
                next.filesByPath[file.path] = nil
                next.tombstones[file.path] = file
            case .transaction(let mark): next.transactionMarks[mark.appId] = mark
            case .commitInfo, .unknown: break
            }
        }
        if schemaChanged {
            next.filesByPath = next.filesByPath.mapValues { DataFile($0.add, schema: next.metadata.schema) }
        }
        next.version = version
        return next
    }
}

extension TableProtocol {
    /// Refuses tables whose files may not mean what they seem to (deletion vectors, column mapping).
    func checkReadable() throws(Failure) {
        guard minReaderVersion <= TableProtocol.sesame.minReaderVersion else {
            throw Failure(
                .storage,
                "the table asks for Delta reader version \(minReaderVersion); Sesame reads version 1")
        }
    }

    /// Refuses tables whose writers have duties that Sesame does not know.
    func checkWritable() throws(Failure) {
        guard minWriterVersion <= TableProtocol.sesame.minWriterVersion else {
            throw Failure(
                .storage,
                "the table asks for Delta writer version \(minWriterVersion); Sesame writes version 2")
        }
    }
}

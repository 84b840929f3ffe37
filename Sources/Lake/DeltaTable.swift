import DuckDB
import Foundation
import Primitives
import Synchronization

/// How a table looks after its own log.
public struct TableOptions: Sendable {
    /// Every how many commits a checkpoint is written.
    public var checkpointInterval: Int64 = 10
    /// How long a checkpoint remembers that a file was removed, in milliseconds; Delta's own default is a week.
    public var tombstoneRetention: Int64 = 7 * 86_400_000
    /// How often a commit gives way to others before it fails. Each time, another writer has succeeded.
    public var commitAttempts = 200
    /// The system's time; tests set their own.
    public var now: @Sendable () -> Timestamp = { TableDisk.now() }
    /// Hears of failures that harm nothing that was promised, such as a checkpoint that could not be written.
    public var onWarning: @Sendable (Failure) -> Void = { _ in }

    /// The defaults.
    public init() {}
}

/// A Delta Lake table in a folder of a local disk.
///
/// Nothing here owns a thread: calls run on the caller's executor and block it while the disk syncs, so a caller on the
/// cooperative pool uses an actor with a ``BlockingExecutor``. One object serves any number of tasks, and any number of
/// objects and processes may work on one folder.
public final class DeltaTable: Sendable {
    /// The table's folder, without a slash at its end.
    public let folder: String
    /// Settings.
    public let options: TableOptions
    let connection: Connection
    let log: DeltaLog
    private let cached = Mutex<TableSnapshot?>(nil)

    /// The table in `folder`; nothing is read yet. Checkpoints, statistics and compaction run on `connection`.
    ///
    /// - Parameter store: where the log lies; the folder's `_delta_log` on the disk unless given.
    public init(
        folder: String, connection: Connection, options: TableOptions = TableOptions(),
        store: (any LogStore)? = nil
    ) {
        var trimmed = folder
        while trimmed.count > 1 && trimmed.hasSuffix("/") { trimmed.removeLast() }
        self.folder = trimmed
        self.options = options
        self.connection = connection
        log = DeltaLog(
            store: store ?? DiskLogStore(folder: trimmed + "/_delta_log"), connection: connection)
    }

    /// The path of a data file on the disk.
    public func location(of file: DataFile) -> String { location(file.path) }

    func location(_ path: String) -> String { folder + "/" + path }

    /// Opens the table, or makes it at version 0 with `schema` if the folder has none.
    ///
    /// - Returns: the latest snapshot. An existing table keeps its schema.
    /// - Throws: ``Failure`` of kind `storage`.
    @discardableResult
    public nonisolated(nonsending) func openOrCreate(_ schema: TableSchema, name: String? = nil) async throws
        -> TableSnapshot
    {
        if let existing = try await latest() { return existing }
        var metadata = TableMetadata(id: UUID().uuidString.lowercased(), schema: schema)
        metadata.name = name
        metadata.createdTime = options.now().milliseconds
        try await create(metadata)
        return try await snapshot()
    }

    /// Makes version 0, unless there is one.
    nonisolated(nonsending) func create(_ metadata: TableMetadata) async throws {
        let actions: [DeltaAction] = [
            .protocol(.sesame), .metadata(metadata),
            .commitInfo(commitInfo("CREATE TABLE", readVersion: nil, blind: true)),
        ]
        // Whoever loses this race finds the winner's table.
        _ = try await log.store.putIfAbsent(LogName.commit(0), DeltaTable.encode(actions))
    }

    /// The table at `version`, or at its latest; the latest is read on from the last one seen.
    ///
    /// - Throws: ``Failure`` of kind `notFound` where there is no table or not that version, else of kind `storage`.
    public nonisolated(nonsending) func snapshot(version: Int64? = nil) async throws -> TableSnapshot {
        if let version {
            if let known = cached.withLock({ $0 }), known.version == version { return known }
            if let loaded = try await log.load(version: version) { return loaded }
        } else if let latest = try await latest() {
            return latest
        }
        throw Failure(.notFound, "\(folder) is not a Delta table: it has no _delta_log")
    }

    /// The latest snapshot; nil if there is no table.
    nonisolated(nonsending) func latest() async throws -> TableSnapshot? {
        let known = cached.withLock { $0 }
        let fresh: TableSnapshot?
        if let known { fresh = try await log.refresh(known) } else { fresh = try await log.load() }
        guard var fresh else { return nil }
        // A process that lives for months must forget removed files as its checkpoints do; not at each commit.
        if fresh.version != known?.version, fresh.version % 64 == 0 {
            fresh.forgetRemovals(before: options.now().milliseconds - options.tombstoneRetention)
        }
        let latest = fresh
        cached.withLock { if $0.map({ $0.version < latest.version }) ?? true { $0 = latest } }
        return latest
    }

    func commitInfo(_ operation: String, readVersion: Int64?, blind: Bool) -> [String: DeltaJSON] {
        var info: [String: DeltaJSON] = [
            "timestamp": .integer(options.now().milliseconds), "operation": .string(operation),
            "operationParameters": .object([:]), "engineInfo": .string("Sesame"),
            "isBlindAppend": .boolean(blind),
            // Tells this commit from every other, so that a writer recognises its own after a broken answer.
            "txnId": .string(UUID().uuidString.lowercased()),
        ]
        if let readVersion { info["readVersion"] = .integer(readVersion) }
        return info
    }

    static func encode(_ actions: [DeltaAction]) -> [UInt8] {
        Array(actions.map { $0.line + "\n" }.joined().utf8)
    }
}

extension Timestamp {
    /// Whole milliseconds since the Unix epoch, rounded down.
    var milliseconds: Int64 { microseconds.floorDivided(by: 1_000) }
}

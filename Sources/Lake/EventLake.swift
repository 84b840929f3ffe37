import DuckDB
import Foundation
import Primitives
import SESEvents

/// The lake of one workspace: its tables, and the way that staged events take into them.
///
/// Events wait in an ``EventStage``; ``fresh(_:for:)`` says which are new, and ``commit(_:_:into:)`` makes them part of the
/// lake in one step. Blocking work runs on the lake's own thread.
public actor EventLake {
    /// Where the lake lies.
    public nonisolated let home: HomeDirectory
    /// DuckDB, in memory, that reads and merges Parquet.
    public nonisolated let database: Database
    let connection: Connection
    let events: DeltaTable
    let messages: DeltaTable
    let refused: DeltaTable
    let reputation: DeltaTable
    /// What to tell the user while long work goes on.
    let onProgress: @Sendable (String) -> Void

    let options: TableOptions
    /// Tables of streams that were opened, with the number of the folder that each had.
    var openStreams: [String: (folder: UInt64, table: DeltaTable)] = [:]
    /// What was committed last; see ``RecentEvents``.
    var recent: RecentEvents
    /// What came to `events` since the version that `messages` has, as far as it was read.
    var cameSince: AddedFiles?
    /// What `refused` has; see ``KnownRefusals``.
    var knownRefusals = KnownRefusals()
    /// Files by table that the last cleaning took for orphans and left alone.
    var suspects: [String: Set<String>] = [:]
    /// Files by table that are known not to name the person of an erasure that is being prepared.
    var cleanFiles: (erasure: String, paths: [String: Set<String>])?

    /// A lake in `home`, which need not exist yet; see ``create()``.
    ///
    /// - Parameters:
    ///   - memoryLimit: what DuckDB may use.
    ///   - options: how the tables look after their logs.
    ///   - remembering: how many of the events that were committed last are kept in memory, so that their repetitions
    ///     are known without reading; some 50 bytes each.
    public init(
        home: HomeDirectory, memoryLimit: String = "400MB", options: TableOptions = TableOptions(),
        remembering: Int = 0, onProgress: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        let database = try Database(configuration: [
            "memory_limit": memoryLimit, "threads": "\(ProcessInfo.processInfo.activeProcessorCount)",
            // A checkpoint would compress the staged rows, which live for a second.
            "checkpoint_threshold": "1TB",
            // The system keeps what it read already; a second copy of it would fill the limit.
            "enable_external_file_cache": "false",
            // To keep rows in the order in which they are read, which nobody asks for, one thread works and the others' rows wait in memory.
            "preserve_insertion_order": "false",
            "temp_directory": home.lake.appending(path: ".spill").path,
        ])
        try self.init(
            home: home, database: database, options: options, remembering: remembering, onProgress: onProgress
        )
    }

    private init(
        home: HomeDirectory, database: Database, options: TableOptions, remembering: Int,
        onProgress: @escaping @Sendable (String) -> Void
    ) throws {
        self.home = home
        self.database = database
        self.options = options
        self.onProgress = onProgress
        recent = RecentEvents(capacity: remembering)
        let connection = try Connection(database, label: "sesame.lake")
        self.connection = connection
        // Only `events` has so many commits that whoever makes them may want to see to checkpoints otherwise.
        var calm = options
        calm.checkpointInterval = TableOptions().checkpointInterval
        let table = { DeltaTable(folder: home.table($0).path, connection: connection, options: $1) }
        (events, messages) = (table("events", options), table("messages", calm))
        (refused, reputation) = (table("refused", calm), table("reputation", calm))
    }

    /// The same lake with a connection and a thread of its own, so that long work holds nobody up.
    public nonisolated func peer() async throws -> EventLake {
        let peer = try EventLake(
            home: home, database: database, options: options, remembering: 0, onProgress: onProgress)
        try await peer.open()
        return peer
    }

    /// The connection's thread: commits and syncs block it, and nothing else.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { connection.unownedExecutor }

    /// Makes the tables that are not there.
    ///
    /// - Parameter unit: the spans of the partitions of `events`; days in a new lake unless told otherwise.
    /// - Throws: ``Failure`` of kind usage where the lake is there and has other partitions.
    public func create(partitionedBy unit: PartitionUnit? = nil) async throws {
        try home.create()
        let table = try await events.openOrCreate(LakeTables.events(by: unit ?? .day), name: "events")
        if let unit, table.schema.partitionUnit != unit {
            throw Failure(
                .usage,
                "the events in \(home.url.path) are partitioned by the \(table.schema.partitionUnit.rawValue), which is fixed when a lake is made; leave --partition-by out"
            )
        }
        try await messages.openOrCreate(LakeTables.messages, name: "messages")
        try await refused.openOrCreate(LakeTables.refused, name: "refused")
        try await reputation.openOrCreate(LakeTables.reputation, name: "reputation")
        try await connection.execute("SET TimeZone = 'UTC'")
    }

    /// Opens the lake for reading.
    ///
    /// - Throws: ``Failure`` of kind notFound if there is none.
    public func open() async throws {
        guard home.exists else {
            throw Failure(
                .notFound, "there is no lake in \(home.url.path) yet; make one with: sesame import FILE")
        }
        try await connection.execute("SET TimeZone = 'UTC'")
    }
}

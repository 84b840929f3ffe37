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
    /// What to tell the user while long work goes on.
    let onProgress: @Sendable (String) -> Void

    /// A lake in `home`, which need not exist yet; see ``create()``.
    ///
    /// - Parameter memoryLimit: what DuckDB may use.
    public init(
        home: HomeDirectory, memoryLimit: String = "600MB",
        onProgress: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        self.home = home
        self.onProgress = onProgress
        database = try Database(configuration: [
            "memory_limit": memoryLimit, "threads": "\(ProcessInfo.processInfo.activeProcessorCount)",
            // A checkpoint would compress the staged rows, which live for a second.
            "checkpoint_threshold": "1TB",
            "temp_directory": home.lake.appending(path: ".spill").path,
        ])
        connection = try Connection(database, label: "sesame.lake")
        events = DeltaTable(folder: home.table("events").path, connection: connection)
        messages = DeltaTable(folder: home.table("messages").path, connection: connection)
        refused = DeltaTable(folder: home.table("refused").path, connection: connection)
    }

    /// The connection's thread: commits and syncs block it, and nothing else.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { connection.unownedExecutor }

    /// Makes the tables that are not there.
    public func create() async throws {
        try home.create()
        try await events.openOrCreate(LakeTables.events, name: "events")
        try await messages.openOrCreate(LakeTables.messages, name: "messages")
        try await refused.openOrCreate(LakeTables.refused, name: "refused")
        try await connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
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

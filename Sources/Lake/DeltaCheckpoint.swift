// A checkpoint is a Parquet file with one nullable struct column per kind of action (txn, add, remove, metaData, protocol)
// and one action a row: the metaData, the protocol, the last txn of each application, an `add` of every file (dataChange
// false) and a `remove` of every file removed within the tombstone retention. Maps are MAP(VARCHAR, VARCHAR). Paths are
// percent-encoded and statistics are JSON text, as in commits. `_last_checkpoint` is {"version","size","sizeInBytes",
// "numOfAddFiles"}; size counts rows.

import DuckDB
import Foundation
import Primitives

/// Reading and writing of checkpoint files.
enum DeltaCheckpoint {
    /// The columns of a checkpoint, as DuckDB types.
    private static let columns: [(name: String, type: String)] = [
        ("txn", "STRUCT(appId VARCHAR, \"version\" BIGINT, lastUpdated BIGINT)"),
        (
            "add",
            "STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT, modificationTime BIGINT, "
                + "dataChange BOOLEAN, stats VARCHAR, tags MAP(VARCHAR, VARCHAR))"
        ),
        (
            "remove",
            "STRUCT(path VARCHAR, deletionTimestamp BIGINT, dataChange BOOLEAN, extendedFileMetadata BOOLEAN, "
                + "partitionValues MAP(VARCHAR, VARCHAR), size BIGINT)"
        ),
        (
            "metaData",
            "STRUCT(id VARCHAR, \"name\" VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR, options "
                + "MAP(VARCHAR, VARCHAR)), schemaString VARCHAR, partitionColumns VARCHAR[], configuration "
                + "MAP(VARCHAR, VARCHAR), createdTime BIGINT)"
        ),
        ("protocol", "STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER)"),
    ]

    /// The actions of the checkpoint whose parts are at `locations`.
    static nonisolated(nonsending) func read(_ locations: [String], _ connection: Connection) async throws
        -> [DeltaAction]
    {
        let source = "read_parquet(\(SQL.list(locations)), hive_partitioning = false)"
        let present = Set(
            try await connection.texts("SELECT column_name FROM (DESCRIBE FROM \(source))").map { $0[0] })
        let selections = columns.filter { present.contains($0.name) }.map { column in
            let name = SQL.identifier(column.name)
            return
                "SELECT '\(column.name)', to_json(\(name))::VARCHAR FROM \(source) WHERE \(name) IS NOT NULL"
        }
        guard !selections.isEmpty else {
            throw Failure(.storage, "\(locations.joined(separator: ", ")) holds no actions")
        }
        let rows = try await connection.texts(selections.joined(separator: " UNION ALL "))
        return try rows.map { row in
            guard let name = row[0], let body = row[1] else {
                throw Failure(.storage, "\(locations.joined(separator: ", ")) holds an empty action")
            }
            return try DeltaAction(named: name, body: DeltaJSON(parsing: body))
        }
    }

    /// The rows of the checkpoint of `snapshot`, forgetting files removed before `horizon` (milliseconds since 1970).
    static func actions(_ snapshot: TableSnapshot, forgetting horizon: Int64) -> [DeltaAction] {
        let marks = snapshot.transactionMarks.values.sorted { $0.appId < $1.appId }
        let removals = snapshot.tombstones.values.filter { ($0.deletionTimestamp ?? 0) >= horizon }
        let additions = snapshot.files.map { file in
            var add = file.add
            add.dataChange = false
            return add
        }
        return [.protocol(snapshot.protocol), .metadata(snapshot.metadata)] + marks.map { .transaction($0) }
            + removals.sorted { $0.path < $1.path }.map { .remove($0) } + additions.map { .add($0) }
    }

    /// SQL that turns the actions in the NDJSON file at `lines` into a checkpoint at `target`.
    ///
    /// - Parameter longest: bytes of the longest line; DuckDB sets a multiple of it aside for each thread.
    static func copy(from lines: String, longest: Int, to target: String) -> String {
        let types = columns.map { "\(SQL.identifier($0.name)): \(SQL.literal($0.type))" }.joined(
            separator: ", ")
        return """
            COPY (FROM read_json(\(SQL.literal(lines)), format = 'newline_delimited', columns = {\(types)}, \
            maximum_object_size = \(max(1 << 20, longest * 2)))) TO \(SQL.literal(target)) (FORMAT parquet, COMPRESSION zstd)
            """
    }
}

extension DeltaTable {
    /// Writes a checkpoint of the latest version, so that readers need not read the commits before it.
    ///
    /// - Returns: the version of the checkpoint.
    /// - Throws: ``Failure`` of kind `storage`; the table is as valid without the checkpoint.
    @discardableResult
    public nonisolated(nonsending) func checkpoint() async throws -> Int64 {
        let snapshot = try await snapshot()
        let actions = DeltaCheckpoint.actions(
            snapshot, forgetting: options.now().milliseconds - options.tombstoneRetention)
        let scratch = folder + "/_delta_log/" + DiskLogStore.temporaryPrefix + UUID().uuidString.lowercased()
        let (lines, parquet) = (scratch + ".json", scratch + ".parquet")
        defer {
            unlink(lines)
            unlink(parquet)
        }
        let encoded = DeltaTable.encode(actions)
        try TableDisk.write(encoded, toNew: lines)
        let longest = encoded.split(separator: UInt8(ascii: "\n")).map(\.count).max() ?? 0
        _ = try await connection.texts(DeltaCheckpoint.copy(from: lines, longest: longest, to: parquet))
        guard let bytes = try TableDisk.read(parquet) else { throw Failure(.storage, "\(parquet) is gone") }
        // Another writer's checkpoint of the same version says the same.
        _ = try await log.store.putIfAbsent(LogName.checkpoint(snapshot.version), bytes)
        if try await log.hintedCheckpoint() ?? -1 < snapshot.version {
            let pointer = DeltaJSON.object([
                "version": .integer(snapshot.version), "size": .integer(actions.count),
                "sizeInBytes": .integer(bytes.count), "numOfAddFiles": .integer(snapshot.fileCount),
            ])
            try await log.store.replace(LogName.lastCheckpoint, Array(pointer.line.utf8))
        }
        return snapshot.version
    }

    /// Writes a checkpoint after every so many commits. The commit stands whatever becomes of it.
    nonisolated(nonsending) func checkpointIfDue(_ version: Int64) async {
        guard options.checkpointInterval > 0, version % options.checkpointInterval == 0 else { return }
        do {
            try await checkpoint()
        } catch {
            options.onWarning(
                Failure(.storage, "no checkpoint was written for \(folder) at version \(version): \(error)"))
        }
    }

    /// Removes commits and checkpoints that are no longer needed to read any version written in the last `age`
    /// milliseconds. Older versions can then no longer be read.
    ///
    /// - Returns: the names of the removed files.
    /// - Throws: ``Failure`` of kind `storage`.
    @discardableResult
    public nonisolated(nonsending) func cleanLog(olderThan age: Int64) async throws -> [String] {
        let history = History(of: try await log.store.list(from: LogName.digits(0)))
        let cutoff = Timestamp(microseconds: options.now().microseconds - age * 1_000)
        // Versions from the first young commit on must stay readable: from a checkpoint not after the version before it.
        let young = history.files.first { $0.file.kind == .commit && $0.entry.modified >= cutoff }?.file
            .version
        // And the pointer must not come to name a checkpoint that is gone, as after a stop before it was moved on.
        let hint = try await log.hintedCheckpoint() ?? .max
        let needed = min(hint, young.map { $0 - 1 } ?? history.latest ?? 0)
        guard let kept = history.checkpoint(notAfter: needed)?.version else { return [] }
        let stale = history.files.filter { $0.file.version < kept }.map(\.entry.name)
        for name in stale { try await log.store.delete(name) }
        return stale
    }
}

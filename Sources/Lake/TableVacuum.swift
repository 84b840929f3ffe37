import Primitives

/// What a vacuum removed, or would remove.
public struct VacuumReport: Hashable, Sendable {
    /// Files that a commit removed, relative to the table's folder.
    public var removed: [String] = []
    /// Files that no version names: left by writers that were stopped before their commit.
    public var orphans: [String] = []
    /// Those that seem to be such, and were left alone because nobody had seen them before.
    public var suspects: [String] = []
    /// Bytes of all of them.
    public var size: Int64 = 0
}

extension DeltaTable {
    /// Deletes files that no version within its retention needs.
    ///
    /// - Parameters:
    ///   - removedFor: how long ago, in milliseconds, a commit must have removed a file. Queries that began before and
    ///     older versions within this time stay readable. More than ``TableOptions/tombstoneRetention`` has no effect.
    ///   - orphanedFor: how long ago, in milliseconds, a file that no version names must have been written. It must be
    ///     longer than any writer takes from its first byte to its commit.
    ///   - suspects: for a process that writes to the table meanwhile: the suspects of its vacuum before this. Only they are
    ///     deleted as orphans, for a clock that jumps makes a file old that is about to be committed.
    ///   - dryRun: whether files are only listed.
    /// - Throws: ``Failure`` of kind `storage`.
    @discardableResult
    public nonisolated(nonsending) func vacuum(
        removedFor: Int64 = 7 * 86_400_000, orphanedFor: Int64 = 86_400_000, suspects: Set<String>? = nil,
        dryRun: Bool = false
    ) async throws -> VacuumReport {
        // The folder before the log: a file that is committed in between is in the log already when that is read.
        let present = try filesOnDisk()
        let snapshot = try await snapshot()
        let now = options.now().milliseconds
        var report = VacuumReport()
        for entry in present where snapshot.file(entry.name) == nil {
            if let tombstone = snapshot.tombstones[entry.name] {
                guard (tombstone.deletionTimestamp ?? 0) <= now - removedFor else { continue }
                report.removed.append(entry.name)
            } else {
                guard entry.modified.milliseconds <= now - orphanedFor else { continue }
                if let suspects, !suspects.contains(entry.name) {
                    report.suspects.append(entry.name)
                    continue
                }
                report.orphans.append(entry.name)
            }
            report.size += entry.size
            if !dryRun { try TableDisk.delete(location(entry.name)) }
        }
        for entry in try temporaries() where entry.modified.milliseconds <= now - orphanedFor {
            report.orphans.append(entry.name)
            report.size += entry.size
            if !dryRun { try TableDisk.delete(location(entry.name)) }
        }
        return report
    }

    /// The Parquet files below the table's folder, by relative path; folders that begin with `_` or `.` hold no data.
    func filesOnDisk() throws(Failure) -> [LogEntry] {
        var result: [LogEntry] = []
        var waiting = [""]
        while let folder = waiting.popLast() {
            for name in try TableDisk.names(in: location(folder))
            where !name.hasPrefix("_") && !name.hasPrefix(".") {
                let path = folder.isEmpty ? name : folder + "/" + name
                if TableDisk.isFolder(location(path)) {
                    waiting.append(path)
                } else if name.hasSuffix(".parquet"),
                    let entry = try TableDisk.entry(location(path), name: path)
                {
                    result.append(entry)
                }
            }
        }
        return result.sorted { $0.name < $1.name }
    }

    /// What killed writers left in the log's folder.
    private func temporaries() throws(Failure) -> [LogEntry] {
        var result: [LogEntry] = []
        for name in try TableDisk.names(in: folder + "/_delta_log")
        where name.hasPrefix(DiskLogStore.temporaryPrefix) {
            let path = "_delta_log/" + name
            if let entry = try TableDisk.entry(location(path), name: path) { result.append(entry) }
        }
        return result.sorted { $0.name < $1.name }
    }
}

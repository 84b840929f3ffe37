import Primitives

extension TableOptions {
    /// For a process that commits every second: checkpoints are left to the ``LakeKeeper``, which writes them beside the
    /// commits, and removed files are forgotten soon after they are deleted.
    public static var live: TableOptions {
        var options = TableOptions()
        options.checkpointInterval = 0
        options.tombstoneRetention = 2 * 3_600_000
        return options
    }
}

extension EventLake {
    /// The application id under which the event log's offset is recorded in `events`.
    public static let logMark = "log"

    /// All records of the event log before this offset are in the lake.
    public func committedOffset() async throws -> UInt64 {
        UInt64(max(0, try await events.snapshot().transactions[Self.logMark] ?? 0))
    }

    /// The furthest offset that any table has; a new log must not begin before it, or its records would be taken for those
    /// that the table has.
    public func furthestOffset() async throws -> UInt64 {
        try await streamTables().reduce(try await committedOffset()) { max($0, $1.offset) }
    }

    /// The latest version of `events`; it tells a reader whether anything is new.
    public func eventsVersion() async throws -> Int64 { try await events.snapshot().version }

    /// How far `messages` and the checkpoint are behind.
    func upkeepSituation() async throws -> UpkeepPolicy.Situation {
        var situation = UpkeepPolicy.Situation()
        let snapshot = try await events.snapshot()
        let done = try await messages.snapshot().transactions[Self.eventsMark] ?? 0
        if done < snapshot.version {
            let added = try await filesAdded(after: done, to: snapshot)
            situation.eventsBehind = added?.reduce(0) { $0 + ($1.rowCount ?? 0) }
            // Versions that only merged files leave nothing to do.
            situation.isBehind = added?.isEmpty != true
        }
        situation.commitsSinceCheckpoint = snapshot.version - (try await events.log.hintedCheckpoint() ?? 0)
        return situation
    }

    /// Merges the small files that are due.
    ///
    /// - Returns: how many files were merged. What another writer changed meanwhile is left for the next time.
    func compactTiers(_ policy: TieredCompaction) async throws -> Int {
        var merged = 0
        for (_, table, order) in try ownTables() {
            // A merge may make the next tier full, so plan anew until nothing is due.
            while !Task.isCancelled {
                let snapshot = try await table.snapshot()
                guard let group = policy.plan(snapshot).first else { break }
                do {
                    merged += try await table.compact(group, of: snapshot, orderBy: order).mergedFiles
                } catch is CommitRejection {
                    break
                }
            }
        }
        return merged
    }

    /// Writes a checkpoint of `events`.
    func checkpointEvents() async throws { try await events.checkpoint() }

    /// Removes files and commits that were replaced before `retention`, and what stopped writers left before it.
    func clean(_ retention: Duration) async throws {
        let age = Int64(retention.components.seconds) * 1_000
        for (name, table, _) in try ownTables() {
            let report = try await table.vacuum(
                removedFor: age, orphanedFor: age, suspects: suspects[name] ?? [])
            suspects[name] = Set(report.suspects)
            try await table.cleanLog(olderThan: age)
        }
    }
}

import DuckDB
import Foundation
import Primitives

/// The state of a lake, as far as the log and a look at the folders tell; no rows are read but those of `refused`.
public struct LakeHealth: Sendable {
    /// Tables with their sizes.
    public var tables: [EventLake.TableInfo] = []
    /// How many versions of `events` the table `messages` lacks.
    public var messagesBehind: Int64 = 0
    /// Table → partitions in which compaction would merge files.
    public var fragmented: [String: Int] = [:]
    /// Files that no version names and no writer of the last hour can be at work on.
    public var leftovers: [String] = []
    /// The latest event.
    public var newestEvent: Timestamp?
    /// Reasons of refusal with how often, the most frequent first.
    public var refusals: [(reason: String, count: Int)] = []
}

extension TableSnapshot {
    /// When the last event happened, in a snapshot of `events`; nil where there is none.
    var lastEventAt: Timestamp? {
        filesByPath.values.compactMap { file in
            guard case .timestamp(let time)? = file.statistics.columns["event_at"]?.maximum else {
                return nil
            }
            return time
        }.max()
    }
}

extension EventLake {
    /// Looks at the lake without changing it.
    public func health() async throws -> LakeHealth {
        var health = LakeHealth(tables: try await info())
        let snapshot = try await events.snapshot()
        let done = try await messages.snapshot().transactions[Self.eventsMark] ?? 0
        if done < snapshot.version {
            let added = try await filesAdded(after: done, to: snapshot)
            // Versions that only merged files leave nothing to do.
            if added.map({ !$0.isEmpty }) ?? true { health.messagesBehind = snapshot.version - done }
        }
        health.newestEvent = snapshot.lastEventAt
        for (name, table, _) in try ownTables() {
            let files = try await table.snapshot().files
            let partitions = Dictionary(grouping: files, by: \.partitionValues)
            health.fragmented[name] = partitions.values.count { $0.count >= Self.manyFiles }
            // The hour spares the files of a writer at work.
            let report = try await table.vacuum(
                removedFor: .max / 2, orphanedFor: 3_600_000, dryRun: true)
            health.leftovers += report.orphans.map { "\(name)/\($0)" }
        }
        health.leftovers += rawLeftovers() + datasetLeftovers()
        health.refusals = try await connection.rows(
            "SELECT reason, count(*) FROM \(try await refusedRelation()) GROUP BY 1 ORDER BY 2 DESC, 1"
        ).compactMap { row in row[0].text.map { ($0, Int(row[1].integer ?? 0)) } }
        return health
    }

    /// DuckDB's own version.
    public func engineVersion() async throws -> String {
        try await connection.rows("SELECT version()").first?.first?.text ?? "unknown"
    }

    /// More files in one partition than a ``LakeKeeper`` leaves: nine in each of six tiers.
    private static let manyFiles = 55

    private func rawLeftovers() -> [String] {
        guard let names = FileManager.default.enumerator(atPath: home.raw.path) else { return [] }
        return names.compactMap { $0 as? String }.filter { $0.hasSuffix(".tmp") }.map { "raw/\($0)" }
    }

    private func datasetLeftovers() -> [String] {
        let names = (try? TableDisk.names(in: home.table("datasets").path)) ?? []
        return names.filter { $0.hasPrefix(".") }.sorted().map { "datasets/\($0)" }
    }
}

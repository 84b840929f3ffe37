import DuckDB
import Foundation
import Primitives

extension EventLake {
    /// Another connection to ``database``.
    public nonisolated func makeConnection() throws -> Connection {
        try Connection(database, label: "sesame.lane")
    }

    /// Deletes what a writer that was killed left behind. Only for the holder of the ``WriterLock``.
    public func removeLeftovers() async throws {
        for table in [events, messages, refused] { try await table.vacuum(orphanedFor: 0) }
        guard let names = FileManager.default.enumerator(atPath: home.raw.path) else { return }
        while let name = names.nextObject() as? String {
            if name.hasSuffix(".tmp") {
                try FileManager.default.removeItem(at: home.raw.appending(path: name))
            }
        }
    }

    /// Puts `files`, which hold all events, in the place of the table's present ones, in one step.
    public func replaceEvents(with files: [AddFile]) async throws {
        let snapshot = try await events.snapshot()
        let now = events.options.now()
        let actions: [DeltaAction] =
            snapshot.files.map { .remove(RemoveFile($0.add, at: now, dataChange: true)) }
            + files.map { .add($0) }
        try await events.commit(read: snapshot.version, operation: "REBUILD", actions: actions)
    }

    /// Merges small files.
    ///
    /// - Returns: what was merged, by table.
    public func compact() async throws -> [(table: String, report: CompactionReport)] {
        try await updateMessages()
        var policy = CompactionPolicy()
        policy.minimumFiles = 2
        var reports: [(table: String, report: CompactionReport)] = []
        for report in try await events.compact(policy, orderBy: "event_at") {
            reports.append(("events", report))
        }
        for report in try await messages.compact(policy, orderBy: "sent_at") {
            reports.append(("messages", report))
        }
        for report in try await refused.compact(policy, orderBy: "refused_at") {
            reports.append(("refused", report))
        }
        for table in [events, messages, refused] {
            try await table.vacuum(removedFor: 3_600_000, orphanedFor: 0)
        }
        return reports
    }

    /// Looks whether everything is as the log says.
    ///
    /// - Returns: what is wrong, a sentence each.
    public func verify() async throws -> [String] {
        var findings: [String] = []
        let times = ["events": "event_at", "messages": "sent_at"]
        for name in try tableNames() {
            onProgress("verifying \(name)")
            findings += try await table(name).verify(timestamp: times[name]).map { "\(name): \($0)" }
        }
        // Files that are damaged cannot be counted.
        guard findings.isEmpty else { return findings }
        let files = try await events.snapshot().files.map { events.location(of: $0) }
        if !files.isEmpty {
            let twice = try await count(
                "SELECT count(*) - count(DISTINCT event_id) FROM read_parquet(\(SQL.list(files)))")
            if twice > 0 {
                findings.append("events: \(twice) rows repeat an event_id; run: sesame lake rebuild")
            }
        }
        return findings
    }

    /// A table's size and state.
    public struct TableInfo: Sendable {
        /// The table's name.
        public var name: String
        /// Its latest version.
        public var version: Int64
        /// Data files.
        public var files: Int
        /// Rows.
        public var rows: Int64
        /// Bytes of the data files.
        public var bytes: Int64
    }

    /// Size and state of each table.
    public func info() async throws -> [TableInfo] {
        var infos: [TableInfo] = []
        for name in try tableNames() {
            let snapshot = try await table(name).snapshot()
            infos.append(
                TableInfo(
                    name: name, version: snapshot.version, files: snapshot.fileCount,
                    rows: snapshot.rowCount ?? 0,
                    bytes: snapshot.files.reduce(0) { $0 + $1.size }))
        }
        return infos
    }

    func table(_ name: String) -> DeltaTable {
        switch name {
        case "events": events
        case "messages": messages
        case "refused": refused
        default: DeltaTable(folder: home.table(name).path, connection: connection)
        }
    }

    /// The lake's tables, the user's datasets behind its own.
    func tableNames() throws -> [String] {
        let folder = home.table("datasets").path
        let datasets = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return ["events", "messages", "refused"]
            + datasets.sorted().filter { !$0.hasPrefix(".") }.map { "datasets/\($0)" }
    }
}

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
        for table in try ownTables() { try await table.table.vacuum(orphanedFor: 0) }
        try removeStreamLeftovers()
        try removeRollupTemporaries()
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
        for (name, table, order) in try ownTables() {
            for report in try await table.compact(policy, orderBy: order) { reports.append((name, report)) }
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
    public func info() async throws -> [TableInfo] { try await info(of: tableNames()) }

    func info(of names: [String]) async throws -> [TableInfo] {
        var infos: [TableInfo] = []
        for name in names {
            guard let snapshot = try await present(name) else { continue }
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
        case "reputation": reputation
        default:
            name.hasPrefix("streams/")
                ? openStream(String(name.dropFirst("streams/".count)))
                : DeltaTable(folder: home.table(name).path, connection: connection)
        }
    }

    /// A table's latest snapshot; nil for a dataset that was dropped a moment ago.
    func present(_ name: String) async throws -> TableSnapshot? {
        name.hasPrefix("datasets/") ? try await table(name).latest() : try await table(name).snapshot()
    }

    /// The lake's tables: its own, those of streams, and the user's datasets.
    func tableNames() throws -> [String] {
        // A lake that an older version made has no reputation until somebody writes.
        let reputation = TableDisk.isFolder(home.table("reputation").path) ? ["reputation"] : []
        return ["events", "messages", "refused"] + reputation + (try visible("streams"))
            + (try visible("datasets"))
    }

    /// The tables in a folder; what begins with a point is nobody's.
    private func visible(_ folder: String) throws -> [String] {
        try TableDisk.names(in: home.table(folder).path).filter { !$0.hasPrefix(".") }.sorted()
            .map { "\(folder)/\($0)" }
    }

    /// The tables that Sesame itself writes to all the time, and what their rows are sorted by.
    func ownTables() throws -> [(name: String, table: DeltaTable, order: String?)] {
        let times = [
            "events": "event_at", "messages": "sent_at", "refused": "refused_at", "reputation": "event_at",
        ]
        return try tableNames().filter { !$0.hasPrefix("datasets/") }
            .map { ($0, table($0), times[$0]) }
    }
}

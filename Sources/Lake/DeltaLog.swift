// Reading the log of a table: `_delta_log/<version>.json` is one commit, one action a line; `<version>.checkpoint.parquet`
// (or `.checkpoint.<part>.<parts>.parquet`) holds the state after that version; `_last_checkpoint` names a recent one and
// is only a hint. A version exists exactly if its JSON file does or did: a checkpoint follows its commit and never leads.

import DuckDB
import Primitives

/// Reads the history of a table.
struct DeltaLog: Sendable {
    let store: any LogStore
    let connection: Connection

    /// The actions of a commit; nil if there is none.
    nonisolated(nonsending) func commit(_ version: Int64) async throws -> [DeltaAction]? {
        guard let bytes = try await store.read(LogName.commit(version)) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        do {
            return try text.split(separator: "\n").map { line in try DeltaAction(parsing: line) }
        } catch let failure as Failure {
            throw Failure(failure.kind, "\(store.location(LogName.commit(version))): \(failure.message)")
        }
    }

    /// The version of the checkpoint that `_last_checkpoint` names; nil if there is none or it cannot be read.
    nonisolated(nonsending) func hintedCheckpoint() async throws -> Int64? {
        guard let bytes = try await store.read(LogName.lastCheckpoint) else { return nil }
        return (try? DeltaJSON(parsing: String(decoding: bytes, as: UTF8.self)))?["version"]?.int64
    }

    /// The state at `version`, or at the latest; nil if the folder holds no log.
    ///
    /// - Throws: ``Failure`` of kind `notFound` for a version that is not (or no longer) there, of kind `storage` where
    ///   the log has a gap or cannot be read.
    nonisolated(nonsending) func load(version wanted: Int64? = nil) async throws -> TableSnapshot? {
        let hint = wanted == nil ? try await hintedCheckpoint() : nil
        var history = try await History(of: store.list(from: LogName.digits(hint ?? 0)))
        if history.checkpoints.isEmpty, hint != nil {
            history = try await History(of: store.list(from: LogName.digits(0)))
        }
        guard let latest = history.latest else { return nil }
        if let wanted, wanted > latest || wanted < 0 {
            throw Failure(
                .notFound, "\(store.location("")) has no version \(wanted); its latest is \(latest)")
        }
        let target = wanted ?? latest
        var replay = TableReplay()
        if let (version, names) = history.checkpoint(notAfter: target) {
            replay.apply(try await checkpoint(names), version: version)
        }
        while replay.version < target {
            let next = replay.version + 1
            guard let actions = try await commit(next) else {
                throw Failure(
                    wanted == nil ? .storage : .notFound,
                    "\(store.location(LogName.commit(next))) is missing, so version \(target) cannot be read")
            }
            replay.apply(actions, version: next)
        }
        return try replay.snapshot()
    }

    /// A snapshot brought up to the latest version by reading only the commits after it.
    nonisolated(nonsending) func refresh(_ snapshot: TableSnapshot) async throws -> TableSnapshot {
        var current = snapshot
        while let actions = try await commit(current.version + 1) {
            current = try current.applying(actions, version: current.version + 1)
        }
        // After a long sleep the next commit may have been cleaned away: its absence is then no proof of the end.
        if let hint = try await hintedCheckpoint(), hint > current.version {
            return try await load() ?? current
        }
        return current
    }

    /// The actions that a checkpoint's files hold.
    nonisolated(nonsending) func checkpoint(_ names: [String]) async throws -> [DeltaAction] {
        let locations = names.map { store.location($0) }
        return try await DeltaCheckpoint.read(locations, connection)
    }
}

/// The files of a log by version.
struct History {
    private(set) var files: [(file: LogFile, entry: LogEntry)] = []

    init(of entries: [LogEntry]) {
        files = entries.compactMap { entry in LogName.parse(entry.name).map { ($0, entry) } }
    }

    /// Versions that have a commit file, in order.
    var commits: [Int64] { files.filter { $0.file.kind == .commit }.map(\.file.version).sorted() }

    /// The latest version.
    var latest: Int64? { files.map(\.file.version).max() }

    /// The newest complete checkpoint of a version up to `version`, with the names of its parts.
    func checkpoint(notAfter version: Int64) -> (version: Int64, names: [String])? {
        checkpoints.last { $0.version <= version }
    }

    /// Complete checkpoints in order of their versions; where one has two forms, the one with fewer parts.
    var checkpoints: [(version: Int64, names: [String])] {
        var parts: [Int64: [Int: [String]]] = [:]
        for (file, entry) in files {
            guard case .checkpoint(_, let total) = file.kind else { continue }
            parts[file.version, default: [:]][total, default: []].append(entry.name)
        }
        return parts.sorted { $0.key < $1.key }.compactMap { version, forms in
            forms.sorted { $0.key < $1.key }.first { $0.key == $0.value.count }.map {
                (version, $0.value.sorted())
            }
        }
    }
}

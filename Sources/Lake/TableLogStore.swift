import Primitives

/// Where the log of a table lies: a folder of small files that are made once and then only read.
///
/// The whole safety of a table rests on ``putIfAbsent(_:_:)``: of any number of writers that put one name at one time,
/// exactly one is told that it won, and a reader sees all of the winner's bytes or no file. A disk gives that with
/// `link`, S3 with `If-None-Match: *`.
public protocol LogStore: Sendable {
    /// The files whose names are not less than `start` in byte order, sorted by name; temporary files are left out.
    nonisolated(nonsending) func list(from start: String) async throws -> [LogEntry]

    /// The bytes of a file; nil if there is none of that name.
    nonisolated(nonsending) func read(_ name: String) async throws -> [UInt8]?

    /// Makes a file that must not exist yet, and returns once it would survive a loss of power.
    ///
    /// - Returns: false if another file has the name already. Where an error is thrown, the file may be there or not.
    nonisolated(nonsending) func putIfAbsent(_ name: String, _ bytes: [UInt8]) async throws -> Bool

    /// Makes or replaces a file, at once as a reader sees it.
    nonisolated(nonsending) func replace(_ name: String, _ bytes: [UInt8]) async throws

    /// Removes a file; one that is gone already is fine.
    nonisolated(nonsending) func delete(_ name: String) async throws

    /// The file as DuckDB names it: a path or a URL.
    func location(_ name: String) -> String
}

/// A file of the log.
public struct LogEntry: Hashable, Sendable {
    /// Its name in the log's folder.
    public var name: String
    /// Bytes.
    public var size: Int64
    /// When it was written.
    public var modified: Timestamp
}

/// Names of files in `_delta_log`: twenty digits of the version, then the kind.
enum LogName {
    /// The pointer to a checkpoint.
    static let lastCheckpoint = "_last_checkpoint"

    /// `00000000000000000007.json`.
    static func commit(_ version: Int64) -> String { digits(version) + ".json" }

    /// `00000000000000000010.checkpoint.parquet`.
    static func checkpoint(_ version: Int64) -> String { digits(version) + ".checkpoint.parquet" }

    /// The first part of every name of `version`.
    static func digits(_ version: Int64) -> String {
        let text = String(version)
        return String(repeating: "0", count: 20 - text.count) + text
    }

    /// What a name says; nil for files that are no part of the log's history.
    static func parse(_ name: String) -> LogFile? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard let first = parts.first, first.utf8.count == 20, let version = Int64(first) else { return nil }
        switch parts.count {
        case 2 where parts[1] == "json": return LogFile(version: version, kind: .commit)
        case 3 where parts[1] == "checkpoint" && parts[2] == "parquet":
            return LogFile(version: version, kind: .checkpoint(part: 1, of: 1))
        case 5 where parts[1] == "checkpoint" && parts[4] == "parquet":
            guard let part = Int(parts[2]), let total = Int(parts[3]) else { return nil }
            return LogFile(version: version, kind: .checkpoint(part: part, of: total))
        default: return nil
        }
    }
}

/// What the name of a log file says.
struct LogFile: Hashable {
    enum Kind: Hashable {
        case commit
        case checkpoint(part: Int, of: Int)
    }

    var version: Int64
    var kind: Kind
}

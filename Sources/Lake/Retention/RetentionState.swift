import Foundation
import Primitives

/// How far retention is in a workspace.
public struct RetentionState: Codable, Hashable, Sendable {
    var anonymousBefore: String?
    var anonymousDone: String?
    var rawDeletedBefore: String?
    var oldVersionsSince: String?
    /// The last run that came to its end.
    public var lastRun: RetentionReport?

    /// Nothing was done yet.
    public init() {}

    enum CodingKeys: String, CodingKey {
        case anonymousBefore = "anonymous_before"
        case anonymousDone = "anonymous_done"
        case rawDeletedBefore = "raw_deleted_before"
        case oldVersionsSince = "old_versions_since"
        case lastRun = "last_run"
    }

    /// Events of days before this that come in are made anonymous.
    public var anonymous: CivilDay? { anonymousBefore.flatMap { CivilDay(iso8601: $0) } }
    /// Events of days before this are anonymous in the tables.
    public var done: CivilDay? { anonymousDone.flatMap { CivilDay(iso8601: $0) } }
    /// Whether somebody began to make days anonymous and did not come to the end.
    public var isUnfinished: Bool { anonymousBefore != anonymousDone }
}

/// An order to run now, from a command to the server that has the lake.
public struct RetentionRequest: Codable, Hashable, Sendable {
    /// The name that the run is to have.
    public var id: String

    /// An order.
    public init() { id = UUID().uuidString.lowercased() }
}

/// What is known of a file of received bytes without reading it.
public struct RawFileAge: Codable, Hashable, Sendable {
    /// Its bytes.
    public var size: Int64
    /// When it was written, microseconds since 1970.
    public var modified: Int64
    /// The oldest event in it that may name somebody, microseconds since 1970; nil if there is none.
    public var oldest: Int64?

    /// What is known of a file that was just read.
    public init(of path: String, oldest: Int64?) throws(Failure) {
        guard let entry = try TableDisk.entry(path, name: path) else {
            throw Failure(.storage, "\(path) is gone")
        }
        (size, modified, self.oldest) = (entry.size, entry.modified.microseconds, oldest)
    }

    /// Whether the file is still as it was.
    public func isOf(_ path: String) throws(Failure) -> Bool {
        guard let entry = try TableDisk.entry(path, name: path) else { return false }
        return entry.size == size && entry.modified.microseconds == modified
    }
}

import Foundation
import Primitives

/// What a run of retention did, or would do, in one table.
public struct RetentionChange: Codable, Hashable, Sendable {
    /// What becomes of rows.
    public enum Action: String, Codable, Sendable {
        /// They go.
        case delete
        /// They stay, and no longer name anybody.
        case anonymise
    }

    /// The table, such as `events` or `streams/orders`; or `raw`.
    public var table: String
    /// What became of the rows.
    public var action: Action
    /// The days that they were of.
    public var days: Int
    /// How many they were; 0 for `raw`, whose files are not read as rows.
    public var rows: Int64
    /// The size of the files they were in; of files that lose a part of their rows, that part.
    public var bytes: Int64

    /// A change of a table.
    public init(_ table: String, _ action: Action, days: Int = 0, rows: Int64 = 0, bytes: Int64 = 0) {
        (self.table, self.action, self.days, self.rows, self.bytes) = (table, action, days, rows, bytes)
    }
}

/// One run of retention.
public struct RetentionReport: Codable, Hashable, Sendable {
    /// Its name, a UUID.
    public var id: String
    /// When it began.
    public var startedAt: String
    /// When it was done; nil for one that was only looked at, or that could not be done.
    public var finishedAt: String?
    /// What it did.
    public var changes: [RetentionChange] = []
    /// Why it did nothing, or not all.
    public var failure: String?

    enum CodingKeys: String, CodingKey {
        case id, changes, failure
        case startedAt = "started_at"
        case finishedAt = "finished_at"
    }

    /// A run that begins.
    public init(id: String = UUID().uuidString.lowercased(), at now: Timestamp = .now) {
        (self.id, startedAt) = (id, now.iso8601)
    }

    /// Adds to what was done in a table.
    public mutating func note(_ change: RetentionChange) {
        guard change.days > 0 || change.rows > 0 || change.bytes > 0 else { return }
        guard
            let index = changes.firstIndex(where: { $0.table == change.table && $0.action == change.action })
        else { return changes.append(change) }
        changes[index].days += change.days
        changes[index].rows += change.rows
        changes[index].bytes += change.bytes
    }
}

import GRDB
import Primitives

/// What came by a source since its counters were last written. A receiver adds to it in memory and has it written every now
/// and then, so that a request costs no write.
public struct SourceActivity: Equatable, Sendable {
    /// The newest moment at which an event came.
    public var lastEventAt: Timestamp?
    /// Events taken in.
    public var events = 0
    /// Of those, how many were there already.
    public var duplicates = 0
    /// What was refused, by reason. Reasons are few and fixed: a word for each, never a stranger's text.
    public var refused: [String: Int] = [:]
    /// The newest error, a sentence.
    public var lastError: String?
    /// When it happened.
    public var lastErrorAt: Timestamp?
    /// Where Sesame fetches: when it last looked for events without an error.
    public var fetchedAt: Timestamp?

    /// Nothing yet.
    public init() {}

    /// Adds what came after.
    public mutating func add(_ later: SourceActivity) {
        lastEventAt = [lastEventAt, later.lastEventAt].compactMap { $0 }.max()
        fetchedAt = [fetchedAt, later.fetchedAt].compactMap { $0 }.max()
        events += later.events
        duplicates += later.duplicates
        refused.merge(later.refused, uniquingKeysWith: +)
        if let error = later.lastError { (lastError, lastErrorAt) = (error, later.lastErrorAt) }
    }
}

/// A source's counters since it was added.
public struct SourceStatus: Equatable, Sendable {
    /// When an event last came.
    public var lastEventAt: Timestamp?
    /// Events taken in.
    public var events: Int64 = 0
    /// Of those, how many were there already.
    public var duplicates: Int64 = 0
    /// What was refused in all.
    public var refused: Int64 = 0
    /// The same by reason.
    public var refusedByReason: [String: Int64] = [:]
    /// The newest error.
    public var lastError: String?
    /// When it happened.
    public var lastErrorAt: Timestamp?
    /// Where Sesame fetches: when it last looked for events without an error.
    public var fetchedAt: Timestamp?

    /// The counters of a source to which nothing came.
    public init() {}
}

extension Source {
    /// `active` or `paused`, whatever comes.
    public var state: String { pausedAt == nil ? "active" : "paused" }

    /// `active`, `paused`, `failing` or `stale`; one that fails says why it is silent. Only what Sesame fetches can fail here:
    /// what others send fails at their side.
    public func state(_ status: SourceStatus, isSilent: Bool) -> String {
        guard pausedAt == nil else { return state }
        if !kind.isPushed, let error = status.lastErrorAt, status.fetchedAt.map({ $0 < error }) ?? true {
            return "failing"
        }
        return isSilent ? "stale" : state
    }
}

extension ControlDatabase {
    /// The most reasons that are counted apart for one source; later ones count as ``otherReason``.
    static let reasonLimit = 50
    /// The reason of what exceeds the limit.
    static let otherReason = "other"

    /// Adds to the counters of several sources, by id, in one transaction. Sources that are gone are passed over.
    public func record(_ activities: [Int64: SourceActivity]) async throws {
        guard !activities.isEmpty else { return }
        try await write { db in
            for (id, activity) in activities.sorted(by: { $0.key < $1.key }) {
                guard try Row.fetchOne(db, sql: "SELECT 1 FROM sources WHERE id = ?", arguments: [id]) != nil
                else { continue }
                try SourceStatus.add(activity, to: id, in: db)
            }
        }
    }

    /// Adds events that were there already, by the names of the sources that brought them. Sources that are gone are passed over.
    public func record(duplicates: [String: Int]) async throws {
        guard !duplicates.isEmpty else { return }
        try await write { db in
            for (name, count) in duplicates.sorted(by: { $0.key < $1.key }) {
                let id = try Int64.fetchOne(
                    db, sql: "SELECT id FROM sources WHERE name = ?", arguments: [name])
                guard let id else { continue }
                var activity = SourceActivity()
                activity.duplicates = count
                try SourceStatus.add(activity, to: id, in: db)
            }
        }
    }

    /// The counters of all sources, by id. A source to which nothing came has zeros.
    public func sourceStatuses() async throws -> [Int64: SourceStatus] {
        try await read { db in
            var statuses: [Int64: SourceStatus] = [:]
            let rows = try Row.fetchAll(
                db, sql: "SELECT * FROM sources LEFT JOIN source_status ON source_id = id")
            for row in rows { statuses[row["id"]] = SourceStatus(row) }
            for row in try Row.fetchAll(db, sql: "SELECT * FROM source_refusals") {
                statuses[row["source_id"]]?.refusedByReason[row["reason"]] = row["count"]
            }
            return statuses
        }
    }
}

extension SourceStatus {
    fileprivate init(_ row: Row) {
        (lastEventAt, lastErrorAt) = (row.time("last_event_at"), row.time("last_error_at"))
        (events, duplicates) = (row["events"] ?? 0, row["duplicates"] ?? 0)
        (refused, lastError) = (row["refused"] ?? 0, row["last_error"])
        fetchedAt = row.time("fetched_at")
    }

    fileprivate static func add(_ activity: SourceActivity, to id: Int64, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO source_status
                    (source_id, last_event_at, events, duplicates, refused, last_error, last_error_at, fetched_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (source_id) DO UPDATE SET
                    last_event_at = nullif(max(ifnull(last_event_at, 0), ifnull(excluded.last_event_at, 0)), 0),
                    events = events + excluded.events,
                    duplicates = duplicates + excluded.duplicates,
                    refused = refused + excluded.refused,
                    last_error_at = iif(excluded.last_error IS NULL, last_error_at, excluded.last_error_at),
                    last_error = ifnull(excluded.last_error, last_error),
                    fetched_at = nullif(max(ifnull(fetched_at, 0), ifnull(excluded.fetched_at, 0)), 0)
                """,
            arguments: [
                id, activity.lastEventAt?.microseconds, activity.events, activity.duplicates,
                activity.refused.values.reduce(0, +), activity.lastError, activity.lastErrorAt?.microseconds,
                activity.fetchedAt?.microseconds,
            ])
        let known = try String.fetchSet(
            db, sql: "SELECT reason FROM source_refusals WHERE source_id = ?", arguments: [id])
        var room = ControlDatabase.reasonLimit - known.count
        for (reason, count) in activity.refused.sorted(by: { $0.key < $1.key }) {
            let isKnown = known.contains(reason)
            let counted = isKnown || room > 0 ? reason : ControlDatabase.otherReason
            if !isKnown { room -= 1 }
            try db.execute(
                sql: """
                    INSERT INTO source_refusals (source_id, reason, count) VALUES (?, ?, ?)
                    ON CONFLICT (source_id, reason) DO UPDATE SET count = count + excluded.count
                    """,
                arguments: [id, counted, count])
        }
    }
}

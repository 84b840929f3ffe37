import Foundation
import GRDB
import Primitives

extension SettingKey where Value == RetentionPolicy {
    /// How long data is kept.
    static var retention: SettingKey { .init("retention", initial: RetentionPolicy()) }
}

extension SettingKey where Value == ClockReading? {
    /// The clock as it was believed last.
    static var clock: SettingKey { .init("clock", initial: nil) }
}

extension ControlDatabase {
    /// How long data is kept; everything for good until it is set.
    public func retention() async throws -> RetentionPolicy { try await setting(.retention) }

    /// When it was last set how long data is kept; nil if it never was.
    public func retentionSetAt() async throws -> Timestamp? {
        try await read { db in
            try Int64.fetchOne(
                db, sql: "SELECT updated_at FROM settings WHERE key = ?",
                arguments: [SettingKey.retention.name])
        }.map { Timestamp(microseconds: $0) }
    }

    /// Sets how long data is kept, with a line in the audit log. If nobody looked at the clock before, it is believed now.
    ///
    /// - Throws: ``Failure`` of kind usage where limits contradict each other; nothing is changed then.
    public func setRetention(_ policy: RetentionPolicy, by actor: AuditActor, at now: Timestamp = .now)
        async throws
    {
        try policy.check()
        var details: [String: String] = [:]
        for table in RetentionTable.allCases { details[table.rawValue] = policy[table].words }
        let text = String(decoding: try JSONEncoder().encode(policy), as: UTF8.self)
        try await write { [details] db in
            try Self.put(SettingKey.retention.name, text, in: db, at: now)
            try AuditEntry.append(to: db, by: actor, "retention.set", on: "retention", details, at: now)
        }
        if try await lastClock() == nil { try await noteClock(.now) }
    }

    /// The clock as it was believed last; nil if nobody looked at it yet.
    public func lastClock() async throws -> ClockReading? { try await setting(.clock) }

    /// Notes a clock that is believed. One that is behind the last takes its place only where somebody said that it is right.
    public func noteClock(_ reading: ClockReading, isConfirmed: Bool = false) async throws {
        if !isConfirmed, let last = try await lastClock(), last.wall > reading.wall { return }
        let text = String(decoding: try JSONEncoder().encode(reading), as: UTF8.self)
        try await write { try Self.put(SettingKey.clock.name, text, in: $0, at: reading.time) }
    }

    private static func put(_ name: String, _ text: String, in db: Database, at now: Timestamp) throws {
        try db.execute(
            sql: """
                INSERT INTO settings (key, value, updated_at) VALUES (?, ?, ?)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
                """,
            arguments: [name, text, now.microseconds])
    }
}

extension RetentionPolicy.Limits {
    /// The limits as people read them, such as `anonymise after 90d, delete after 400d`; `keep` where there are none.
    public var words: String {
        let words = [
            anonymiseAfterDays.map { "anonymise after \($0)d" },
            deleteAfterDays.map { "delete after \($0)d" },
        ].compactMap { $0 }
        return words.isEmpty ? "keep" : words.joined(separator: ", ")
    }
}

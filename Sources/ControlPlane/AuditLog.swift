import Foundation
import GRDB
import Primitives

/// Who did something.
public struct AuditActor: Hashable, Sendable, CustomStringConvertible {
    /// The kind and the name, such as `user:ada@example.com`.
    public let description: String

    /// A user of the web page or of the API.
    public static func user(_ user: User) -> AuditActor { .init(description: "user:\(user.email)") }
    /// A program that holds an API token.
    public static func token(_ token: APIToken) -> AuditActor { .init(description: "token:\(token.id)") }
    /// Whoever runs `sesame` on the machine, by the system's name for them.
    public static func commandLine(_ user: String) -> AuditActor { .init(description: "cli:\(user)") }
    /// Whoever was noted earlier, in the words of that note.
    public static func noted(_ description: String) -> AuditActor { .init(description: description) }
    /// Sesame itself.
    public static let system = AuditActor(description: "system")
}

/// A line of the audit log: who did what, when, on what. The database refuses to change or delete one.
public struct AuditEntry: Equatable, Sendable {
    /// Its place in the order of things.
    public let id: Int64
    /// When.
    public let at: Timestamp
    /// Who, as ``AuditActor`` writes it.
    public let actor: String
    /// What, such as `source.add`.
    public let action: String
    /// On what, such as `source:shop`.
    public let object: String
    /// More; never a secret.
    public let details: [String: String]
}

extension ControlDatabase {
    /// The newest entries first, those older than `before` if it is given.
    public func auditLog(limit: Int = 100, before: Int64? = nil) async throws -> [AuditEntry] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM audit_log WHERE id < ? ORDER BY id DESC LIMIT ?",
                arguments: [before ?? .max, max(0, limit)]
            ).map(AuditEntry.init)
        }
    }

    /// Notes something that changed nothing in this database, such as a sign-in or an export.
    public func audit(
        by actor: AuditActor, _ action: String, on object: String, _ details: [String: String] = [:],
        at now: Timestamp = .now
    ) async throws {
        try await write { try AuditEntry.append(to: $0, by: actor, action, on: object, details, at: now) }
    }
}

extension AuditEntry {
    init(_ row: Row) throws {
        let details: String = row["details"]
        self.init(
            id: row["id"], at: row.requiredTime("at"), actor: row["actor"], action: row["action"],
            object: row["object"],
            details: try JSONDecoder().decode([String: String].self, from: Data(details.utf8)))
    }

    /// Appends within a transaction, so that a change and its entry come together or not at all.
    static func append(
        to db: Database, by actor: AuditActor, _ action: String, on object: String,
        _ details: [String: String] = [:], at now: Timestamp
    ) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try db.execute(
            sql: "INSERT INTO audit_log (at, actor, action, object, details) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                now.microseconds, actor.description, action, object,
                String(decoding: try encoder.encode(details), as: UTF8.self),
            ])
    }
}

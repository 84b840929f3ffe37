import Foundation
import GRDB
import Primitives

/// A link that opens one page, read-only, to whoever has it.
public struct Share: Hashable, Sendable, Identifiable {
    /// Its number; never used again.
    public let id: Int64
    /// The workspace whose page it is.
    public let workspace: String
    /// What the page is called.
    public let title: String
    /// The page's path, such as `/deliverability`.
    public let path: String
    /// The page's query, which the page shows itself by.
    public let query: String
    /// What can be asked there: JSON of whoever answers.
    public let bounds: String
    /// Who made it, as the audit log names them.
    public let madeBy: String
    /// When.
    public let createdAt: Timestamp
    /// When it ends.
    public let expiresAt: Timestamp
    /// When it was ended; nil if it was not.
    public let revokedAt: Timestamp?
    /// When it was last used, to the minute.
    public let lastUsedAt: Timestamp?

    /// Whether it works at that moment.
    public func isGood(at now: Timestamp) -> Bool { revokedAt == nil && now < expiresAt }

    /// `active`, `expired` or `ended`, now.
    public var state: String { revokedAt != nil ? "ended" : isGood(at: .now) ? "active" : "expired" }
}

extension ControlDatabase {
    /// Makes a share; the secret is not to be had again.
    public func addShare(
        title: String, path: String, query: String, bounds: String, expiresAt: Timestamp,
        workspace: String = Workspace.defaultName, by actor: AuditActor, at now: Timestamp = .now
    ) async throws -> (secret: Secret, share: Share) {
        let secret = Secret.generate(.share)
        let share = try await write { db in
            let home = try Workspace.named(workspace, in: db)
            try db.execute(
                sql: """
                    INSERT INTO shares (workspace_id, hash, title, path, query, bounds, made_by, created_at, expires_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    home.id, secret.hash.data, title, path, query, bounds, actor.description,
                    now.microseconds, expiresAt.microseconds,
                ])
            let id = db.lastInsertedRowID
            try AuditEntry.append(
                to: db, by: actor, "share.add", on: "share:\(id)",
                ["path": path, "expires": expiresAt.iso8601], at: now)
            return try Share.with(id: id, in: db)
        }
        return (secret, share)
    }

    /// All shares of a workspace, also those that work no more, the newest first.
    public func shares(in workspace: String) async throws -> [Share] {
        try await read { db in
            try Row.fetchAll(
                db, sql: Share.selection + " WHERE workspaces.name = ? ORDER BY shares.id DESC",
                arguments: [workspace]
            ).map(Share.init)
        }
    }

    /// The share of a link, if it works.
    public func share(_ text: String, at now: Timestamp = .now) async throws -> Share? {
        guard Secret.isWellFormed(text, .share) else { return nil }
        let hash = SecretHash(of: text).data
        let found = try await read { db in
            try Row.fetchOne(db, sql: Share.selection + " WHERE hash = ?", arguments: [hash]).map(Share.init)
        }
        guard let share = found, share.isGood(at: now) else { return nil }
        if share.lastUsedAt.map({ $0.adding(seconds: 60) <= now }) ?? true {
            try await write { db in
                try db.execute(
                    sql: "UPDATE shares SET last_used_at = ? WHERE id = ?",
                    arguments: [now.microseconds, share.id])
            }
        }
        return share
    }

    /// Ends a share, for good.
    ///
    /// - Throws: ``Failure`` of kind notFound.
    public func endShare(_ id: Int64, by actor: AuditActor, at now: Timestamp = .now) async throws {
        try await write { db in
            guard try Share.with(id: id, in: db).revokedAt == nil else { return }
            try db.execute(
                sql: "UPDATE shares SET revoked_at = ? WHERE id = ?", arguments: [now.microseconds, id])
            try AuditEntry.append(to: db, by: actor, "share.end", on: "share:\(id)", at: now)
        }
    }
}

extension Share {
    static let selection = """
        SELECT shares.*, workspaces.name AS workspace FROM shares JOIN workspaces ON workspaces.id = workspace_id
        """

    init(_ row: Row) {
        self.init(
            id: row["id"], workspace: row["workspace"], title: row["title"], path: row["path"],
            query: row["query"], bounds: row["bounds"], madeBy: row["made_by"],
            createdAt: row.requiredTime("created_at"), expiresAt: row.requiredTime("expires_at"),
            revokedAt: row.time("revoked_at"), lastUsedAt: row.time("last_used_at"))
    }

    static func with(id: Int64, in db: Database) throws -> Share {
        guard let row = try Row.fetchOne(db, sql: selection + " WHERE shares.id = ?", arguments: [id])
        else { throw Failure(.notFound, "there is no share \(id)") }
        return Share(row)
    }
}

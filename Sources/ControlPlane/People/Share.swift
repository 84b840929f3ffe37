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

    /// Why its maker could not make it now; nil if they could.
    public let lapse: Lapse?

    /// What somebody has to be at least to make one.
    public static let leastRole = Role.admin

    /// Why a share opens nothing though nobody ended it and its time is not over. It is found out whenever a share is used, so
    /// nothing that happens to its maker is too quick for it.
    public enum Lapse: String, CaseIterable, Sendable {
        /// Its maker is no user any more; one who is added under the same address is another.
        case removed = "its maker was removed"
        /// The token that made it is no longer trusted. One that has only expired takes nothing with it.
        case revoked = "the token that made it was revoked"
        /// Its maker is kept out.
        case disabled = "its maker is disabled"
        /// Its maker has a role that makes no shares.
        case role = "its maker may no longer share"

        /// Whether it cannot be undone.
        var isFinal: Bool { self == .removed || self == .revoked }
    }

    /// Whether it works at that moment.
    public func isGood(at now: Timestamp) -> Bool { revokedAt == nil && lapse == nil && now < expiresAt }

    /// `active`, `expired`, `suspended` while its maker could not make it, or `ended`, now.
    public var state: String {
        if revokedAt != nil { return "ended" }
        if expiresAt <= .now { return "expired" }
        guard let lapse else { return "active" }
        return lapse.isFinal ? "ended" : "suspended"
    }

    /// Why it works no more, where that is not for its time or because somebody ended it.
    public var reason: String? { revokedAt == nil && expiresAt > .now ? lapse?.rawValue : nil }
}

extension ControlDatabase {
    /// Makes a share; the secret is not to be had again.
    ///
    /// - Parameter user: the number of the user who makes it, with whose right to share it ends; nil where it is none.
    public func addShare(
        title: String, path: String, query: String, bounds: String, expiresAt: Timestamp,
        workspace: String = Workspace.defaultName, user: User.ID? = nil, by actor: AuditActor,
        at now: Timestamp = .now
    ) async throws -> (secret: Secret, share: Share) {
        let secret = Secret.generate(.share)
        let share = try await write { db in
            let home = try Workspace.named(workspace, in: db)
            try db.execute(
                sql: """
                    INSERT INTO shares
                        (workspace_id, hash, title, path, query, bounds, made_by, user_id, created_at, expires_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    home.id, secret.hash.data, title, path, query, bounds, actor.description, user,
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
            try Row.fetchOne(db, sql: Share.selection + " WHERE shares.hash = ?", arguments: [hash]).map(
                Share.init)
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
        SELECT shares.*, workspaces.name AS workspace, users.role AS maker_role,
            users.disabled_at AS maker_disabled_at, api_tokens.revoked_at AS maker_revoked_at
        FROM shares JOIN workspaces ON workspaces.id = shares.workspace_id
        LEFT JOIN users ON users.id = user_id
        LEFT JOIN api_tokens ON 'token:' || api_tokens.id = made_by
        """

    init(_ row: Row) {
        self.init(
            id: row["id"], workspace: row["workspace"], title: row["title"], path: row["path"],
            query: row["query"], bounds: row["bounds"], madeBy: row["made_by"],
            createdAt: row.requiredTime("created_at"), expiresAt: row.requiredTime("expires_at"),
            revokedAt: row.time("revoked_at"), lastUsedAt: row.time("last_used_at"), lapse: Lapse(row))
    }

    static func with(id: Int64, in db: Database) throws -> Share {
        guard let row = try Row.fetchOne(db, sql: selection + " WHERE shares.id = ?", arguments: [id])
        else { throw Failure(.notFound, "there is no share \(id)") }
        return Share(row)
    }
}

extension Share.Lapse {
    /// What keeps the maker of a share's row from making it; nil if nothing does.
    fileprivate init?(_ row: Row) {
        let (user, role): (Int64?, String?) = (row["user_id"], row["maker_role"])
        if user == nil {
            guard row.time("maker_revoked_at") != nil else { return nil }
            self = .revoked
        } else if let role {
            if row.time("maker_disabled_at") != nil {
                self = .disabled
            } else if Role(rawValue: role).map({ $0 < Share.leastRole }) ?? true {
                self = .role
            } else {
                return nil
            }
        } else {
            self = .removed
        }
    }
}

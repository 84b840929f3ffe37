import Foundation
import GRDB
import Primitives

/// Opens the API to a program.
public struct APIToken: Hashable, Sendable, Identifiable {
    /// What a token allows. None includes another.
    public enum Scope: String, CaseIterable, Comparable, Sendable {
        /// Send events.
        case ingest
        /// Ask questions.
        case read
        /// Manage sources, tokens and settings.
        case admin

        /// By name.
        public static func < (left: Scope, right: Scope) -> Bool { left.rawValue < right.rawValue }
    }

    /// Its number; never used again.
    public let id: Int64
    /// What its maker calls it.
    public let name: String
    /// The workspace that it opens.
    public let workspace: String
    /// What it allows.
    public let scopes: Set<Scope>
    /// When it was made.
    public let createdAt: Timestamp
    /// When it stops working; nil is never.
    public let expiresAt: Timestamp?
    /// When it was revoked; nil if it was not.
    public let revokedAt: Timestamp?
    /// When it was last used, to the minute.
    public let lastUsedAt: Timestamp?

    /// Whether it works at that moment.
    public func isGood(at now: Timestamp) -> Bool { revokedAt == nil && expiresAt.map { now < $0 } ?? true }

    /// `active`, `expired` or `revoked`, now.
    public var state: String { revokedAt != nil ? "revoked" : isGood(at: .now) ? "active" : "expired" }
}

extension ControlDatabase {
    /// Makes a token; the secret is not to be had again.
    ///
    /// - Throws: ``Failure`` of kind usage if it allows nothing, or has no or too long a name; notFound for the workspace.
    public func addToken(
        _ name: String, scopes: Set<APIToken.Scope>, workspace: String = Workspace.defaultName,
        expiresAt: Timestamp? = nil, by actor: AuditActor, at now: Timestamp = .now
    ) async throws -> (secret: Secret, token: APIToken) {
        guard !scopes.isEmpty else {
            throw Failure(.usage, "a token must allow something; give --scope ingest, read or admin")
        }
        guard !name.isEmpty, name.utf8.count <= 200 else {
            throw Failure(.usage, "a token needs a name of up to 200 bytes")
        }
        let secret = Secret.generate(.api)
        let words = scopes.sorted().map(\.rawValue).joined(separator: " ")
        let token = try await write { db in
            let home = try Workspace.named(workspace, in: db)
            try db.execute(
                sql: """
                    INSERT INTO api_tokens (workspace_id, name, hash, scopes, created_at, expires_at)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    home.id, name, secret.hash.data, words, now.microseconds, expiresAt?.microseconds,
                ])
            let id = db.lastInsertedRowID
            try AuditEntry.append(
                to: db, by: actor, "token.add", on: "token:\(id)",
                ["name": name, "scopes": words, "workspace": workspace], at: now)
            return try APIToken.with(id: id, in: db)
        }
        return (secret, token)
    }

    /// All tokens, also those that work no more, the newest first.
    public func tokens() async throws -> [APIToken] {
        try await read { db in
            try Row.fetchAll(db, sql: APIToken.selection + " ORDER BY api_tokens.id DESC").map(APIToken.init)
        }
    }

    /// The token of a secret, if it works and allows `scope`.
    ///
    /// - Throws: ``Failure`` of kind refused; the sentence says expired or revoked only to who knows the secret.
    public func authorize(token text: String, for scope: APIToken.Scope, at now: Timestamp = .now)
        async throws -> APIToken
    {
        guard Secret.isWellFormed(text, .api) else {
            throw Failure(.refused, "this is no API token of Sesame")
        }
        let hash = SecretHash(of: text).data
        let found = try await read { db in
            try Row.fetchOne(db, sql: APIToken.selection + " WHERE hash = ?", arguments: [hash]).map(
                APIToken.init)
        }
        guard let token = found else { throw Failure(.refused, "this API token is unknown") }
        guard token.revokedAt == nil else { throw Failure(.refused, "this API token was revoked") }
        guard token.isGood(at: now) else { throw Failure(.refused, "this API token has expired") }
        guard token.scopes.contains(scope) else {
            throw Failure(.refused, "this API token does not allow \(scope.rawValue)")
        }
        if token.lastUsedAt.map({ $0.adding(seconds: 60) <= now }) ?? true {
            try await write { db in
                try db.execute(
                    sql: "UPDATE api_tokens SET last_used_at = ? WHERE id = ?",
                    arguments: [now.microseconds, token.id])
            }
        }
        return token
    }

    /// Stops a token from working, for good.
    ///
    /// - Throws: ``Failure`` of kind notFound.
    public func revokeToken(_ id: Int64, by actor: AuditActor, at now: Timestamp = .now) async throws {
        try await write { db in
            guard try APIToken.with(id: id, in: db).revokedAt == nil else { return }
            try db.execute(
                sql: "UPDATE api_tokens SET revoked_at = ? WHERE id = ?", arguments: [now.microseconds, id])
            try AuditEntry.append(to: db, by: actor, "token.revoke", on: "token:\(id)", at: now)
        }
    }
}

extension APIToken {
    static let selection = """
        SELECT api_tokens.*, workspaces.name AS workspace
        FROM api_tokens JOIN workspaces ON workspaces.id = workspace_id
        """

    init(_ row: Row) {
        let words: String = row["scopes"]
        self.init(
            id: row["id"], name: row["name"], workspace: row["workspace"],
            scopes: Set(words.split(separator: " ").compactMap { Scope(rawValue: String($0)) }),
            createdAt: row.requiredTime("created_at"), expiresAt: row.time("expires_at"),
            revokedAt: row.time("revoked_at"), lastUsedAt: row.time("last_used_at"))
    }

    static func with(id: Int64, in db: Database) throws -> APIToken {
        guard let row = try Row.fetchOne(db, sql: selection + " WHERE api_tokens.id = ?", arguments: [id])
        else {
            throw Failure(.notFound, "there is no token \(id); `sesame token list` shows those there are")
        }
        return APIToken(row)
    }
}

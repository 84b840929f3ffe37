import Crypto
import Foundation
import GRDB
import Primitives

/// A user's visit to the web page, from signing in to signing out.
///
/// It ends 12 hours after it was last renewed, and 30 days after it began in any case.
public struct WebSession: Sendable {
    /// Who signed in, as they are now.
    public let user: User
    /// When they did.
    public let createdAt: Timestamp
    /// When it ends unless it is renewed.
    public let expiresAt: Timestamp
    /// What a form must carry to be believed. It is derived from the cookie's secret, so it need not be kept, and a page of
    /// another site cannot know it.
    public let csrfToken: String

    static let idleSeconds = 12 * 3_600
    static let longestSeconds = 30 * 86_400
    /// Renewing costs a write, so it is done no more often than this.
    static let renewalSeconds = 600

    /// Whether a form's token is that of this session, in a time that does not tell how far it agrees.
    public func accepts(csrfToken text: String) -> Bool { SecretHash(of: csrfToken).matches(text) }

    /// What proves that a request comes from a page that was given to whoever has the secret.
    public static func csrfToken(of secret: String) -> String {
        let key = SymmetricKey(data: Data(secret.utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Data("sesame csrf".utf8), using: key)
        return code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension ControlDatabase {
    /// Begins a session; the secret is for the cookie. Expired sessions are cleared away on the way.
    public func beginSession(for user: User, at now: Timestamp = .now) async throws -> (
        secret: Secret, session: WebSession
    ) {
        try await write { db in
            try db.execute(sql: "DELETE FROM sessions WHERE expires_at <= ?", arguments: [now.microseconds])
            try AuditEntry.append(to: db, by: .user(user), "session.begin", on: "user:\(user.email)", at: now)
            return try WebSession.begin(for: user, at: now, in: db)
        }
    }

    /// The session of a cookie, renewed; nil if it is unknown, ended or expired, or its user is disabled.
    public func session(_ text: String, at now: Timestamp = .now) async throws -> WebSession? {
        guard Secret.isWellFormed(text, .session) else { return nil }
        let hash = SecretHash(of: text).data
        let found = try await read { db -> KeptSession? in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT users.*, sessions.created_at AS begun_at, renewed_at, expires_at
                    FROM sessions JOIN users ON users.id = user_id
                    WHERE hash = ? AND expires_at > ? AND disabled_at IS NULL
                    """,
                arguments: [hash, now.microseconds]
            ).map(KeptSession.init)
        }
        guard let kept = found else { return nil }
        var expiresAt = kept.expiresAt
        if kept.renewedAt.adding(seconds: WebSession.renewalSeconds) <= now {
            expiresAt = min(
                now.adding(seconds: WebSession.idleSeconds),
                kept.createdAt.adding(seconds: WebSession.longestSeconds))
            let end = expiresAt.microseconds
            try await write { db in
                try db.execute(
                    sql: "UPDATE sessions SET renewed_at = ?, expires_at = ? WHERE hash = ?",
                    arguments: [now.microseconds, end, hash])
            }
        }
        return WebSession(
            user: kept.user, createdAt: kept.createdAt, expiresAt: expiresAt,
            csrfToken: WebSession.csrfToken(of: text))
    }

    /// Ends the session of a cookie; nothing happens if there is none.
    public func endSession(_ text: String) async throws {
        let hash = SecretHash(of: text).data
        try await write { try $0.execute(sql: "DELETE FROM sessions WHERE hash = ?", arguments: [hash]) }
    }

    /// How many sessions each user has, by the user's number, and when one was renewed last.
    public func sessionCounts(at now: Timestamp = .now) async throws -> [Int64: (
        count: Int, renewedAt: Timestamp
    )] {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT user_id, count(*) AS count, max(renewed_at) AS renewed_at FROM sessions
                    WHERE expires_at > ? GROUP BY user_id
                    """, arguments: [now.microseconds])
            return Dictionary(
                uniqueKeysWithValues: rows.map {
                    ($0["user_id"], ($0["count"], $0.requiredTime("renewed_at")))
                })
        }
    }

    /// Ends all sessions of a user.
    public func endSessions(of user: User, by actor: AuditActor, at now: Timestamp = .now) async throws {
        try await write { db in
            try db.execute(sql: "DELETE FROM sessions WHERE user_id = ?", arguments: [user.id])
            try AuditEntry.append(to: db, by: actor, "session.end-all", on: "user:\(user.email)", at: now)
        }
    }
}

extension WebSession {
    /// Adds a session's row; the secret is for the cookie.
    static func begin(for user: User, at now: Timestamp, in db: Database) throws -> (
        secret: Secret, session: WebSession
    ) {
        let secret = Secret.generate(.session)
        let expiresAt = now.adding(seconds: idleSeconds)
        try db.execute(
            sql:
                "INSERT INTO sessions (hash, user_id, created_at, renewed_at, expires_at) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                secret.hash.data, user.id, now.microseconds, now.microseconds, expiresAt.microseconds,
            ])
        let session = WebSession(
            user: user, createdAt: now, expiresAt: expiresAt, csrfToken: csrfToken(of: secret.text))
        return (secret, session)
    }
}

/// A row of `sessions` with its user.
private struct KeptSession {
    let user: User
    let createdAt: Timestamp
    let renewedAt: Timestamp
    let expiresAt: Timestamp

    init(_ row: Row) throws {
        user = try User(row)
        createdAt = row.requiredTime("begun_at")
        renewedAt = row.requiredTime("renewed_at")
        expiresAt = row.requiredTime("expires_at")
    }
}

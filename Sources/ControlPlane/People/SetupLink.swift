import GRDB
import Primitives

/// The one-time token with which the first owner is made in the browser. It replaces a default password.
public struct SetupLink: Sendable {
    /// The token, for the link that is shown at the first start.
    public let secret: Secret
    /// When it stops working.
    public let expiresAt: Timestamp
}

extension ControlDatabase {
    /// Whether nobody could manage users, so that a set-up link is needed.
    public func needsSetup() async throws -> Bool { try await read { try User.ownerCount(in: $0) == 0 } }

    /// Makes a set-up link that works for 24 hours; links made before stop working.
    ///
    /// - Throws: ``Failure`` of kind refused if there is an owner already.
    public func makeSetupLink(at now: Timestamp = .now) async throws -> SetupLink {
        let link = SetupLink(secret: .generate(.setup), expiresAt: now.adding(seconds: 24 * 3_600))
        try await write { db in
            guard try User.ownerCount(in: db) == 0 else {
                throw Failure(.refused, "Sesame is set up already; an owner can add users")
            }
            try db.execute(sql: "DELETE FROM setup_links WHERE consumed_at IS NULL")
            try db.execute(
                sql: "INSERT INTO setup_links (hash, created_at, expires_at) VALUES (?, ?, ?)",
                arguments: [link.secret.hash.data, now.microseconds, link.expiresAt.microseconds])
            try AuditEntry.append(to: db, by: .system, "setup.link", on: "setup", at: now)
        }
        return link
    }

    /// Makes the first owner and spends the link, both or neither. Of several who try at once, one succeeds.
    ///
    /// - Throws: ``Failure`` of kind refused if the link is unknown, spent or expired; usage if address or password are
    ///   no good, and then the link stays good.
    public func consumeSetupLink(
        _ token: String, email: String, name: String, password: String, at now: Timestamp = .now
    ) async throws -> User {
        let refusal = Failure(
            .refused, "this set-up link is spent, expired or unknown; start Sesame again for a new one")
        let hash = SecretHash(of: token)
        let isGood = try await read { db in
            try Row.fetchOne(
                db,
                sql: "SELECT 1 FROM setup_links WHERE hash = ? AND consumed_at IS NULL AND expires_at > ?",
                arguments: [hash.data, now.microseconds]) != nil
        }
        // Asked first because hashing the password of whoever posts anything would be work for nothing.
        guard isGood else { throw refusal }
        let email = try User.normalized(email: email)
        let password = try await passwords.hash(password)
        return try await write { db in
            try db.execute(
                sql: """
                    UPDATE setup_links SET consumed_at = ?1
                    WHERE hash = ?2 AND consumed_at IS NULL AND expires_at > ?1
                    """,
                arguments: [now.microseconds, hash.data])
            guard db.changesCount == 1, try User.ownerCount(in: db) == 0 else { throw refusal }
            return try User.insert(
                email: email, name: name, role: .owner, password: password, by: .system, at: now, into: db)
        }
    }
}

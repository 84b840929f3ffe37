import GRDB
import Primitives

extension ControlDatabase {
    /// Gives a user the password that they chose, ends all their sessions and begins the one in which they go on. Ask a
    /// ``FailureLimiter`` first.
    ///
    /// - Throws: ``Failure`` of kind refused where `current` is not their password, also where another was set meanwhile;
    ///   usage where the new one is too short or too long. Then nothing has changed.
    public func changePassword(
        of user: User, from current: String, to new: String, at now: Timestamp = .now
    ) async throws -> (secret: Secret, session: WebSession) {
        let refusal = Failure(.refused, "the current password is wrong")
        let kept = try await read { db in
            try String.fetchOne(db, sql: "SELECT password FROM users WHERE id = ?", arguments: [user.id])
        }
        guard try await passwords.verify(current, against: kept) else { throw refusal }
        let hash = try await passwords.hash(new)
        return try await write { db in
            // Hashing took a while, in which an owner may have set another password, or let them go.
            try db.execute(
                sql: "UPDATE users SET password = ? WHERE id = ? AND password = ? AND disabled_at IS NULL",
                arguments: [hash, user.id, kept])
            guard db.changesCount == 1 else { throw refusal }
            try db.execute(sql: "DELETE FROM sessions WHERE user_id = ?", arguments: [user.id])
            try AuditEntry.append(
                to: db, by: .user(user), "user.change-password", on: "user:\(user.email)", at: now)
            return try WebSession.begin(for: user, at: now, in: db)
        }
    }
}

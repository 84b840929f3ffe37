import GRDB
import Primitives

extension ControlDatabase {
    /// Adds a user.
    ///
    /// - Throws: ``Failure`` of kind usage if the address is taken or the password too short.
    @discardableResult
    public func addUser(
        email: String, name: String, role: Role, password: String, by actor: AuditActor,
        at now: Timestamp = .now
    ) async throws -> User {
        let email = try User.normalized(email: email)
        let hash = try await passwords.hash(password)
        return try await write { db in
            try User.insert(
                email: email, name: name, role: role, password: hash, by: actor, at: now, into: db)
        }
    }

    /// All users by address.
    public func users() async throws -> [User] {
        try await read { try Row.fetchAll($0, sql: "SELECT * FROM users ORDER BY email").map(User.init) }
    }

    /// The user who signs in with these. Ask a ``FailureLimiter`` first.
    ///
    /// - Throws: ``Failure`` of kind refused, with one sentence for every reason, after the same time.
    public func authenticate(email: String, password: String) async throws -> User {
        let address = try? User.normalized(email: email)
        let found = try await read { db -> (user: User, password: String)? in
            try Row.fetchOne(db, sql: "SELECT * FROM users WHERE email = ?", arguments: [address])
                .map { (try User($0), $0["password"]) }
        }
        let isRight = try await passwords.verify(password, against: found?.password)
        guard isRight, let user = found?.user, user.disabledAt == nil else {
            throw Failure(.refused, "the e-mail address or the password is wrong")
        }
        return user
    }

    /// Gives a user another password and ends their sessions.
    ///
    /// - Throws: ``Failure`` of kind notFound, or usage if the password is too short.
    public func setPassword(
        of email: String, to password: String, by actor: AuditActor, at now: Timestamp = .now
    ) async throws {
        let email = try User.normalized(email: email)
        let hash = try await passwords.hash(password)
        try await change(email, "user.set-password", by: actor, at: now) { db, user in
            try db.execute(sql: "UPDATE users SET password = ? WHERE id = ?", arguments: [hash, user.id])
            try db.execute(sql: "DELETE FROM sessions WHERE user_id = ?", arguments: [user.id])
        }
    }

    /// Gives a user another role.
    ///
    /// - Throws: ``Failure`` of kind notFound, or refused if no owner would be left.
    public func setRole(of email: String, to role: Role, by actor: AuditActor, at now: Timestamp = .now)
        async throws
    {
        let details = ["role": role.rawValue]
        try await change(User.normalized(email: email), "user.set-role", details, by: actor, at: now) {
            db, user in
            if role != .owner { try Self.keepAnOwner(user, in: db) }
            try db.execute(
                sql: "UPDATE users SET role = ? WHERE id = ?", arguments: [role.rawValue, user.id])
        }
    }

    /// Keeps a user from signing in and ends their sessions, or lets them sign in again.
    ///
    /// - Throws: ``Failure`` of kind notFound, or refused if no owner would be left.
    public func setUser(
        _ email: String, disabled: Bool, by actor: AuditActor, at now: Timestamp = .now
    ) async throws {
        let action = disabled ? "user.disable" : "user.enable"
        try await change(User.normalized(email: email), action, by: actor, at: now) { db, user in
            if disabled { try Self.keepAnOwner(user, in: db) }
            try db.execute(
                sql: "UPDATE users SET disabled_at = ? WHERE id = ?",
                arguments: [disabled ? user.disabledAt?.microseconds ?? now.microseconds : nil, user.id])
            if disabled {
                try db.execute(sql: "DELETE FROM sessions WHERE user_id = ?", arguments: [user.id])
            }
        }
    }

    /// Removes a user and ends their sessions. What they did stays in the audit log.
    ///
    /// - Throws: ``Failure`` of kind notFound, or refused if no owner would be left.
    public func removeUser(_ email: String, by actor: AuditActor, at now: Timestamp = .now) async throws {
        try await change(User.normalized(email: email), "user.remove", by: actor, at: now) { db, user in
            try Self.keepAnOwner(user, in: db)
            try db.execute(sql: "DELETE FROM users WHERE id = ?", arguments: [user.id])
        }
    }

    /// The user of an address.
    ///
    /// - Throws: ``Failure`` of kind notFound.
    public func user(_ email: String) async throws -> User {
        let email = try User.normalized(email: email)
        return try await read { try User.with(email: email, in: $0) }
    }

    private func change(
        _ email: String, _ action: String, _ details: [String: String] = [:], by actor: AuditActor,
        at now: Timestamp, _ body: @escaping @Sendable (Database, User) throws -> Void
    ) async throws {
        try await write { db in
            try body(db, try User.with(email: email, in: db))
            try AuditEntry.append(to: db, by: actor, action, on: "user:\(email)", details, at: now)
        }
    }

    private static func keepAnOwner(_ user: User, in db: Database) throws {
        guard try !user.isLastOwner(in: db) else {
            throw Failure(.refused, "\(user.email) is the last owner; make another user an owner first")
        }
    }
}

import GRDB
import Primitives

/// What a user may do; each role may do what those before it may.
public enum Role: String, CaseIterable, Comparable, Sendable {
    /// Look at dashboards and journeys.
    case viewer
    /// Ask in SQL, make workflows and reports.
    case analyst
    /// Manage sources, tokens and settings.
    case admin
    /// Manage users too.
    case owner

    /// Whether one role may do less than another.
    public static func < (left: Role, right: Role) -> Bool {
        (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
}

/// A person who signs in to the web page.
public struct User: Hashable, Sendable, Identifiable {
    /// Their number; never used again.
    public let id: Int64
    /// Their address, in lower case, which no other user has.
    public let email: String
    /// What they are called.
    public let name: String
    /// What they may do.
    public let role: Role
    /// When they were added.
    public let createdAt: Timestamp
    /// Since when they may not sign in; nil if they may.
    public let disabledAt: Timestamp?

    /// `active` or `disabled`.
    public var state: String { disabledAt == nil ? "active" : "disabled" }

    /// The address as it is kept: without space around it, in lower case.
    ///
    /// - Throws: ``Failure`` of kind usage if it cannot be one.
    static func normalized(email: String) throws(Failure) -> String {
        let trimmed = email.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
        let text = String(trimmed).lowercased()
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        let isClean = text.unicodeScalars.allSatisfy { $0.value > 32 && $0.value != 127 }
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, isClean, text.utf8.count <= 254 else {
            throw Failure(.usage, "'\(email)' is no e-mail address")
        }
        return text
    }
}

extension User {
    init(_ row: Row) throws {
        let role: String = row["role"]
        guard let role = Role(rawValue: role) else {
            throw Failure(.storage, "sesame.db names a role '\(role)' that this Sesame does not know")
        }
        self.init(
            id: row["id"], email: row["email"], name: row["name"], role: role,
            createdAt: row.requiredTime("created_at"), disabledAt: row.time("disabled_at"))
    }

    static func with(email: String, in db: Database) throws -> User {
        guard let row = try Row.fetchOne(db, sql: "SELECT * FROM users WHERE email = ?", arguments: [email])
        else {
            throw Failure(.notFound, "there is no user \(email); `sesame user list` shows those there are")
        }
        return try User(row)
    }

    /// Whether anybody could manage users if this one were gone.
    func isLastOwner(in db: Database) throws -> Bool {
        guard role == .owner, disabledAt == nil else { return false }
        return try User.ownerCount(in: db) == 1
    }

    static func ownerCount(in db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM users WHERE role = 'owner' AND disabled_at IS NULL")
            ?? 0
    }

    /// Adds a row whose password is hashed already.
    static func insert(
        email: String, name: String, role: Role, password: String, by actor: AuditActor, at now: Timestamp,
        into db: Database
    ) throws -> User {
        guard try Row.fetchOne(db, sql: "SELECT 1 FROM users WHERE email = ?", arguments: [email]) == nil
        else {
            throw Failure(.usage, "there is a user \(email) already")
        }
        try db.execute(
            sql: "INSERT INTO users (email, name, role, password, created_at) VALUES (?, ?, ?, ?, ?)",
            arguments: [email, name, role.rawValue, password, now.microseconds])
        try AuditEntry.append(
            to: db, by: actor, "user.add", on: "user:\(email)", ["role": role.rawValue], at: now)
        return try User.with(email: email, in: db)
    }
}

import GRDB
import Primitives

/// A customer, a team or a company: events, sources and tokens belong to one.
public struct Workspace: Hashable, Sendable {
    /// Its number; never used again.
    public let id: Int64
    /// Its name, which keeps the rule of ``ResourceName`` and is that of its folder.
    public let name: String
    /// When it was made.
    public let createdAt: Timestamp

    /// The workspace that always exists.
    public static let defaultName = "default"
}

extension ControlDatabase {
    /// All workspaces by name.
    public func workspaces() async throws -> [Workspace] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM workspaces ORDER BY name").map(Workspace.init)
        }
    }

    /// The workspace of that name.
    ///
    /// - Throws: ``Failure`` of kind notFound.
    public func workspace(_ name: String) async throws -> Workspace {
        try await read { try Workspace.named(name, in: $0) }
    }

    /// Makes a workspace.
    ///
    /// - Throws: ``Failure`` of kind usage if the name breaks the rule or is taken.
    @discardableResult
    public func addWorkspace(_ name: String, by actor: AuditActor, at now: Timestamp = .now) async throws
        -> Workspace
    {
        try ResourceName.check(name, of: "workspace")
        return try await write { db in
            guard
                try Row.fetchOne(db, sql: "SELECT 1 FROM workspaces WHERE name = ?", arguments: [name]) == nil
            else { throw Failure(.usage, "there is a workspace '\(name)' already") }
            try db.execute(
                sql: "INSERT INTO workspaces (name, created_at) VALUES (?, ?)",
                arguments: [name, now.microseconds])
            try AuditEntry.append(to: db, by: actor, "workspace.add", on: "workspace:\(name)", at: now)
            return try Workspace.named(name, in: db)
        }
    }
}

extension Workspace {
    init(_ row: Row) {
        self.init(id: row["id"], name: row["name"], createdAt: row.requiredTime("created_at"))
    }

    static func named(_ name: String, in db: Database) throws -> Workspace {
        guard
            let row = try Row.fetchOne(db, sql: "SELECT * FROM workspaces WHERE name = ?", arguments: [name])
        else { throw Failure(.notFound, "there is no workspace '\(name)'") }
        return Workspace(row)
    }
}

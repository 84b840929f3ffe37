import GRDB
import Primitives

/// Something that somebody saved to come back to: a segment, a statement, a view of a page.
public struct SavedItem: Hashable, Sendable, Identifiable {
    /// What it is; what its content means is the page's affair.
    public enum Kind: String, CaseIterable, Sendable {
        /// Filters that choose recipients.
        case segment
        /// A statement.
        case sql
        /// A page with its period and filters.
        case view
    }

    /// Its number; never used again.
    public let id: Int64
    /// What it is.
    public let kind: Kind
    /// What it is called; no other of its kind is in the workspace.
    public let name: String
    /// JSON.
    public let content: String
    /// Who saved it first, as the audit log names them.
    public let owner: String
    /// When it was saved first.
    public let createdAt: Timestamp
    /// When it was saved last.
    public let updatedAt: Timestamp

    /// The most bytes of a content.
    public static let longestContent = 256 << 10
    /// The most of a workspace.
    public static let most = 1_000
}

extension SavedItem {
    init(_ row: Row) throws {
        let kind: String = row["kind"]
        guard let kind = Kind(rawValue: kind) else {
            throw Failure(.storage, "sesame.db has a saved '\(kind)' that this Sesame does not know")
        }
        self.init(
            id: row["id"], kind: kind, name: row["name"], content: row["content"], owner: row["owner"],
            createdAt: row.requiredTime("created_at"), updatedAt: row.requiredTime("updated_at"))
    }
}

extension ControlDatabase {
    /// What is saved in a workspace, by name.
    ///
    /// - Parameter kind: which; nil for all.
    public func savedItems(_ kind: SavedItem.Kind? = nil, in workspace: String) async throws -> [SavedItem] {
        try await read { db in
            let home = try Workspace.named(workspace, in: db)
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM saved_items WHERE workspace_id = ? AND (?2 IS NULL OR kind = ?2)
                    ORDER BY lower(name), id
                    """, arguments: [home.id, kind?.rawValue]
            ).map(SavedItem.init)
        }
    }

    /// Saves something under a name; what had the name is replaced.
    ///
    /// - Parameter content: JSON.
    /// - Throws: ``Failure`` of kind usage for a name or content that cannot be saved, limit where there are too many.
    public func save(
        _ kind: SavedItem.Kind, named name: String, content: String, in workspace: String,
        by actor: AuditActor,
        at now: Timestamp = .now
    ) async throws -> SavedItem {
        let isPlain = name.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
        guard !name.isEmpty, name == name.trimmed, isPlain, name.utf8.count <= 200 else {
            throw Failure(.usage, "a name is 1 to 200 bytes, without control characters or space around it")
        }
        guard content.utf8.count <= SavedItem.longestContent else {
            throw Failure(.usage, "the content is larger than \(SavedItem.longestContent >> 10) KiB")
        }
        return try await write { db in
            let home = try Workspace.named(workspace, in: db)
            let count = try Int.fetchOne(
                db,
                sql:
                    "SELECT count(*) FROM saved_items WHERE workspace_id = ? AND NOT (kind = ? AND name = ?)",
                arguments: [home.id, kind.rawValue, name])
            guard count ?? 0 < SavedItem.most else {
                throw Failure(.limit, "the workspace has \(SavedItem.most) saved things; remove some")
            }
            let row = try Row.fetchOne(
                db,
                sql: """
                    INSERT INTO saved_items (workspace_id, kind, name, content, owner, created_at, updated_at)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
                    ON CONFLICT DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at
                    RETURNING *
                    """,
                arguments: [home.id, kind.rawValue, name, content, actor.description, now.microseconds])
            guard let row else { throw Failure(.storage, "sesame.db did not give back what it saved") }
            let item = try SavedItem(row)
            try AuditEntry.append(
                to: db, by: actor, "saved.save", on: "saved:\(item.id)", ["kind": kind.rawValue], at: now)
            return item
        }
    }

    /// Removes something that was saved.
    ///
    /// - Throws: ``Failure`` of kind notFound.
    public func removeSavedItem(
        _ id: Int64, in workspace: String, by actor: AuditActor, at now: Timestamp = .now
    ) async throws {
        try await write { db in
            let home = try Workspace.named(workspace, in: db)
            // No name: the audit log keeps for ever, and a name may have an address in it.
            let kind = try String.fetchOne(
                db, sql: "DELETE FROM saved_items WHERE id = ? AND workspace_id = ? RETURNING kind",
                arguments: [id, home.id])
            guard let kind else { throw Failure(.notFound, "nothing of that number is saved") }
            try AuditEntry.append(
                to: db, by: actor, "saved.remove", on: "saved:\(id)", ["kind": kind], at: now)
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}

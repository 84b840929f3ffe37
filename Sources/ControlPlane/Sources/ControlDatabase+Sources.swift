import Foundation
import GRDB
import Primitives

extension ControlDatabase {
    /// Makes a source, and its secret where its kind has one.
    ///
    /// - Parameter awsSecretAccessKey: the secret that belongs to the settings' access key, where they name one.
    /// - Throws: ``Failure`` of kind usage if the name is taken or breaks the rule, or the settings cannot work.
    public func addSource(
        _ name: String, workspace: String = Workspace.defaultName, settings: SourceSettings,
        awsSecretAccessKey: String? = nil, by actor: AuditActor, at now: Timestamp = .now
    ) async throws -> CreatedSource {
        try ResourceName.check(name, of: "source")
        try settings.check()
        let secrets = secrets
        return try await write { db in
            guard try Row.fetchOne(db, sql: "SELECT 1 FROM sources WHERE name = ?", arguments: [name]) == nil
            else {
                throw Failure(.usage, "there is a source '\(name)' already; remove it or take another name")
            }
            let home = try Workspace.named(workspace, in: db)
            try db.execute(
                sql:
                    "INSERT INTO sources (workspace_id, name, kind, settings, created_at) VALUES (?, ?, ?, ?, ?)",
                arguments: [home.id, name, settings.kind.rawValue, try settings.json(), now.microseconds])
            let id = db.lastInsertedRowID
            // A file that is left when the commit fails is overwritten by the next source, which gets the same id.
            let secret = try secrets.make(for: settings, source: id, given: awsSecretAccessKey, in: db)
            try AuditEntry.append(
                to: db, by: actor, "source.add", on: "source:\(name)",
                ["kind": settings.kind.rawValue, "workspace": workspace], at: now)
            return CreatedSource(source: try Source.named(name, in: db), secret: secret)
        }
    }

    /// The source of that name.
    ///
    /// - Throws: ``Failure`` of kind notFound.
    public func source(_ name: String) async throws -> Source {
        try await read { try Source.named(name, in: $0) }
    }

    /// The source whose programs sign with that access key id; nil if there is none.
    public func source(accessKeyID: String) async throws -> Source? {
        try await read { db in
            try Row.fetchOne(
                db,
                sql: Source.selection
                    + " WHERE kind = 'firehose-api' AND json_extract(settings, '$.accessKeyID') = ?",
                arguments: [accessKeyID]
            ).map(Source.init)
        }
    }

    /// All sources by name, or those of one workspace.
    public func sources(in workspace: String? = nil) async throws -> [Source] {
        try await read { db in
            try Row.fetchAll(
                db, sql: Source.selection + " WHERE ?1 IS NULL OR workspaces.name = ?1 ORDER BY sources.name",
                arguments: [workspace]
            ).map(Source.init)
        }
    }

    /// Gives a source other settings of its kind. It gets a secret if they ask for one that it does not have.
    ///
    /// - Throws: ``Failure`` of kind usage if the kind differs or the settings cannot work; notFound.
    public func updateSource(
        _ name: String, settings: SourceSettings, awsSecretAccessKey: String? = nil, by actor: AuditActor,
        at now: Timestamp = .now
    ) async throws -> CreatedSource {
        try settings.check()
        let secrets = secrets
        return try await write { db in
            let old = try Source.named(name, in: db)
            guard old.kind == settings.kind else {
                throw Failure(
                    .usage,
                    "source '\(name)' is of kind \(old.kind.rawValue) and stays so; add another source")
            }
            try db.execute(
                sql: "UPDATE sources SET settings = ? WHERE id = ?", arguments: [try settings.json(), old.id])
            let keeps = old.settings.secretNeed == settings.secretNeed && awsSecretAccessKey == nil
            let secret =
                keeps
                ? nil : try secrets.make(for: settings, source: old.id, given: awsSecretAccessKey, in: db)
            try AuditEntry.append(to: db, by: actor, "source.update", on: "source:\(name)", at: now)
            return CreatedSource(source: try Source.named(name, in: db), secret: secret)
        }
    }

    /// Stops a source taking events, or lets it again.
    ///
    /// - Throws: ``Failure`` of kind notFound.
    public func setSource(_ name: String, paused: Bool, by actor: AuditActor, at now: Timestamp = .now)
        async throws
    {
        try await write { db in
            let source = try Source.named(name, in: db)
            guard (source.pausedAt != nil) != paused else { return }
            try db.execute(
                sql: "UPDATE sources SET paused_at = ? WHERE id = ?",
                arguments: [paused ? now.microseconds : nil, source.id])
            try AuditEntry.append(
                to: db, by: actor, paused ? "source.pause" : "source.resume", on: "source:\(name)", at: now)
        }
    }

    /// Removes a source, its counters and its secret. The events that it brought stay.
    ///
    /// - Throws: ``Failure`` of kind notFound.
    public func removeSource(_ name: String, by actor: AuditActor, at now: Timestamp = .now) async throws {
        let secrets = secrets
        try await write { db in
            let source = try Source.named(name, in: db)
            try db.execute(sql: "DELETE FROM sources WHERE id = ?", arguments: [source.id])
            try AuditEntry.append(to: db, by: actor, "source.remove", on: "source:\(name)", at: now)
            try secrets.remove(source.id)
        }
    }
}

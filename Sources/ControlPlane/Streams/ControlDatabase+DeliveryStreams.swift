import GRDB
import Primitives

extension ControlDatabase {
    /// The most streams that a workspace may have; Firehose's own quota in a large region.
    public static let mostDeliveryStreams = 5_000

    /// The streams of a workspace by name.
    public func deliveryStreams(in workspace: String) async throws -> [DeliveryStream] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: DeliveryStream.selection + " WHERE workspaces.name = ? ORDER BY delivery_streams.name",
                arguments: [workspace]
            ).map(DeliveryStream.init)
        }
    }

    /// The names of all streams, by workspace.
    public func deliveryStreamNames() async throws -> [String: Set<String>] {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT delivery_streams.name, workspaces.name AS workspace
                    FROM delivery_streams JOIN workspaces ON workspaces.id = workspace_id
                    """)
            return rows.reduce(into: [:]) { names, row in
                names[row["workspace"], default: []].insert(row["name"] as String)
            }
        }
    }

    /// A stream by its name.
    ///
    /// - Throws: ``Failure`` of kind notFound.
    public func deliveryStream(_ name: String, in workspace: String) async throws -> DeliveryStream {
        try await read { try DeliveryStream.named(name, workspace, in: $0) }
    }

    /// Makes a stream.
    ///
    /// - Throws: ``Failure`` of kind usage if there is one of that name, limit if there are too many.
    public func addDeliveryStream(
        _ name: String, in workspace: String, arn: String, destination: String, tags: [DeliveryStream.Tag],
        by actor: AuditActor, at now: Timestamp = .now
    ) async throws {
        try await write { db in
            let home = try Workspace.named(workspace, in: db)
            let isTaken = try Row.fetchOne(
                db, sql: "SELECT 1 FROM delivery_streams WHERE workspace_id = ? AND name = ?",
                arguments: [home.id, name])
            guard isTaken == nil else { throw Failure(.usage, "there is a stream '\(name)' already") }
            let count = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM delivery_streams WHERE workspace_id = ?", arguments: [home.id])
            guard count ?? 0 < ControlDatabase.mostDeliveryStreams else {
                throw Failure(
                    .limit, "the workspace has \(count ?? 0) streams; delete those that are not needed")
            }
            try db.execute(
                sql: """
                    INSERT INTO delivery_streams (workspace_id, name, arn, version, destination, tags, created_at)
                    VALUES (?, ?, ?, 1, ?, ?, ?)
                    """,
                arguments: [
                    home.id, name, arn, destination, try DeliveryStream.json(tags), now.microseconds,
                ])
            try AuditEntry.append(
                to: db, by: actor, "stream.add", on: "stream:\(name)", ["workspace": workspace], at: now)
        }
    }

    /// Gives a stream another destination if it still has the version that the caller knows.
    ///
    /// - Throws: ``Failure`` of kind notFound; refused if it has another version.
    public func setDestination(
        _ destination: String, ofDeliveryStream name: String, in workspace: String, version: Int,
        by actor: AuditActor, at now: Timestamp = .now
    ) async throws {
        try await write { db in
            let stream = try DeliveryStream.named(name, workspace, in: db)
            guard stream.version == version else {
                throw Failure(
                    .refused, "stream '\(name)' has version \(stream.version), not \(version); read it again")
            }
            try DeliveryStream.change(
                stream, "destination = ?, version = version + 1, updated_at = ?",
                [destination, now.microseconds], in: db)
            try AuditEntry.append(to: db, by: actor, "stream.update", on: "stream:\(name)", at: now)
        }
    }

    /// Sets tags of a stream and takes others away.
    ///
    /// - Throws: ``Failure`` of kind notFound; limit if it would have more than `most`.
    public func tagDeliveryStream(
        _ name: String, in workspace: String, set: [DeliveryStream.Tag] = [], remove: [String] = [], most: Int
    ) async throws {
        try await write { db in
            let stream = try DeliveryStream.named(name, workspace, in: db)
            var tags = stream.tags.filter { !remove.contains($0.key) }
            for tag in set {
                if let place = tags.firstIndex(where: { $0.key == tag.key }) {
                    tags[place] = tag
                } else {
                    tags.append(tag)
                }
            }
            guard tags.count <= most else {
                throw Failure(.limit, "stream '\(name)' would have \(tags.count) tags; \(most) are the most")
            }
            try DeliveryStream.change(stream, "tags = ?", [try DeliveryStream.json(tags)], in: db)
        }
    }

    /// Removes a stream. The records that were put into it stay.
    ///
    /// - Throws: ``Failure`` of kind notFound.
    public func removeDeliveryStream(
        _ name: String, in workspace: String, by actor: AuditActor, at now: Timestamp = .now
    ) async throws {
        try await write { db in
            let stream = try DeliveryStream.named(name, workspace, in: db)
            try db.execute(
                sql: """
                    DELETE FROM delivery_streams
                    WHERE name = ? AND workspace_id = (SELECT id FROM workspaces WHERE name = ?)
                    """,
                arguments: [stream.name, workspace])
            try AuditEntry.append(to: db, by: actor, "stream.remove", on: "stream:\(name)", at: now)
        }
    }
}

extension DeliveryStream {
    fileprivate static func change(
        _ stream: DeliveryStream, _ assignments: String, _ values: StatementArguments, in db: Database
    ) throws {
        try db.execute(
            sql: """
                UPDATE delivery_streams SET \(assignments)
                WHERE name = ? AND workspace_id = (SELECT id FROM workspaces WHERE name = ?)
                """,
            arguments: values + [stream.name, stream.workspace])
    }
}

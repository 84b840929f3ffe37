import Foundation
import GRDB
import Primitives

/// A stream that a program made by the Firehose API, so that it finds again what it set.
///
/// Only its name has an effect here: records that are put into it bear it. The rest is kept because tools such as Terraform
/// read it back and compare.
public struct DeliveryStream: Sendable, Equatable {
    /// The workspace that its records go to.
    public let workspace: String
    /// Its name, which no other stream of the workspace has.
    public let name: String
    /// Its ARN.
    public let arn: String
    /// Grows with each change of the destination, from 1.
    public let version: Int
    /// The destination as it was set: a JSON object.
    public let destination: String
    /// Its tags in the order in which they came.
    public let tags: [Tag]
    /// When it was made.
    public let createdAt: Timestamp
    /// When its destination was changed last.
    public let updatedAt: Timestamp?

    /// A name and a value that a user gave it.
    public struct Tag: Sendable, Equatable, Codable {
        /// The name.
        public var key: String
        /// The value.
        public var value: String?

        /// A tag.
        public init(key: String, value: String?) { (self.key, self.value) = (key, value) }
    }

    init(_ row: Row) throws {
        let (name, tags): (String, String) = (row["name"], row["tags"])
        guard let tags = try? JSONDecoder().decode([Tag].self, from: Data(tags.utf8)) else {
            throw Failure(.storage, "the tags of stream '\(name)' in sesame.db cannot be read; tag it anew")
        }
        (workspace, self.name, arn, version) = (row["workspace"], name, row["arn"], row["version"])
        (destination, self.tags) = (row["destination"], tags)
        (createdAt, updatedAt) = (row.requiredTime("created_at"), row.time("updated_at"))
    }

    static func json(_ tags: [Tag]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(tags), as: UTF8.self)
    }

    static func named(_ name: String, _ workspace: String, in db: Database) throws -> DeliveryStream {
        let row = try Row.fetchOne(
            db, sql: selection + " WHERE workspaces.name = ? AND delivery_streams.name = ?",
            arguments: [workspace, name])
        guard let row else { throw Failure(.notFound, "there is no stream '\(name)'") }
        return try DeliveryStream(row)
    }

    static let selection = """
        SELECT delivery_streams.*, workspaces.name AS workspace
        FROM delivery_streams JOIN workspaces ON workspaces.id = workspace_id
        """
}

extension AuditActor {
    /// A program that signs with a source's access key.
    public static func source(_ source: Source) -> AuditActor { .init(description: "source:\(source.name)") }
}

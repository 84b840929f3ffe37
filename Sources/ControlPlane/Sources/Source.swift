import Foundation
import GRDB
import Primitives

/// A way in which events come, by name.
public struct Source: Sendable, Identifiable {
    /// Its number; never used again.
    public let id: Int64
    /// The workspace that its events go to.
    public let workspace: String
    /// Its name, which no other source has.
    public let name: String
    /// What it is told.
    public let settings: SourceSettings
    /// When it was made.
    public let createdAt: Timestamp
    /// Since when it is paused; nil if it is not.
    public let pausedAt: Timestamp?

    let secret: RecognisedSecret?

    /// How its events come.
    public var kind: SourceKind { settings.kind }

    /// The path of its endpoint; nil where Sesame fetches. The Firehose API lives at the root, where SDKs look for it, and
    /// finds its source by the access key.
    public var endpointPath: String? {
        switch kind {
        case .s3, .sqs: nil
        case .firehoseAPI: "/"
        case .sns, .firehose, .eventbridge, .http: "/ingest/\(kind.rawValue)/\(name)"
        }
    }

    /// Whether `text` is the source's secret, or was until a rotation whose grace has not ended.
    public func accepts(_ text: String, at now: Timestamp = .now) -> Bool {
        guard let secret else { return false }
        if secret.current.matches(text) { return true }
        guard let previous = secret.previous, let until = secret.previousUntil, now < until else {
            return false
        }
        return previous.matches(text)
    }
}

/// The hashes of a secret that need only be recognised.
struct RecognisedSecret: Sendable {
    var current: SecretHash
    var previous: SecretHash?
    var previousUntil: Timestamp?
}

/// A source and its secret in plain text, which is not to be had again; nil if it has none or you gave it yourself.
public struct CreatedSource: Sendable {
    /// The source as it is now.
    public let source: Source
    /// Its new secret.
    public let secret: Secret?
}

extension Source {
    static let selection = """
        SELECT sources.*, workspaces.name AS workspace FROM sources JOIN workspaces ON workspaces.id = workspace_id
        """

    init(_ row: Row) throws {
        let (name, kindName): (String, String) = (row["name"], row["kind"])
        guard let kind = SourceKind(rawValue: kindName),
            let settings = try? SourceSettings(kind: kind, json: row["settings"])
        else {
            throw Failure(
                .storage,
                "the settings of source '\(name)' in sesame.db cannot be read; remove it and add it anew")
        }
        self.init(
            id: row["id"], workspace: row["workspace"], name: name, settings: settings,
            createdAt: row.requiredTime("created_at"), pausedAt: row.time("paused_at"),
            secret: (row["secret_hash"] as Data?).map { hash in
                RecognisedSecret(
                    current: SecretHash(bytes: Array(hash)),
                    previous: (row["previous_secret_hash"] as Data?).map { SecretHash(bytes: Array($0)) },
                    previousUntil: row.time("previous_secret_until"))
            })
    }

    static func named(_ name: String, in db: Database) throws -> Source {
        guard let row = try Row.fetchOne(db, sql: selection + " WHERE sources.name = ?", arguments: [name])
        else {
            throw Failure(
                .notFound, "there is no source '\(name)'; `sesame source list` shows those there are")
        }
        return try Source(row)
    }
}

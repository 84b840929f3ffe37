import GRDB
import Primitives

extension ControlDatabase {
    /// Gives a source a new secret. The old one stays good for `grace` seconds, so that whoever sends can be told the new one
    /// without losing an event; 0 where the old one has leaked.
    ///
    /// - Parameter awsSecretAccessKey: for a source with an access key of yours, the new secret of that key.
    /// - Throws: ``Failure`` of kind usage if the source has no secret or yours is missing; notFound.
    public func rotateSecret(
        of name: String, grace: Int = 3_600, awsSecretAccessKey: String? = nil, by actor: AuditActor,
        at now: Timestamp = .now
    ) async throws -> CreatedSource {
        let secrets = secrets
        return try await write { db in
            let source = try Source.named(name, in: db)
            guard source.settings.secretNeed != .none else {
                throw Failure(.usage, "source '\(name)' has no secret to rotate")
            }
            // A file that cannot be read has no secret to keep; a rotation is how it is mended.
            let old = try? secrets.content(of: source.id)
            let secret = try secrets.make(
                for: source.settings, source: source.id, given: awsSecretAccessKey, in: db)
            let until = now.adding(seconds: max(0, grace))
            if source.settings.secretNeed == .recognised {
                try db.execute(
                    sql:
                        "UPDATE sources SET previous_secret_hash = ?, previous_secret_until = ? WHERE id = ?",
                    arguments: [source.secret?.current.data, until.microseconds, source.id])
            } else if source.settings.secretNeed == .signing, let secret {
                try secrets.set(
                    .init(
                        current: secret.text, previous: old?.current, previousUntil: until.microseconds),
                    of: source.id)
            }
            try AuditEntry.append(
                to: db, by: actor, "source.rotate", on: "source:\(name)", ["grace": "\(max(0, grace))"],
                at: now)
            return CreatedSource(source: try Source.named(name, in: db), secret: secret)
        }
    }

    /// The secrets by which a source's signatures are made or checked, the newest first: one, or two within the grace after
    /// a rotation. None for a source without.
    ///
    /// - Throws: ``Failure`` of kind storage if the file cannot be read.
    public func signingSecrets(of source: Source, at now: Timestamp = .now) async throws -> [String] {
        let secrets = secrets
        return try await read { _ in
            guard let content = try secrets.content(of: source.id) else { return [] }
            guard let previous = content.previous, let until = content.previousUntil, now.microseconds < until
            else {
                return [content.current]
            }
            return [content.current, previous]
        }
    }
}

extension SecretFiles {
    /// Makes or takes the secret that `settings` ask for and keeps it where it belongs, or forgets the one they need no more.
    func make(for settings: SourceSettings, source: Int64, given: String?, in db: Database) throws -> Secret?
    {
        func keep(_ hash: SecretHash?) throws {
            try db.execute(
                sql: """
                    UPDATE sources SET secret_hash = ?, previous_secret_hash = NULL, previous_secret_until = NULL WHERE id = ?
                    """,
                arguments: [hash?.data, source])
        }
        if settings.secretNeed != .given, given != nil {
            throw Failure(.usage, "these settings name no access key of yours, so no secret of one is needed")
        }
        switch settings.secretNeed {
        case .none:
            try keep(nil)
            try remove(source)
            return nil
        case .recognised:
            let secret = Secret.generate(.ingest)
            try keep(secret.hash)
            return secret
        case .signing:
            let secret = Secret.generate(.signing)
            try set(.init(current: secret.text), of: source)
            return secret
        case .given:
            guard let given, !given.isEmpty else {
                throw Failure(
                    .usage, "the access key's secret is missing; give its file with --secret-access-key-file")
            }
            try set(.init(current: given), of: source)
            return nil
        }
    }
}

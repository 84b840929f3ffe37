import AWSClients
import AWSProtocols
import ControlPlane
import Primitives

/// A source as a poller must know it: another spec is another poller.
struct PollerSpec: Sendable {
    var source: Source
    /// The secret of the source's access key; nil where it signs as the machine does.
    var secret: Result<String, Failure>?

    func isSame(as other: PollerSpec) -> Bool {
        source.name == other.source.name && source.workspace == other.source.workspace
            && source.settings == other.source.settings && secret == other.secret
    }

    /// The specs of all sources that are fetched and not paused.
    static func all(in control: ControlDatabase) async throws -> [PollerSpec] {
        var specs: [PollerSpec] = []
        for source in try await control.sources() where !source.kind.isPushed && source.pausedAt == nil {
            specs.append(await PollerSpec(source, in: control))
        }
        return specs
    }

    /// The spec of a source.
    init(_ source: Source, in control: ControlDatabase) async {
        self.source = source
        guard source.settings.accessKeyID != nil else { return }
        do {
            guard let first = try await control.signingSecrets(of: source).first else {
                throw Failure(
                    .storage,
                    "the secret of the access key of source '\(source.name)' is missing; give it with "
                        + "sesame source rotate \(source.name) --secret-access-key-file FILE")
            }
            secret = .success(first)
        } catch { secret = .failure(error as? Failure ?? Failure(.storage, "\(error)")) }
    }

    /// What gives the key to sign with.
    ///
    /// - Throws: ``Failure`` if the source's own secret cannot be read.
    func credentials(_ chain: CredentialChain) throws(Failure) -> AWSCredentialProvider {
        guard let id = source.settings.accessKeyID, let secret else { return AWSCredentialProvider(chain) }
        return AWSCredentialProvider(
            fixed: AWSCredentials(accessKeyID: id, secretAccessKey: try secret.get()))
    }
}

extension SourceSettings {
    /// The access key by which a fetched source signs; nil where it signs as the machine does.
    var accessKeyID: String? {
        let credentials: Credentials
        switch self {
        case .s3(let settings): credentials = settings.credentials
        case .sqs(let settings): credentials = settings.credentials
        default: return nil
        }
        if case .accessKey(let id) = credentials { return id }
        return nil
    }
}

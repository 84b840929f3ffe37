import AWSProtocols
import Primitives

/// Gives the key by which requests are signed, and renews it before it expires.
///
/// An actor on a thread of its own, for it reads files.
public actor AWSCredentialProvider {
    /// A key, where it was found and how long it is good.
    public struct Found: Sendable, Equatable {
        /// The key.
        public var credentials: AWSCredentials
        /// Where it was found, as a person says it.
        public var origin: String
        /// When it ends; nil for keys that do not.
        public var expiresAt: Timestamp?
    }

    private let executor = BlockingExecutor(label: "sesame.credentials")
    private let find: @Sendable () async throws -> Found
    private var kept: (found: Found, until: Timestamp)?

    /// How long before its end a key is renewed.
    private static let margin = 300
    /// How long a key without an end is kept, so that one that was changed in a file is found.
    private static let longestKept = 300

    /// Always the same key.
    public init(fixed credentials: AWSCredentials) {
        find = { Found(credentials: credentials, origin: "the source's own access key") }
    }

    /// The key that AWS's own tools would take here.
    public init(_ chain: CredentialChain) { find = { try await chain.find() } }

    /// The executor of its own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// The key to sign with.
    ///
    /// - Throws: ``Failure``, also where there is none.
    public func credentials(at now: Timestamp = .now) async throws -> AWSCredentials {
        try await found(at: now).credentials
    }

    /// The key with its origin.
    ///
    /// - Throws: ``Failure``, also where there is none.
    public func found(at now: Timestamp = .now) async throws -> Found {
        if let kept, now < kept.until { return kept.found }
        let found = try await find()
        let renewal = found.expiresAt.map {
            Timestamp(microseconds: $0.microseconds - Int64(Self.margin) * 1_000_000)
        }
        let longest = Timestamp(microseconds: now.microseconds + Int64(Self.longestKept) * 1_000_000)
        // One that is nearly over is used, and asked for anew the next time.
        kept = (found, renewal ?? longest)
        return found
    }

    /// Forgets the key, after AWS said that it has expired.
    public func forget() { kept = nil }
}

import Crypto

/// What a signature covers of a request: all that a verifier or a signer must know of it, and no HTTP library's type.
public struct SignedRequest: Sendable {
    /// The method in upper case.
    public var method: String
    /// The path as on the request line, still percent-encoded.
    public var path: String
    /// What stands behind the `?`, still percent-encoded; empty if nothing does.
    public var query: String
    /// All headers in their order, one entry for each line; `host` among them, also where HTTP/2 calls it `:authority`.
    public var headers: [(name: String, value: String)]
    /// The body's SHA-256, see ``bodyHash(of:)``.
    public var bodyHash: String

    /// A request; its `bodyHash` is that of an empty body unless given.
    public init(
        method: String, path: String, query: String = "", headers: [(name: String, value: String)],
        bodyHash: String = SignedRequest.emptyBodyHash
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.bodyHash = bodyHash
    }

    /// The SHA-256 of nothing.
    public static let emptyBodyHash = bodyHash(of: [])

    /// The SHA-256 of a body in lower-case hex.
    public static func bodyHash(of body: [UInt8]) -> String {
        var hasher = BodyHasher()
        body.withUnsafeBytes { hasher.update($0) }
        return hasher.finish()
    }

    /// The values of all headers called `name` (lower case).
    func values(_ name: String) -> [String] {
        headers.filter { $0.name.utf8.count == name.utf8.count && $0.name.lowercased() == name }.map(\.value)
    }
}

/// Hashes a body while it comes in, in pieces of any size.
public struct BodyHasher: Sendable {
    private var hash = SHA256()

    /// A hasher that has seen nothing.
    public init() {}

    /// Takes the next bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

    /// The hash of all that was taken, for ``SignedRequest/bodyHash``.
    public func finish() -> String { Hex.encode(hash.finalize()) }
}

/// What a verifier takes; one for each of our own AWS-compatible services.
public struct SigV4Rules: Sendable {
    /// The signing name that the scope must carry, such as `firehose`.
    public var service: String
    /// The regions that the scope may carry; nil for any.
    public var regions: Set<String>?
    /// How the path is signed.
    public var dialect: SigV4Dialect
    /// How far, in seconds, a sender's clock may be from ours; AWS allows 15 minutes.
    public var maximumSkew: Int
    /// Whether a body may go unsigned (`UNSIGNED-PAYLOAD`) outside presigned S3 queries; sensible over TLS only.
    public var allowsUnsignedPayload: Bool
    /// `x-amz-*` headers that need not be signed, since hops on the way add them; CloudFront's request id.
    public var unsignedHeaders: Set<String>

    /// Rules for a service, with AWS's own limits.
    public init(
        service: String, regions: Set<String>? = nil, dialect: SigV4Dialect = .standard,
        maximumSkew: Int = 900,
        allowsUnsignedPayload: Bool = false, unsignedHeaders: Set<String> = ["x-amz-cf-id"]
    ) {
        self.service = service
        self.regions = regions
        self.dialect = dialect
        self.maximumSkew = maximumSkew
        self.allowsUnsignedPayload = allowsUnsignedPayload
        self.unsignedHeaders = unsignedHeaders
    }
}

/// Who signed a request, for what.
public struct SigV4Identity: Sendable, Equatable {
    /// The key that signed it.
    public let accessKeyID: String
    /// Day, region and service of the signature, as checked.
    public let scope: SigV4Scope
    /// The headers that the signature covers, in lower case and sorted.
    public let signedHeaders: [String]
}

import Primitives

/// Signs requests of our own to AWS and to what speaks like it.
public struct SigV4Signer: Sendable {
    /// What of the body is signed.
    public enum Payload: Sendable {
        /// Its hash, ``SignedRequest/bodyHash``.
        case signed
        /// Nothing: S3 takes this over TLS.
        case unsigned
    }

    private let credentials: AWSCredentials
    private let region: String
    private let service: String
    private let dialect: SigV4Dialect

    /// A signer for one service in one region; `service` is the signing name, such as `s3`.
    public init(
        credentials: AWSCredentials, region: String, service: String, dialect: SigV4Dialect = .standard
    ) {
        self.credentials = credentials
        self.region = region
        self.service = service
        self.dialect = dialect
    }

    /// Headers that hops on the way add or change, which are therefore never signed (botocore's list and `authorization`).
    private static let neverSigned: Set<String> = [
        "authorization", "baggage", "connection", "expect", "keep-alive", "proxy-authenticate",
        "proxy-authorization", "te", "trailer", "traceparent", "transfer-encoding", "upgrade", "user-agent",
        "x-amzn-trace-id",
    ]

    /// Adds the date, the token, for S3 the body's hash, and `Authorization` to the headers, which must hold `host`.
    public func sign(_ request: inout SignedRequest, at time: Timestamp, payload: Payload = .signed) {
        let stamp = time.sigV4
        request.headers.removeAll { name, _ in SigV4Signer.ownHeaders.contains(name.lowercased()) }
        request.headers.append(("x-amz-date", stamp))
        if let token = credentials.sessionToken { request.headers.append(("x-amz-security-token", token)) }
        let hash = payloadHash(request, payload)
        if dialect == .s3 || hash == SigV4.unsignedPayload {
            request.headers.append(("x-amz-content-sha256", hash))
        }
        let names = SigV4Signer.namesToSign(request)
        let signature = signature(
            request, query: SigV4Query(raw: request.query), names: names, payload: hash, stamp: stamp)
        let value =
            "\(SigV4.algorithm) Credential=\(credentials.accessKeyID)/\(scope(stamp)), "
            + "SignedHeaders=\(names.joined(separator: ";")), Signature=\(signature)"
        request.headers.append(("Authorization", value))
    }

    private static let ownHeaders: Set<String> = [
        "authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256",
    ]

    /// The query, signature included, with which anyone may make the request for `seconds` (at most seven days).
    public func presignedQuery(_ request: SignedRequest, at time: Timestamp, seconds: Int) -> String {
        let stamp = time.sigV4
        let names = SigV4Signer.namesToSign(request)
        var query = SigV4Query(raw: request.query)
        query.append("X-Amz-Algorithm", SigV4.algorithm)
        query.append("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope(stamp))")
        query.append("X-Amz-Date", stamp)
        query.append("X-Amz-Expires", String(seconds))
        query.append("X-Amz-SignedHeaders", names.joined(separator: ";"))
        if let token = credentials.sessionToken { query.append("X-Amz-Security-Token", token) }
        let hash = payloadHash(request, dialect == .s3 ? .unsigned : .signed)
        let signature = signature(request, query: query, names: names, payload: hash, stamp: stamp)
        return query.text + "&X-Amz-Signature=\(signature)"
    }

    private func payloadHash(_ request: SignedRequest, _ payload: Payload) -> String {
        switch payload {
        case .signed: request.bodyHash
        case .unsigned: SigV4.unsignedPayload
        }
    }

    private func scope(_ stamp: String) -> SigV4Scope {
        SigV4Scope(date: String(stamp.prefix(8)), region: region, service: service)
    }

    private static func namesToSign(_ request: SignedRequest) -> [String] {
        Set(request.headers.map { $0.name.lowercased() }).subtracting(neverSigned).sorted()
    }

    private func signature(
        _ request: SignedRequest, query: SigV4Query, names: [String], payload: String, stamp: String
    ) -> String {
        let canonical = SigV4.canonicalRequest(
            request, query: query, signedHeaders: names, payload: payload, dialect: dialect)
        let text = SigV4.stringToSign(canonical, time: stamp, scope: scope(stamp))
        return SigV4.signature(text, secret: credentials.secretAccessKey, scope: scope(stamp))
    }
}

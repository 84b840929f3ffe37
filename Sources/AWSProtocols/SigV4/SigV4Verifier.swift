import Primitives

/// Checks the signatures of requests that come in.
///
/// Where AWS reads a request in the sender's favour, this is stricter: a header that decides something may come once, a
/// path must be in its normal form (routes are found by the path as sent, the signature covers the normal form), and
/// nothing is believed that has two readings.
public struct SigV4Verifier: Sendable {
    let rules: SigV4Rules

    /// A verifier of one service's requests.
    public init(_ rules: SigV4Rules) {
        self.rules = rules
    }

    /// Who signed `request`, at the time `now`; `secret` gives the secret half of a key, or nil if nobody has it.
    public func verify(
        _ request: SignedRequest, now: Timestamp, secret: @Sendable (_ accessKeyID: String) async -> String?
    ) async throws(SigV4Error) -> SigV4Identity {
        let (claim, payload) = try check(request, now: now)
        guard let secret = await secret(claim.accessKeyID), !secret.isEmpty else {
            throw SigV4Verifier.unrecognized
        }
        let canonical = SigV4.canonicalRequest(
            request, query: claim.query, signedHeaders: claim.signedHeaders, payload: payload,
            dialect: rules.dialect)
        let text = SigV4.stringToSign(canonical, time: claim.stamp, scope: claim.scope)
        guard ConstantTime.equals(claim.signature, SigV4.signature(text, secret: secret, scope: claim.scope))
        else {
            throw SigV4Error(
                .invalidSignature,
                "The request signature we calculated does not match the signature you provided. "
                    + "Check your AWS Secret Access Key and signing method. "
                    + "Consult the service documentation for details."
            )
        }
        return SigV4Identity(
            accessKeyID: claim.accessKeyID, scope: claim.scope, signedHeaders: claim.signedHeaders)
    }

    /// The key that a request says it is signed with, to find whose secret ``verify(_:now:secret:)`` needs; not yet believed.
    public static func claimedAccessKeyID(of request: SignedRequest) -> String? {
        (try? SigV4Claim(request))?.accessKeyID
    }

    private static let unrecognized = SigV4Error(
        .unrecognizedClient, "The security token included in the request is invalid.")

    /// Everything that can be refused without the secret; the claim, and the hash that stands for the body.
    private func check(
        _ request: SignedRequest, now: Timestamp
    ) throws(SigV4Error) -> (claim: SigV4Claim, payload: String) {
        try SigV4Verifier.checkForm(request, rules.dialect)
        let claim = try SigV4Claim(request)
        try checkScope(claim.scope)
        try checkTime(claim, now: now)
        try checkSignedHeaders(claim, request)
        // Temporary keys are AWS's; ours have no token, so whoever sends one has another's.
        if !request.values("x-amz-security-token").isEmpty
            || !claim.query.values("X-Amz-Security-Token").isEmpty
        {
            throw SigV4Verifier.unrecognized
        }
        return (claim, try payload(claim, request))
    }

    private func checkScope(_ scope: SigV4Scope) throws(SigV4Error) {
        guard scope.service == rules.service else {
            throw SigV4Error(
                .invalidSignature, "Credential should be scoped to correct service: '\(rules.service)'.")
        }
        guard !scope.region.isEmpty, rules.regions?.contains(scope.region) ?? true else {
            let regions = rules.regions?.sorted().joined(separator: ", ") ?? "any"
            throw SigV4Error(
                .invalidSignature,
                "Credential should be scoped to a valid region: \(regions), not \(SigV4Error.quoted(scope.region))."
            )
        }
    }

    private func checkTime(_ claim: SigV4Claim, now: Timestamp) throws(SigV4Error) {
        let minutes = rules.maximumSkew / 60
        let latest = now.adding(seconds: rules.maximumSkew)
        if claim.time > latest {
            throw SigV4Error(
                .invalidSignature,
                "Signature not yet current: \(claim.stamp) is still later than "
                    + "\(latest.sigV4) (\(now.sigV4) + \(minutes) min.)"
            )
        }
        if let lifetime = claim.lifetime {
            let end = claim.time.adding(seconds: lifetime)
            guard now <= end else {
                throw SigV4Error(
                    .invalidSignature, "Signature expired: \(now.sigV4) is later than \(end.sigV4)")
            }
            return
        }
        let earliest = now.adding(seconds: -rules.maximumSkew)
        if claim.time < earliest {
            throw SigV4Error(
                .invalidSignature,
                "Signature expired: \(claim.stamp) is now earlier than "
                    + "\(earliest.sigV4) (\(now.sigV4) - \(minutes) min.)"
            )
        }
    }

    /// The hash that the signature must cover, compared with the body's own.
    private func payload(_ claim: SigV4Claim, _ request: SignedRequest) throws(SigV4Error) -> String {
        let declared = request.values("x-amz-content-sha256").first?.trimmingSpaces
        if claim.lifetime != nil, rules.dialect == .s3, declared == nil { return SigV4.unsignedPayload }
        guard let declared else {
            if rules.dialect == .s3 {
                throw SigV4Error(
                    .incompleteSignature, "Missing required header for this request: x-amz-content-sha256")
            }
            return request.bodyHash
        }
        if declared == SigV4.unsignedPayload, rules.allowsUnsignedPayload { return declared }
        guard Hex.isDigest(declared), ConstantTime.equals(declared, request.bodyHash) else {
            throw SigV4Error(
                .invalidSignature,
                "The provided 'x-amz-content-sha256' header does not match what was computed: "
                    + "sign the body's SHA-256."
            )
        }
        return declared
    }
}

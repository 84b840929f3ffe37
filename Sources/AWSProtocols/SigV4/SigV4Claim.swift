import Primitives

/// What a request says about its signature, in its header or its query, before any of it is believed.
struct SigV4Claim {
    var accessKeyID: String
    var scope: SigV4Scope
    var stamp: String
    var time: Timestamp
    var signedHeaders: [String]
    var signature: String
    /// How long a presigned query is good, in seconds; nil for a signature in the header.
    var lifetime: Int?
    /// The query that was signed.
    var query: SigV4Query

    /// Reads the claim; refuses none, two, and everything that has a second reading.
    init(_ request: SignedRequest) throws(SigV4Error) {
        let query = SigV4Query(raw: request.query)
        let authorizations = request.values("authorization")
        let isPresigned = query.pairs.contains {
            $0.name == "X-Amz-Signature" || $0.name == "X-Amz-Algorithm"
        }
        guard authorizations.count + (isPresigned ? 1 : 0) > 0 else {
            throw SigV4Error(.missingAuthenticationToken, "Missing Authentication Token")
        }
        guard authorizations.count + (isPresigned ? 1 : 0) == 1 else {
            throw SigV4Error(
                .incompleteSignature,
                "the request is signed more than once; send one Authorization header or one query")
        }
        if let header = authorizations.first {
            try self.init(header: header, request, query)
        } else {
            try self.init(presigned: query)
        }
    }

    private init(header: String, _ request: SignedRequest, _ query: SigV4Query) throws(SigV4Error) {
        let words = header.pieces(" ", maxSplits: 1)
        guard words[0] == SigV4.algorithm else {
            let algorithm = SigV4Error.quoted(words[0])
            throw SigV4Error(.incompleteSignature, "Unsupported AWS 'algorithm': \(algorithm)")
        }
        var parts: [String: String] = [:]
        for part in words.count > 1 ? words[1].pieces(",") : [] {
            let pair = part.trimmingSpaces.pieces("=", maxSplits: 1)
            guard pair.count == 2, ["Credential", "SignedHeaders", "Signature"].contains(pair[0]),
                parts.updateValue(pair[1], forKey: pair[0]) == nil
            else {
                throw SigV4Error(
                    .incompleteSignature,
                    "\(SigV4Error.quoted(part)) is not a valid key=value pair in Authorization header"
                )
            }
        }
        func part(_ name: String) throws(SigV4Error) -> String {
            guard let value = parts[name] else {
                throw SigV4Error(.incompleteSignature, "Authorization header requires '\(name)' parameter.")
            }
            return value
        }
        let stamps =
            request.values("x-amz-date").isEmpty ? request.values("date") : request.values("x-amz-date")
        guard stamps.count == 1 else {
            throw SigV4Error(
                .incompleteSignature,
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
        }
        try self.init(
            credential: part("Credential"), stamp: stamps[0].trimmingSpaces,
            signedHeaders: part("SignedHeaders"),
            signature: part("Signature"), lifetime: nil, query: query)
    }

    private init(presigned query: SigV4Query) throws(SigV4Error) {
        func parameter(_ name: String) throws(SigV4Error) -> String {
            let values = query.values(name)
            guard values.count == 1 else {
                throw SigV4Error(
                    .incompleteSignature, "AWS query-string parameters must include '\(name)' once.")
            }
            return values[0]
        }
        guard try parameter("X-Amz-Algorithm") == SigV4.algorithm else {
            throw SigV4Error(.incompleteSignature, "Unsupported AWS 'algorithm' in 'X-Amz-Algorithm'.")
        }
        guard let lifetime = Int(try parameter("X-Amz-Expires")), (1...604_800).contains(lifetime) else {
            throw SigV4Error(
                .incompleteSignature, "'X-Amz-Expires' must be a number of seconds from 1 to 604800.")
        }
        try self.init(
            credential: parameter("X-Amz-Credential"), stamp: parameter("X-Amz-Date"),
            signedHeaders: parameter("X-Amz-SignedHeaders"), signature: parameter("X-Amz-Signature"),
            lifetime: lifetime, query: query.without("X-Amz-Signature"))
    }

    private init(
        credential: String, stamp: String, signedHeaders: String, signature: String, lifetime: Int?,
        query: SigV4Query
    ) throws(SigV4Error) {
        let elements = credential.pieces("/")
        guard elements.count == 5, !elements[0].isEmpty else {
            throw SigV4Error(
                .incompleteSignature,
                "Credential must have exactly 5 slash-delimited elements, "
                    + "e.g. keyid/date/region/service/term, got \(SigV4Error.quoted(credential))"
            )
        }
        guard elements[4] == SigV4Scope.terminator else {
            throw SigV4Error(
                .invalidSignature,
                "Credential should be scoped with a valid terminator: "
                    + "'aws4_request', not \(SigV4Error.quoted(elements[4]))."
            )
        }
        guard let time = Timestamp(sigV4: stamp) else {
            throw SigV4Error(
                .incompleteSignature,
                "Date must be in ISO-8601 'basic format', yyyyMMddTHHmmssZ. Got \(SigV4Error.quoted(stamp))."
            )
        }
        guard elements[1] == stamp.prefix(8) else {
            throw SigV4Error(
                .invalidSignature,
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                    + "\(SigV4Error.quoted(elements[1])) != '\(stamp.prefix(8))', from '\(stamp)'."
            )
        }
        guard Hex.isDigest(signature) else {
            throw SigV4Error(.incompleteSignature, "the signature must be 64 lower-case hexadecimal digits")
        }
        accessKeyID = elements[0]
        scope = SigV4Scope(date: elements[1], region: elements[2], service: elements[3])
        self.stamp = stamp
        self.time = time
        self.signedHeaders = signedHeaders.pieces(";")
        self.signature = signature
        self.lifetime = lifetime
        self.query = query
    }
}

extension SigV4Verifier {
    /// Headers that decide what a request is; two of one of them are two requests in one.
    private static let singular: Set<String> = [
        "host", "date", "content-type", "content-length", "content-encoding", "transfer-encoding",
    ]

    /// Refuses what could be read in two ways: odd header names, line breaks in values, doubled headers, dot segments.
    static func checkForm(_ request: SignedRequest, _ dialect: SigV4Dialect) throws(SigV4Error) {
        var seen: Set<String> = []
        for (name, value) in request.headers {
            guard !name.isEmpty, name.utf8.allSatisfy(isTokenByte) else {
                throw SigV4Error(
                    .incompleteSignature, "the header name \(SigV4Error.quoted(name)) is not one")
            }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
                throw SigV4Error(
                    .incompleteSignature, "the header '\(name)' holds a line break or control character")
            }
            let name = name.lowercased()
            guard seen.insert(name).inserted || !(singular.contains(name) || name.hasPrefix("x-amz-")) else {
                throw SigV4Error(.incompleteSignature, "the header '\(name)' comes more than once")
            }
        }
        let isPlain = request.path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x3f && $0 != 0x23 }
        guard isPlain, request.query.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x23 }) else {
            throw SigV4Error(.incompleteSignature, "path and query must be percent-encoded")
        }
        guard dialect == .s3 || SigV4Dialect.normalized(request.path) == request.path else {
            throw SigV4Error(
                .incompleteSignature,
                "the path \(SigV4Error.quoted(request.path)) has empty or dot segments; send it without")
        }
    }

    /// `tchar` of RFC 9110.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// Refuses a list that leaves out what decides about the request, or that is not in the one order.
    func checkSignedHeaders(_ claim: SigV4Claim, _ request: SignedRequest) throws(SigV4Error) {
        let names = claim.signedHeaders
        let isSorted = zip(names, names.dropFirst()).allSatisfy { $0 < $1 }
        guard isSorted, names.allSatisfy({ !$0.isEmpty && $0 == $0.lowercased() }) else {
            throw SigV4Error(.incompleteSignature, "SignedHeaders must be in lower case, sorted, each once")
        }
        let present = Set(request.headers.map { $0.name.lowercased() })
        if let absent = names.first(where: { !present.contains($0) }) {
            throw SigV4Error(
                .invalidSignature,
                "the signed header \(SigV4Error.quoted(absent)) did not arrive; a proxy on the way may have removed it"
            )
        }
        var needed = present.filter { $0.hasPrefix("x-amz-") && !rules.unsignedHeaders.contains($0) }
        needed.insert("host")
        if claim.lifetime == nil, !present.contains("x-amz-date") { needed.insert("date") }
        if let missing = needed.subtracting(names).min() {
            throw SigV4Error(
                .invalidSignature, "'\(missing)' must be a 'SignedHeader' in the AWS Authorization.")
        }
    }
}

import HTTPTypes

/// Who really sent a request: the peer, or whom a trusted proxy names.
struct ClientAddress: Hashable, Sendable {
    /// The address.
    var address: String
    /// Whether the client's own connection is encrypted.
    var isSecure: Bool
    /// Whether the request came by a proxy, trusted or not; then a loopback peer is no local client.
    var isForwarded: Bool

    /// `X-Forwarded-For` is read from its end, where the nearest proxy writes; the first address that is no trusted proxy is
    /// the client. What stands before it, anybody may have made up.
    init(peer: String, usesTLS: Bool, headers: HTTPFields, trusted: [AddressBlock]) {
        address = AddressBlock.normalized(peer) ?? peer
        isSecure = usesTLS
        isForwarded = headers.contains(.forwarded) || headers.contains(.forwardedFor)
        guard trusted.contains(where: { $0.contains(address) }) else { return }
        let hops = headers[values: .forwardedFor].joined(separator: ",").split(separator: ",")
        for hop in hops.reversed() {
            guard let next = AddressBlock.normalized(hop.filter { $0 != " " && $0 != "\t" }) else { break }
            address = next
            if !trusted.contains(where: { $0.contains(next) }) { break }
        }
        let proto = headers[values: .forwardedProto].joined(separator: ",").split(separator: ",").last
        if let proto { isSecure = proto.filter { $0 != " " }.lowercased() == "https" }
    }
}

extension HTTPField.Name {
    // Tokens by RFC 9110, so the initializer that checks cannot fail.
    static let forwarded = HTTPField.Name("Forwarded")!
    static let forwardedFor = HTTPField.Name("X-Forwarded-For")!
    static let forwardedProto = HTTPField.Name("X-Forwarded-Proto")!
    static let requestID = HTTPField.Name("X-Request-Id")!
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
    static let amazonTarget = HTTPField.Name("X-Amz-Target")!
}

import Crypto
import Foundation

/// Where and when a signature is good: `20260801/eu-west-1/firehose/aws4_request`.
public struct SigV4Scope: Sendable, Equatable, CustomStringConvertible {
    /// The day, `yyyyMMdd`.
    public var date: String
    /// The region, such as `eu-west-1`.
    public var region: String
    /// The service's signing name, such as `firehose`.
    public var service: String

    static let terminator = "aws4_request"

    /// The scope as it is signed.
    public var description: String { "\(date)/\(region)/\(service)/\(SigV4Scope.terminator)" }
}

/// Signature Version 4: canonical request, string to sign, key, signature (general reference, "Create a signed AWS API
/// request"; checked against botocore).
enum SigV4 {
    static let algorithm = "AWS4-HMAC-SHA256"
    static let unsignedPayload = "UNSIGNED-PAYLOAD"

    /// The first of the three texts: the request in its one form.
    static func canonicalRequest(
        _ request: SignedRequest, query: SigV4Query, signedHeaders: [String], payload: String,
        dialect: SigV4Dialect
    ) -> String {
        var values: [String: String] = [:]
        for (name, value) in request.headers {
            let name = name.lowercased()
            let trimmed = value.foldingSpaces
            values[name] = values[name].map { $0 + "," + trimmed } ?? trimmed
        }
        var text = "\(request.method)\n\(dialect.canonicalPath(request.path))\n\(query.canonical)\n"
        for name in signedHeaders { text += "\(name):\(values[name] ?? "")\n" }
        text += "\n\(signedHeaders.joined(separator: ";"))\n\(payload)"
        return text
    }

    /// The second: what is signed.
    static func stringToSign(_ canonicalRequest: String, time: String, scope: SigV4Scope) -> String {
        "\(algorithm)\n\(time)\n\(scope)\n\(Hex.encode(SHA256.hash(data: Data(canonicalRequest.utf8))))"
    }

    /// The key for a scope: the secret, hashed through day, region and service.
    static func signingKey(secret: String, scope: SigV4Scope) -> SymmetricKey {
        var key = SymmetricKey(data: Data("AWS4\(secret)".utf8))
        for part in [scope.date, scope.region, scope.service, SigV4Scope.terminator] {
            key = SymmetricKey(data: Data(HMAC<SHA256>.authenticationCode(for: Data(part.utf8), using: key)))
        }
        return key
    }

    static func signature(_ stringToSign: String, secret: String, scope: SigV4Scope) -> String {
        let key = signingKey(secret: secret, scope: scope)
        return Hex.encode(Array(HMAC<SHA256>.authenticationCode(for: Data(stringToSign.utf8), using: key)))
    }
}

import AWSProtocols
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Primitives

/// Asks what hands out the keys of a role: a container's agent, or the metadata service of an EC2 machine, version 2.
struct MetadataService: Sendable {
    typealias Found = AWSCredentialProvider.Found

    let transport: AWSTransport

    /// Nobody off AWS answers, so that waiting longer helps nobody.
    private static let timeout = TimeAmount.seconds(2)

    /// `{"AccessKeyId":…,"SecretAccessKey":…,"Token":…,"Expiration":"2026-08-01T18:00:00Z"}`
    private struct Key: Decodable {
        var AccessKeyId: String
        var SecretAccessKey: String
        var Token: String?
        var Expiration: String?
    }

    /// The key at a URL.
    ///
    /// - Throws: ``Failure`` if there is none.
    func key(
        at url: String, headers: [(name: String, value: String)], origin: String
    ) async throws -> Found {
        let answer = try await ask("GET", url, headers)
        guard answer.status == 200, let key = try? JSONDecoder().decode(Key.self, from: Data(answer.body))
        else {
            throw Failure(.refused, "\(url) gave no key (status \(answer.status))")
        }
        return Found(
            credentials: AWSCredentials(
                accessKeyID: key.AccessKeyId, secretAccessKey: key.SecretAccessKey, sessionToken: key.Token),
            origin: origin, expiresAt: key.Expiration.flatMap { Timestamp(parsing: $0) })
    }

    /// The key of the machine's role; nil if this is no machine of EC2 or it has no role.
    ///
    /// - Throws: ``Failure`` if it has one and gives no key.
    func keyOfMachine(at base: String) async throws -> Found? {
        let token: AWSTransport.Answer
        do {
            token = try await ask(
                "PUT", "\(base)/latest/api/token", [("X-aws-ec2-metadata-token-ttl-seconds", "300")])
        } catch is Failure { return nil }
        guard token.status == 200 else { return nil }
        let headers = [(name: "X-aws-ec2-metadata-token", value: String(decoding: token.body, as: UTF8.self))]
        let list = "\(base)/latest/meta-data/iam/security-credentials/"
        let roles = try await ask("GET", list, headers)
        let role = String(decoding: roles.body, as: UTF8.self).split(whereSeparator: \.isNewline).first
        guard roles.status == 200, let role else { return nil }
        return try await key(at: list + role, headers: headers, origin: "the machine's role '\(role)'")
    }

    private func ask(
        _ method: String, _ url: String, _ headers: [(name: String, value: String)]
    ) async throws -> AWSTransport.Answer {
        var request = HTTPClientRequest(url: url)
        request.method = HTTPMethod(rawValue: method)
        request.headers = HTTPHeaders(headers.map { ($0.name, $0.value) })
        do throws(TransportError) {
            return try await transport.answer(to: request, limit: 64 << 10, timeout: Self.timeout)
        } catch {
            if case .cancelled = error { throw CancellationError() }
            throw Failure(.storage, "\(url) does not answer (\(error))")
        }
    }
}

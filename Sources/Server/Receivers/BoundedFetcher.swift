import AWSProtocols
import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Primitives

/// Gets small files from SNS: no redirects, 10 seconds, 64 KiB.
///
/// What may be fetched is decided before, by ``SNSCertificateRules``; a redirect would lead past that.
struct BoundedFetcher: Sendable {
    let client: HTTPClient
    /// Another server that stands for all of SNS's hosts, such as `http://localhost:4566`; nil asks SNS itself.
    var endpoint: String?
    /// How long a fetch may take in all.
    var timeout = Duration.seconds(10)
    /// The largest answer, in bytes.
    var maximumSize = 64 << 10

    /// A client that follows no redirects and unpacks nothing; shut it down when the server stops.
    static func makeClient() -> HTTPClient {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, decompression: .disabled)
        configuration.timeout.connect = .seconds(5)
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// The bytes at a URL of SNS.
    ///
    /// - Throws: ``Failure`` of kind storage, also for any status but 200.
    func fetch(_ url: SNSServiceURL) async throws -> [UInt8] {
        guard let endpoint else { return try await fetch(url.description) }
        return try await fetch(endpoint + url.path + (url.query.map { "?" + $0 } ?? ""))
    }

    func fetch(_ url: String) async throws -> [UInt8] {
        // The client's own deadline ends with the head of the answer; this one holds for the body too.
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            defer { group.cancelAll() }
            group.addTask { try await get(url) }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw Failure(.storage, "no answer came in \(timeout)")
            }
            return try await group.next() ?? []
        }
    }

    private func get(_ url: String) async throws -> [UInt8] {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "User-Agent", value: "Sesame")
        do {
            let response = try await client.execute(request, timeout: .seconds(60))
            guard response.status == .ok else {
                throw Failure(.storage, "the answer has status \(response.status.code)")
            }
            return Array(try await response.body.collect(upTo: maximumSize).readableBytesView)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.storage, "no whole answer came (\(error))")
        }
    }
}

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Primitives

/// The connections on which all clients of AWS speak; follows no redirects and unpacks nothing.
///
/// Redirects would leave the host for which a request was signed, and objects are told to be compressed by their bytes, since
/// `Content-Encoding` is right only by chance.
public struct AWSTransport: Sendable {
    let client: HTTPClient

    /// Connections that close when nobody has used them for a minute. ``close()`` them at the end.
    public init() {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, decompression: .disabled)
        configuration.timeout.connect = .seconds(5)
        // Longer than a long poll is silent.
        configuration.timeout.read = .seconds(45)
        // Each queue has a long poll open all the time, and all queues of a region share a host.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        configuration.httpVersion = .http1Only
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes the connections; requests under way fail.
    public func close() async { try? await client.shutdown() }

    /// Runs `body` with connections that are closed after it.
    public static func with<Value>(_ body: (AWSTransport) async throws -> Value) async throws -> Value {
        let transport = AWSTransport()
        do {
            let value = try await body(transport)
            await transport.close()
            return value
        } catch {
            await transport.close()
            throw error
        }
    }

    /// A small answer in whole.
    struct Answer: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: [UInt8]
    }

    /// Sends a request and reads an answer of at most `limit` bytes.
    func answer(
        to request: HTTPClientRequest, limit: Int, timeout: TimeAmount
    ) async throws(TransportError) -> Answer {
        do {
            let response = try await client.execute(request, timeout: timeout)
            let body = try await response.body.collect(upTo: limit)
            return Answer(
                status: Int(response.status.code), headers: response.headers,
                body: Array(body.readableBytesView))
        } catch { throw TransportError(error) }
    }
}

/// No answer came that could be used.
enum TransportError: Error {
    /// The task was cancelled.
    case cancelled
    /// Why none came, as the network tells it.
    case unreachable(String)
    /// An answer came, and it was an error.
    case answered(AWSAnswerError)

    init(_ error: any Error) {
        switch error {
        case is CancellationError: self = .cancelled
        case let error as HTTPClientError where error == .cancelled: self = .cancelled
        case let error as HTTPClientError: self = .unreachable(error.shortDescription)
        case let error as ChannelError:
            if case .connectTimeout = error {
                self = .unreachable("connecting took over 5 seconds")
            } else {
                self = .unreachable("\(error)")
            }
        case let error as NIOConnectionError: self = .unreachable(Self.words(error))
        default: self = .unreachable("\(error)")
        }
    }

    private static func words(_ error: NIOConnectionError) -> String {
        if let first = error.connectionErrors.first?.error {
            return (first as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(first)"
        }
        return "the name \(error.host) is not known"
    }
}

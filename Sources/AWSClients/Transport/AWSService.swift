import AWSProtocols
import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Primitives

/// A request before it is signed.
struct AWSRequest: Sendable {
    var method = "GET"
    /// The path, percent-encoded.
    var path = "/"
    /// The query, percent-encoded.
    var query = ""
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
    /// How long the head of the answer may take.
    var timeout = TimeAmount.seconds(30)
}

/// One service in one region: signs requests, sends them, and sends them again where that may help.
struct AWSService: Sendable {
    let transport: AWSTransport
    let endpoint: AWSEndpoint
    let region: String
    /// The signing name.
    let name: String
    let credentials: AWSCredentialProvider
    var dialect = SigV4Dialect.standard
    var retry = RetryPolicy()
    var now: @Sendable () -> Timestamp = { .now }

    /// The largest answer that is read in whole.
    static let largestAnswer = 16 << 20
    /// The most that is read of an error.
    private static let largestError = 64 << 10

    /// Sends a request and reads the answer in whole.
    ///
    /// - Throws: ``Failure``, `CancellationError`.
    func answer(to request: AWSRequest, for action: AWSAction) async throws -> AWSTransport.Answer {
        try await attempt(request, action) { signed throws(TransportError) in
            let answer = try await transport.answer(
                to: signed, limit: Self.largestAnswer, timeout: request.timeout)
            guard (200..<300).contains(answer.status) else { throw .answered(AWSAnswerError(answer)) }
            return answer
        }
    }

    /// Sends a request and gives the answer as soon as its head is there; its body comes as it is read.
    ///
    /// - Throws: ``Failure``, `CancellationError`.
    func stream(_ request: AWSRequest, for action: AWSAction) async throws -> HTTPClientResponse {
        try await attempt(request, action) { signed throws(TransportError) in
            do {
                // The time that the body takes is not the request's: a silent connection ends by the transport's limit.
                let response = try await transport.client.execute(signed, deadline: .distantFuture)
                if (200..<300).contains(Int(response.status.code)) { return response }
                let body = try await response.body.collect(upTo: Self.largestError)
                throw AWSAnswerError(
                    AWSTransport.Answer(
                        status: Int(response.status.code), headers: response.headers,
                        body: Array(body.readableBytesView)))
            } catch let error as AWSAnswerError { throw .answered(error) } catch {
                throw TransportError(error)
            }
        }
    }

    private func attempt<Value>(
        _ request: AWSRequest, _ action: AWSAction,
        _ send: (HTTPClientRequest) async throws(TransportError) -> Value
    ) async throws -> Value {
        var attempts = 0
        var hasRenewed = false
        while true {
            attempts += 1
            let keys = try await credentials.credentials(at: now())
            do throws(TransportError) {
                return try await send(signed(request, by: keys))
            } catch {
                switch error {
                case .cancelled: throw CancellationError()
                case .answered(let error) where error.meansExpired && !hasRenewed:
                    // Kept credentials may be older than their role's renewal.
                    hasRenewed = true
                    await credentials.forget()
                    continue
                case .answered(let error) where !error.isTransient:
                    throw action.failure(error, keys, now: now())
                case .answered(let error):
                    guard let delay = retry.delay(after: attempts) else {
                        throw action.failure(error, keys, now: now())
                    }
                    try await Task.sleep(for: delay)
                case .unreachable(let words):
                    guard let delay = retry.delay(after: attempts) else {
                        throw Failure(.storage, "no answer came from \(endpoint): \(words)")
                    }
                    try await Task.sleep(for: delay)
                }
            }
        }
    }

    private func signed(_ request: AWSRequest, by keys: AWSCredentials) -> HTTPClientRequest {
        var unsigned = SignedRequest(
            method: request.method, path: request.path, query: request.query,
            headers: [("Host", endpoint.authority)] + request.headers,
            bodyHash: SignedRequest.bodyHash(of: request.body))
        SigV4Signer(credentials: keys, region: region, service: name, dialect: dialect)
            .sign(&unsigned, at: now())
        let query = request.query.isEmpty ? "" : "?\(request.query)"
        var signed = HTTPClientRequest(url: "\(endpoint)\(request.path)\(query)")
        signed.method = HTTPMethod(rawValue: request.method)
        signed.headers = HTTPHeaders(unsigned.headers.map { ($0.name, $0.value) })
        signed.headers.add(name: "User-Agent", value: "Sesame")
        if !request.body.isEmpty { signed.body = .bytes(ByteBuffer(bytes: request.body)) }
        return signed
    }
}

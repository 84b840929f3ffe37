import ControlPlane
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// The connection on which a request came.
struct ConnectionContext: InitializableFromSource {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) { channel = source.channel }
}

/// Takes a request to its route, and its answer to the client, the log and the metrics.
struct RequestHandler: HTTPResponder {
    let routes: RouteTable
    let configuration: ServerConfiguration
    let budget: ByteBudget
    let registry: MetricRegistry
    let inFlight: ServerMetrics.InFlight
    let logger: Logger

    func respond(to request: Request, context: ConnectionContext) async throws -> Response {
        let start = ContinuousClock.now
        inFlight.add(1)
        defer { inFlight.add(-1) }
        let target = request.head.path ?? "/"
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let (path, query) = (parts.first.map(String.init) ?? "", parts.count > 1 ? String(parts[1]) : "")
        let match = routes.match(request.method, path)
        return await budget.withShare { share in
            let reader = BodyReader(request, limit: match.bodyLimit, share: share) {
                let channel = context.channel
                return channel.eventLoop.scheduleTask(in: .seconds(Int64(configuration.bodyTimeout))) {
                    channel.close(promise: nil)
                }
            }
            let client = ClientAddress(
                peer: context.channel.remoteAddress?.ipAddress ?? "", usesTLS: configuration.usesTLS,
                headers: request.headers, trusted: configuration.trustedProxies)
            let incoming = IncomingRequest(
                id: IncomingRequest.newID(), method: request.method, path: path, query: query,
                authority: request.head.authority ?? "", headers: request.headers, client: client,
                departure: ClientDeparture(channel: context.channel), parameters: match.parameters,
                body: reader)
            let (answer, cause) = await answer(incoming, match)
            note(answer, to: incoming, match.name, cause, took: .now - start)
            return response(answer, to: incoming)
        }
    }

    private func answer(_ request: IncomingRequest, _ match: RouteTable.Match) async -> (
        ReceiverAnswer, cause: String?
    ) {
        do {
            switch match {
            case .found(let route, _): return (try await route.handler(request), nil)
            case .notFound: throw HTTPProblem.notFound(request.path)
            case .wrongMethod(let allowed):
                var problem = HTTPProblem(
                    .methodNotAllowed, "method-not-allowed", "this path does not take this method")
                problem.headers[.allow] = allowed.map(\.rawValue).joined(separator: ", ")
                throw problem
            }
        } catch {
            let problem = HTTPProblem(error)
            return (problem.answer(requestID: request.id), problem.cause)
        }
    }

    private func response(_ answer: ReceiverAnswer, to request: IncomingRequest) -> Response {
        var headers = answer.headers
        headers[.requestID] = request.id
        headers[.xContentTypeOptions] = "nosniff"
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
        if request.body.leavesMuch { headers[.connection] = "close" }
        let sends = request.method != .head
        if let stream = answer.stream {
            return Response(
                status: answer.status, headers: headers, body: sends ? Self.body(stream) : ResponseBody())
        }
        var response = Response(
            status: answer.status, headers: headers,
            body: sends ? ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)) : ResponseBody())
        response.headers[.contentLength] = String(answer.body.count)
        return response
    }

    /// A body that comes piece by piece. A server that shuts down does not wait for its end.
    private static func body(_ stream: AsyncStream<[UInt8]>) -> ResponseBody {
        ResponseBody { writer in
            for await piece in stream.cancelOnGracefulShutdown() {
                try await writer.write(ByteBuffer(bytes: piece))
            }
            try await writer.finish(nil)
        }
    }

    /// One line a request. It has no query, no body, no token and no address of a person in it; the client's address only where
    /// it was refused, for those who keep guessers out.
    private func note(
        _ answer: ReceiverAnswer, to request: IncomingRequest, _ route: String, _ cause: String?,
        took time: Duration
    ) {
        let status = answer.status.code
        registry.add(to: ServerMetrics.requests, [route, String(status)])
        registry.add(Double(request.body.received), to: ServerMetrics.requestBytes, [route])
        registry.add(Double(answer.body.count), to: ServerMetrics.responseBytes, [route])
        registry.observe(time / .seconds(1), in: ServerMetrics.duration, [route])
        let source = request.notes.source
        if let kind = source?.kind {
            registry.add(to: ServerMetrics.outcomes, [kind, answer.outcome])
            if answer.records > 0 { registry.add(Double(answer.records), to: ServerMetrics.records, [kind]) }
        }
        var fields: Logger.Metadata = [
            "route": .string(route), "status": .stringConvertible(status),
            "ms": .stringConvertible(Int(time / .milliseconds(1))),
            "bytes": .stringConvertible(request.body.received), "outcome": .string(answer.outcome),
            "request_id": .string(request.id),
        ]
        if let name = source?.source { fields["source"] = .string(name) }
        if [401, 403, 429].contains(status) { fields["remote"] = .string(request.client.address) }
        if let cause { fields["cause"] = .string(cause) }
        logger.log(level: status >= 500 && cause != nil ? .error : .info, "request", metadata: fields)
    }
}

extension RouteTable.Match {
    fileprivate var bodyLimit: Int { if case .found(let route, _) = self { route.bodyLimit } else { 0 } }

    fileprivate var parameters: [String: String] {
        if case .found(_, let parameters) = self { parameters } else { [:] }
    }

    /// The route's name; one name for all that leads nowhere, for its paths are a stranger's text.
    fileprivate var name: String { if case .found(let route, _) = self { route.name } else { "none" } }
}

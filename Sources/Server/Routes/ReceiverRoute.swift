import AWSProtocols
import ControlPlane
import HTTPTypes
import Primitives

/// `/ingest/{kind}/{name}` and AWS's API at the root: hands a whole request to the receiver of its kind.
struct ReceiverRoute: Sendable {
    let receivers: [String: any Receiver]

    /// By the path's kind and name.
    func byPath(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        guard let kind = request.parameters["kind"], let receiver = receivers[kind],
            let name = request.parameters["name"], ResourceName.isValid(name)
        else { throw HTTPProblem.notFound(request.path) }
        request.notes.set(kind: kind, source: name)
        do { return await receiver.receive(try await received(request, source: name)) } catch let problem
            as HTTPProblem where kind == SourceKind.firehose.rawValue && problem.status == .contentTooLarge
        {
            return Self.firehoseAnswer(problem, to: request)
        }
    }

    /// By the operation's header: programs that speak the Firehose API send to the root.
    func byTarget(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let kind = SourceKind.firehoseAPI.rawValue
        guard request.headers.contains(.amazonTarget), let receiver = receivers[kind] else {
            throw HTTPProblem.notFound(request.path)
        }
        request.notes.set(kind: kind, source: nil)
        return await receiver.receive(try await received(request, source: nil))
    }

    private func received(_ request: IncomingRequest, source: String?) async throws -> ReceivedRequest {
        ReceivedRequest(
            method: request.method, path: request.path, query: request.query, authority: request.authority,
            headers: request.headers, body: try await request.body.readAll(), sourceName: source,
            remoteAddress: request.client.address, receivedAt: .now)
    }

    /// Firehose drops for good what is answered 413; with 400 it tries again, and keeps the batch in its bucket then.
    private static func firehoseAnswer(_ problem: HTTPProblem, to request: IncomingRequest) -> ReceiverAnswer
    {
        let id = HTTPField.Name("X-Amz-Firehose-Request-Id").flatMap { request.headers[$0] }
        return ReceiverAnswer(
            status: .badRequest, headers: [.contentType: "application/json"],
            body: FirehoseDelivery.answer(requestID: id ?? "", at: .now, error: problem.detail),
            outcome: problem.code)
    }
}

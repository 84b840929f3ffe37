import ControlPlane
import EventLog
import HTTPTypes
import Ingest
import Primitives

/// `POST /v1/events` and `POST /ingest/http/{name}`: events from any program that holds a token.
///
/// The body is JSON in any framing that the splitter knows: an object a line, an array, objects one after the other; plain,
/// gzip or zstd. It goes to the log as one record, and is split on the way to the lake. A look at its first byte is all
/// that is done here, to tell at once who sends something else altogether.
struct EventsRoute: Sendable {
    let access: Access
    let sink: any RecordSink
    /// Counts what came by a source; nil where nobody asks.
    var directory: (any SourceDirectory)?

    func callAsFunction(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        request.notes.set(kind: SourceKind.http.rawValue, source: nil)
        let named = request.parameters["name"] ?? request.queryValue("source")
        let sender = try await access.sender(of: request, source: named)
        request.notes.set(kind: SourceKind.http.rawValue, source: sender.source)
        do { return try await take(request, from: sender) } catch {
            await count(error, of: sender)
            throw error
        }
    }

    private func take(_ request: IncomingRequest, from sender: Access.Sender) async throws -> ReceiverAnswer {
        if let source = sender.added, source.pausedAt != nil {
            throw HTTPProblem(.forbidden, "source-paused", "the source '\(source.name)' is paused")
        }
        let key = try EventsRoute.idempotencyKey(request.headers)
        let body = try await request.body.readDecoded(request.headers[.contentEncoding])
        try EventsRoute.check(body)
        var origin = [LogAttribute("request_id", request.id)]
        if let key { origin.append(LogAttribute("idempotency_key", key)) }
        let record = LogRecord(receivedAt: .now, source: sender.source, origin: origin, body: body)
        try await sink.keep([record])
        await count(record, of: sender)
        return ReceiverAnswer.json(
            .ok,
            [
                "accepted": .number(body.count), "unit": "bytes", "source": .text(sender.source),
                "request_id": .text(request.id),
            ], records: 1)
    }

    /// Counts the records of a body that was kept; the splitter finds them without parsing them.
    private func count(_ record: LogRecord, of sender: Access.Sender) async {
        guard let directory, let source = sender.added else { return }
        var (splitter, found) = (RecordSplitter(), SplitRecords())
        _ = record.body.withUnsafeBytes { splitter.split($0, isLast: true, into: &found) }
        var activity = SourceActivity()
        activity.events = found.records.count
        activity.lastEventAt = record.receivedAt
        await directory.record(activity, of: source)
    }

    /// Counts a request that was refused, under the code that its sender was told.
    private func count(_ error: any Error, of sender: Access.Sender) async {
        guard let directory, let source = sender.added else { return }
        let problem = HTTPProblem(error)
        var activity = SourceActivity()
        activity.refused = [problem.code: 1]
        activity.lastError = problem.cause ?? problem.detail
        activity.lastErrorAt = .now
        await directory.record(activity, of: source)
    }

    /// The key by which its sender knows a request that it sends again. It is kept with the events, which count once anyway.
    static func idempotencyKey(_ headers: HTTPFields) throws(HTTPProblem) -> String? {
        guard let key = headers[.idempotencyKey], !key.isEmpty else { return nil }
        guard key.utf8.count <= 255, key.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw HTTPProblem(
                .badRequest, "bad-idempotency-key",
                "the Idempotency-Key is longer than 255 bytes or has characters other than ASCII")
        }
        return key
    }

    private static func check(_ body: [UInt8]) throws(HTTPProblem) {
        let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]
        let text = body.starts(with: byteOrderMark) ? body.dropFirst(3) : body[...]
        let first = text.first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
        guard let first else { throw HTTPProblem(.badRequest, "empty-body", "the body holds no events") }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
            throw HTTPProblem(
                .badRequest, "not-json", "the body begins with neither { nor [",
                hint: "send events as JSON: an object a line, or an array of objects")
        }
    }
}

extension ReceiverAnswer {
    /// An answer in JSON.
    static func json(_ status: HTTPResponse.Status, _ body: JSONValue, records: Int = 0) -> ReceiverAnswer {
        ReceiverAnswer(
            status: status, headers: [.contentType: "application/json"], body: body.bytes, records: records)
    }
}

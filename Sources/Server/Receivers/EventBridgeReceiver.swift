import ControlPlane
import EventLog
import HTTPTypes
import Ingest
import Primitives
import Scanning

/// SES → EventBridge rule → API destination → `POST /ingest/eventbridge/<name>`.
///
/// The body is one event, or an array where the rule's transformer makes one; it goes to the log as it is, for the decoder
/// unwraps envelopes and lists what it cannot read. EventBridge waits 5 seconds and tries again after 429 and 5xx only. Its
/// `Range` header means nothing here.
struct EventBridgeReceiver: Receiver {
    /// The largest body that is worth reading, in bytes; an event has at most 1 MiB, which escapes may make longer.
    static let maximumBodySize = 4 << 20

    let context: ReceiverContext

    func receive(_ request: ReceivedRequest) async -> ReceiverAnswer {
        do {
            return try await context.serve(.eventbridge, request) { source throws(Rejection) in
                try EventBridgeReceiver.authenticate(request, source)
                let bodies = try EventBridgeReceiver.bodies(request.body)
                let records = bodies.map { body in
                    LogRecord(
                        receivedAt: request.receivedAt, source: source.name,
                        origin: Origin.attributes([
                            (Origin.kind, body.isReputation ? Origin.reputation : nil)
                        ]), body: body.bytes)
                }
                let count = bodies.reduce(0) { $0 + $1.events }
                try await context.keep(records, events: count, from: source)
                return ReceiverAnswer(status: .ok, records: records.count)
            }
        } catch { return error.textAnswer }
    }

    private static func authenticate(_ request: ReceivedRequest, _ source: Source) throws(Rejection) {
        guard case .eventbridge(let settings) = source.settings else { return }
        var secret: PresentedSecret?
        switch settings.authentication {
        case .apiKey: secret = request.headers.single("x-api-key").map { PresentedSecret($0) }
        case .basic:
            let claim = request.headers.single("authorization").flatMap(PresentedSecret.basic)
            secret = claim?.user == source.name ? claim?.password : nil
        }
        guard let secret else {
            let way =
                settings.authentication == .apiKey
                ? "as X-Api-Key" : "as password of the user '\(source.name)'"
            throw Rejection(
                .badKey, .unauthorized, "the secret is missing; the connection must send it \(way)")
        }
        guard secret.opens(source, at: request.receivedAt) else {
            throw Rejection(
                .badKey, .forbidden, "this is not the source's secret; `sesame source rotate` makes a new one"
            )
        }
    }

    /// What becomes one record of the log.
    private struct Body {
        var bytes: [UInt8]
        var events = 1
        var isReputation = false
    }

    /// The body as it is; an array in which something is about the reputation is taken apart, so that this can be told.
    private static func bodies(_ body: [UInt8]) throws(Rejection) -> [Body] {
        let found = body.withUnsafeBytes { bytes -> [Body] in
            var events: [Body] = []
            let isArray = JSONScanner.elements(of: bytes) { element in
                events.append(
                    Body(bytes: Array(element.bytes), isReputation: isReputation(element.bytes)))
                return true
            }
            if isArray, events.contains(where: \.isReputation) { return events }
            if isArray { return [Body(bytes: body, events: events.count)] }
            return [Body(bytes: body, isReputation: isReputation(bytes))]
        }
        guard body.contains(where: { !Ascii.isSpace($0) }), found.allSatisfy({ $0.events > 0 }) else {
            throw Rejection(.unreadable, .badRequest, "the body holds no event")
        }
        return found
    }

    private static func isReputation(_ event: UnsafeRawBufferPointer) -> Bool {
        guard case .contents(let contents) = Envelope.unwrap(event) else { return false }
        return contents.contains { if case .signal = $0 { true } else { false } }
    }
}

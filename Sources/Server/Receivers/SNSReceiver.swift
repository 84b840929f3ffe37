import AWSProtocols
import ControlPlane
import EventLog
import HTTPTypes
import Primitives

/// SES → SNS topic → `POST /ingest/sns/<name>`; "Amazon SNS message and JSON formats".
///
/// SNS posts JSON as `text/plain`, one message a request. It tries again after 5xx (three times in about a minute unless
/// told otherwise) and never after 4xx: what cannot be stored now is 503, and what is too old only by our clock, which may be
/// wrong; what is not ours is 403. Plain-text messages that SES publishes when an event destination is set up go to the log
/// like any other; the decoder counts them as no events.
struct SNSReceiver: Receiver {
    /// The largest body that is worth reading, in bytes.
    static let maximumBodySize = SNSMessage.maximumBodySize
    /// Gets what is at a URL of SNS, following no redirects: certificates, and confirmations.
    typealias Fetch = SNSCertificates.Fetch

    let context: ReceiverContext
    /// Shared by all sources.
    let certificates: SNSCertificates
    /// Gets the URL by which a subscription is confirmed.
    let fetch: Fetch

    func receive(_ request: ReceivedRequest) async -> ReceiverAnswer {
        do {
            return try await context.serve(.sns, request) { source throws(Rejection) in
                try await take(request, source)
            }
        } catch { return error.textAnswer }
    }

    private func take(
        _ request: ReceivedRequest, _ source: Source
    ) async throws(Rejection) -> ReceiverAnswer {
        guard case .sns(let settings) = source.settings else { return ReceiverAnswer(status: .notFound) }
        if request.headers.single("x-amz-sns-rawdelivery")?.lowercased() == "true" {
            return try await takeRaw(request, source, settings)
        }
        switch try await verify(request, settings) {
        case .notification(let id, let topic, _, let message):
            return try await keep(message, id: id, topic: topic, request, source)
        case .subscriptionConfirmation(let topic, let url):
            return try await confirm(topic, at: url, source)
        case .unsubscribeConfirmation(let topic, _):
            return await noteEnd(of: topic, request, source)
        }
    }

    private func verify(
        _ request: ReceivedRequest, _ settings: SourceSettings.SNS
    ) async throws(Rejection) -> SNSDelivery {
        let versions = settings.signatureVersions.compactMap {
            SNSMessage.SignatureVersion(rawValue: String($0))
        }
        let rules = SNSRules(topics: Set(settings.topicARNs), signatureVersions: Set(versions))
        do {
            return try await SNSVerifier(rules, certificates: certificates).verify(
                request.body, now: request.receivedAt)
        } catch { throw Rejection(error) }
    }

    /// Stores a message's text, which is the event as SES wrote it.
    func keep(
        _ message: [UInt8], id: String?, topic: SNSTopic, _ request: ReceivedRequest, _ source: Source
    ) async throws(Rejection) -> ReceiverAnswer {
        let origin = Origin.attributes([
            (Origin.messageID, id), (Origin.topic, topic.arn), (Origin.region, topic.region),
            (Origin.account, topic.account),
        ])
        let record = LogRecord(
            receivedAt: request.receivedAt, source: source.name, origin: origin, body: message)
        try await context.keep([record], events: 1, from: source)
        return ReceiverAnswer(status: .ok, records: 1)
    }
}

extension Rejection {
    /// Why SNS's verifier refused a message.
    fileprivate init(_ refusal: SNSRefusal) {
        let outcome: ReceiverOutcome =
            switch refusal.reason {
            case .malformed: .unreadable
            case .topic: .foreignTopic
            case .signatureVersion: .signatureVersion
            case .timestamp: .stale
            case .certificateURL, .certificate, .signature, .subscribeURL: .forged
            case .certificateUnavailable: .certificateUnavailable
            }
        if refusal.isTransient {
            self.init(outcome, retryAfter: 30, refusal.message)
        } else {
            self.init(outcome, outcome == .unreadable ? .badRequest : .forbidden, refusal.message)
        }
    }
}

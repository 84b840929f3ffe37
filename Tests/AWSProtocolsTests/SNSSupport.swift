import AWSProtocols
import Primitives
import Testing

/// A topic, an authority and signers that all SNS tests share, since a key takes long to make.
struct SNSWorld: Sendable {
    let authority: SNSAuthority
    let signer: SNSSigner
    let stranger: SNSSigner
    let trust: SNSTrust

    static let now = Timestamp.at("2026-08-01T12:00:00Z")
    static let arn = "arn:aws:sns:eu-west-1:123456789012:ses-events"
    static let shared = Result { try SNSWorld() }

    private init() throws {
        authority = try SNSAuthority(now: SNSWorld.now)
        signer = try authority.signer(from: SNSWorld.now.plus(seconds: -3_600))
        stranger = try SNSAuthority(now: SNSWorld.now).signer(from: SNSWorld.now.plus(seconds: -3_600))
        trust = try SNSTrust(rootsPEM: authority.rootPEM)
    }

    static func topic(_ arn: String = arn) throws -> SNSTopic { try #require(SNSTopic(arn: arn)) }

    /// A message as SNS sends it, not yet signed.
    static func message(
        _ text: String = #"{"eventType":"Send"}"#, arn: String = arn, at time: Timestamp = now,
        subject: String? = "Subject"
    ) throws -> SNSMessage {
        SNSMessage(
            .notification, messageID: "22b80b92-0000-4000-8000-000000000001", topic: try topic(arn),
            message: Array(text.utf8), subject: subject, timestamp: time.iso8601)
    }

    static func confirmation(_ kind: SNSMessage.Kind = .subscriptionConfirmation) throws -> SNSMessage {
        SNSMessage(
            kind, messageID: "22b80b92-0000-4000-8000-000000000002", topic: try topic(),
            message: Array("You have chosen to subscribe".utf8), timestamp: now.iso8601, token: "t0ken",
            subscribeURL:
                "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=\(arn)&Token=t0ken")
    }

    /// A verifier whose certificates come from `pem`, the signer's unless told otherwise.
    func verifier(
        _ rules: SNSRules = SNSRules(topics: [arn]), trust: SNSTrust?, pem: [UInt8]? = nil
    ) -> SNSVerifier {
        let served = pem ?? signer.certificatePEM
        return SNSVerifier(rules, certificates: SNSCertificates(trust: trust) { _ in served })
    }
}

/// Why a message is refused; nil if it is not.
func refusal(
    _ verifier: SNSVerifier, _ message: SNSMessage, now: Timestamp = SNSWorld.now
) async -> SNSRefusal.Reason? {
    do {
        _ = try await verifier.verify(message.json, now: now)
        return nil
    } catch {
        return error.reason
    }
}

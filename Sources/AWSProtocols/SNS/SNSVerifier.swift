import Primitives

/// What a verified message turned out to be.
public enum SNSDelivery: Sendable, Equatable {
    /// Something was published to the topic; `message` is its text as UTF-8.
    case notification(id: String, topic: SNSTopic, timestamp: Timestamp, message: [UInt8])
    /// SNS asks whether to deliver here: a GET of the URL says yes.
    case subscriptionConfirmation(topic: SNSTopic, subscribeURL: SNSServiceURL)
    /// The endpoint was unsubscribed; a GET of the URL would undo it.
    case unsubscribeConfirmation(topic: SNSTopic, subscribeURL: SNSServiceURL)
}

/// Which messages a source takes.
public struct SNSRules: Sendable {
    /// The ARNs of the topics; a valid signature proves that AWS sent a message, not that it is ours.
    public var topics: Set<String>
    /// The accepted signature versions: 2 unless told otherwise, for SHA-1 no longer holds against collisions.
    public var signatureVersions: Set<SNSMessage.SignatureVersion>
    /// The oldest message that is taken, in seconds; SNS stops its attempts after an hour.
    public var maximumAge: Int
    /// How far, in seconds, a message may be from the future.
    public var maximumSkew: Int

    /// Rules with the defaults that suit SNS.
    public init(
        topics: Set<String>, signatureVersions: Set<SNSMessage.SignatureVersion> = [.sha256],
        maximumAge: Int = 3_600,
        maximumSkew: Int = 300
    ) {
        self.topics = topics
        self.signatureVersions = signatureVersions
        self.maximumAge = maximumAge
        self.maximumSkew = maximumSkew
    }
}

/// Tells messages of SNS from those of anybody else.
///
/// What costs nothing is checked first, so that a stranger makes us fetch nothing. A value, not an actor: signatures are
/// verified on every core, and only the certificates are shared.
public struct SNSVerifier: Sendable {
    private let rules: SNSRules
    private let certificates: SNSCertificates

    /// A verifier for one source; all sources may share the certificates.
    public init(_ rules: SNSRules, certificates: SNSCertificates) {
        self.rules = rules
        self.certificates = certificates
    }

    /// Reads and verifies the body of a request that came at `now`.
    public func verify(_ body: [UInt8], now: Timestamp) async throws(SNSRefusal) -> SNSDelivery {
        try await verify(SNSMessage(parsing: body), now: now)
    }

    /// Verifies a message that came at `now`.
    public func verify(_ message: SNSMessage, now: Timestamp) async throws(SNSRefusal) -> SNSDelivery {
        let published = try checkRules(message, now)
        let url = try SNSCertificateRules.validate(url: message.signingCertURL, topic: message.topic)
        let certificate = try await certificates.certificate(at: url, now: now)
        try certificate.check(for: message.topic, now: now)
        guard certificate.hasSigned(message) else {
            throw SNSRefusal(
                .signature, "the signature is not that of this message; it was forged or changed on its way")
        }
        if message.kind == .notification {
            return .notification(
                id: message.messageID, topic: message.topic, timestamp: published, message: message.message)
        }
        let subscribeURL = try SNSCertificateRules.validate(
            subscribeURL: message.subscribeURL ?? "", topic: message.topic)
        return message.kind == .subscriptionConfirmation
            ? .subscriptionConfirmation(topic: message.topic, subscribeURL: subscribeURL)
            : .unsubscribeConfirmation(topic: message.topic, subscribeURL: subscribeURL)
    }

    /// Topic, version and age; the time of publication.
    private func checkRules(_ message: SNSMessage, _ now: Timestamp) throws(SNSRefusal) -> Timestamp {
        guard rules.topics.contains(message.topic.arn) else {
            throw SNSRefusal(
                .topic, "the topic \(message.topic) is not one of this source; add it there if it is yours")
        }
        guard rules.signatureVersions.contains(message.signatureVersion) else {
            throw SNSRefusal(
                .signatureVersion,
                "the message is signed with version \(message.signatureVersion.rawValue), which this source does not "
                    + "take; set the topic's attribute SignatureVersion to 2, or allow version 1 for this source"
            )
        }
        guard let published = Timestamp(parsing: message.timestamp) else {
            throw SNSRefusal(.malformed, "Timestamp is not a time")
        }
        guard published >= now.adding(seconds: -rules.maximumAge) else {
            throw SNSRefusal(
                .timestamp,
                "the message is of \(published), more than \(rules.maximumAge) s before the time here, \(now): it is a "
                    + "replay, or the clock here is wrong; look at the clock")
        }
        guard published <= now.adding(seconds: rules.maximumSkew) else {
            throw SNSRefusal(
                .timestamp,
                "the message is of \(published), and by the clock here it is \(now); set the clock right")
        }
        return published
    }
}

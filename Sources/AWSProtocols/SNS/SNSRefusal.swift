/// Why an SNS message was not taken.
public struct SNSRefusal: Error, Equatable, CustomStringConvertible {
    /// The rule that was broken; the raw value is a label for counters.
    public enum Reason: String, Sendable, CaseIterable {
        /// The body is no SNS message.
        case malformed
        /// The topic is not one that this source takes.
        case topic
        /// The signature version is switched off here.
        case signatureVersion = "signature_version"
        /// The message is older than SNS ever retries, or from the future; by the clock here, which may be the one that is wrong.
        case timestamp
        /// `SigningCertURL` is not where SNS keeps its certificates.
        case certificateURL = "certificate_url"
        /// The certificate could not be fetched now; the sender should try again.
        case certificateUnavailable = "certificate_unavailable"
        /// What was fetched is no certificate of SNS that is good now.
        case certificate
        /// The signature is not that of this message.
        case signature
        /// `SubscribeURL` does not lead to SNS.
        case subscribeURL = "subscribe_url"
    }

    /// The rule that was broken.
    public var reason: Reason
    /// What happened and what to do.
    public var message: String

    /// A refusal with its sentence.
    public init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    /// Whether the same message may be taken later: answer 5xx, so that SNS tries again, and 403 otherwise.
    ///
    /// So is a time that cannot be: SNS drops what is answered 403, and a clock that was set wrong would lose each event that comes
    /// until somebody sees it. Who replays an old message gains nothing by the other number.
    public var isTransient: Bool { reason == .certificateUnavailable || reason == .timestamp }

    /// The sentence.
    public var description: String { message }
}

/// What became of a request, in a word for metrics and counters. A fixed list: no label is ever a stranger's text.
enum ReceiverOutcome: String, Sendable, CaseIterable {
    /// The log has it.
    case accepted
    /// A subscription was confirmed.
    case confirmed
    /// SNS said that it delivers no more.
    case unsubscribed
    /// A stream was made, changed or described.
    case administered

    /// The signature is not the sender's.
    case forged
    /// A topic that the source does not take.
    case foreignTopic = "foreign_topic"
    /// A version of signatures that the source does not take.
    case signatureVersion = "signature_version"
    /// Raw delivery, which the source does not take.
    case rawDelivery = "raw_delivery"
    /// Too old, or from the future.
    case stale
    /// No key, or a wrong one.
    case badKey = "bad_key"
    /// Not what the sender should send.
    case unreadable
    /// Larger than the sender ever sends.
    case tooLarge = "too_large"
    /// No source of that kind and name.
    case unknownSource = "unknown_source"
    /// Another method than POST.
    case badMethod = "bad_method"
    /// An operation that was refused: an unknown stream, a wrong version, a bad parameter.
    case badRequest = "bad_request"

    /// The source is paused.
    case paused
    /// The log takes no more at the moment.
    case overloaded
    /// The log could not store it.
    case unstored
    /// The sources could not be read.
    case unavailable
    /// The certificate could not be fetched.
    case certificateUnavailable = "certificate_unavailable"
    /// The subscription could not be confirmed.
    case unconfirmed
}

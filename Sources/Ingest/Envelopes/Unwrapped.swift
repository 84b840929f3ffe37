import Primitives

/// What the envelopes around a record said about it.
public struct EnvelopeContext: Sendable, Equatable {
    /// The AWS account: EventBridge's, else that of the SNS topic.
    public var account: String?
    /// The AWS region: EventBridge's, else that of the SNS topic.
    public var region: String?
    /// The `eventType` that an EventBridge `detail-type` stands for.
    public var eventTypeHint: String?
    /// The SNS topic that carried it.
    public var topicARN: String?
    /// The innermost envelope's own id. It names a delivery, not an event: a retry or another route has another.
    public var deliveryID: String?
    /// When the innermost envelope was written.
    public var deliveredAt: Timestamp?

    /// Nothing known.
    public init() {}
}

/// A record taken out of its envelopes.
public struct EnvelopeRecord: Sendable, Equatable {
    /// The record: one JSON object as the innermost envelope held it, with `eventType` put in where only EventBridge said it.
    public var bytes: [UInt8]
    /// What the envelopes said.
    public var context: EnvelopeContext

    /// A record and its context.
    public init(bytes: [UInt8], context: EnvelopeContext) {
        self.bytes = bytes
        self.context = context
    }
}

/// One thing that an envelope held.
public enum EnvelopeContent: Sendable, Equatable {
    /// A record to parse.
    case record(EnvelopeRecord)
    /// What AWS says of the sender's reputation, whole.
    case signal(EnvelopeRecord)
    /// A message that AWS sends beside events, and what it is; to be counted, not refused.
    case notAnEvent(String)
    /// Something unreadable: its bytes and why.
    case refused([UInt8], reason: String)
}

/// What a record that is no SES event turned out to be.
public enum Unwrapped: Sendable, Equatable {
    /// An envelope (or several, one in the other) with these things in it, in order.
    case contents([EnvelopeContent])
    /// One message that is no event, and what it is; to be counted, not refused.
    case notAnEvent(String)
    /// No envelope known here: an event itself, or something else.
    case unknown
}

import Primitives
import Scanning

/// What SNS posts to an HTTP endpoint, as it stands: nothing in it is believed yet.
///
/// The format is that of "Amazon SNS message and JSON formats": one JSON object whose values are strings. Their text is
/// un-escaped here, since that is what is signed.
public struct SNSMessage: Sendable, Equatable {
    /// What a message is for.
    public enum Kind: String, Sendable, CaseIterable {
        /// Carries what was published.
        case notification = "Notification"
        /// Asks whether the endpoint wants the topic.
        case subscriptionConfirmation = "SubscriptionConfirmation"
        /// Says that the endpoint was unsubscribed.
        case unsubscribeConfirmation = "UnsubscribeConfirmation"
    }

    /// How a message is signed; the raw value is its `SignatureVersion`.
    public enum SignatureVersion: String, Sendable, CaseIterable {
        /// RSA over SHA-1, the default of a topic.
        case sha1 = "1"
        /// RSA over SHA-256, set by the topic's attribute `SignatureVersion`.
        case sha256 = "2"
    }

    /// What it is for.
    public var kind: Kind
    /// The same on each attempt to deliver it.
    public var messageID: String
    /// The topic that it was published to.
    public var topic: SNSTopic
    /// What was published, as UTF-8.
    public var message: [UInt8]
    /// The subject, if one was published.
    public var subject: String?
    /// When it was published, as it is written and signed.
    public var timestamp: String
    /// How it is signed.
    public var signatureVersion: SignatureVersion
    /// The signature, decoded.
    public var signature: [UInt8]
    /// Where the certificate is, unchecked.
    public var signingCertURL: String
    /// What a confirmation is made with.
    public var token: String?
    /// Where a confirmation is made, unchecked.
    public var subscribeURL: String?

    /// A message that is yet to be signed.
    public init(
        _ kind: Kind, messageID: String, topic: SNSTopic, message: [UInt8], subject: String? = nil,
        timestamp: String,
        token: String? = nil, subscribeURL: String? = nil
    ) {
        self.kind = kind
        self.messageID = messageID
        self.topic = topic
        self.message = message
        self.subject = subject
        self.timestamp = timestamp
        self.token = token
        self.subscribeURL = subscribeURL
        signatureVersion = .sha256
        signature = []
        signingCertURL = ""
    }

    /// What is signed: names and values of the signed members, each behind a line feed, in the order of the names.
    public var stringToSign: [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(message.count + 512)
        func add(_ name: String, _ value: some Collection<UInt8>) {
            output += name.utf8
            output.append(Ascii.newline)
            output += value
            output.append(Ascii.newline)
        }
        add("Message", message)
        add("MessageId", messageID.utf8)
        if kind == .notification {
            if let subject { add("Subject", subject.utf8) }
        } else {
            add("SubscribeURL", (subscribeURL ?? "").utf8)
        }
        add("Timestamp", timestamp.utf8)
        if kind != .notification { add("Token", (token ?? "").utf8) }
        add("TopicArn", topic.arn.utf8)
        add("Type", kind.rawValue.utf8)
        return output
    }

    /// The message as SNS would post it.
    public var json: [UInt8] {
        var output = Array("{".utf8)
        func add(_ name: String, _ value: some Collection<UInt8>) {
            if output.count > 1 { output.append(Ascii.comma) }
            JSONText.quote(name.utf8, into: &output)
            output.append(Ascii.colon)
            JSONText.quote(value, into: &output)
        }
        add("Type", kind.rawValue.utf8)
        add("MessageId", messageID.utf8)
        if let token { add("Token", token.utf8) }
        add("TopicArn", topic.arn.utf8)
        if let subject { add("Subject", subject.utf8) }
        add("Message", message)
        if let subscribeURL { add("SubscribeURL", subscribeURL.utf8) }
        add("Timestamp", timestamp.utf8)
        add("SignatureVersion", signatureVersion.rawValue.utf8)
        add("Signature", Base64.encode(signature).utf8)
        add("SigningCertURL", signingCertURL.utf8)
        output.append(Ascii.closeBrace)
        return output
    }
}

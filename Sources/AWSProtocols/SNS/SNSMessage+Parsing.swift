import Scanning

extension SNSMessage {
    /// The largest body that is looked at: a message has at most 256 KiB, which escapes may make several times as long.
    public static let maximumBodySize = 2 << 20

    /// Reads the body of a request.
    public init(parsing body: UnsafeRawBufferPointer) throws(SNSRefusal) {
        guard body.count <= SNSMessage.maximumBodySize else {
            throw SNSRefusal(
                .malformed, "the body has \(body.count) bytes, more than an SNS message ever has")
        }
        let members = try Members(body)
        let kindName = try members.line(.kind)
        guard let kind = Kind(rawValue: kindName) else {
            throw SNSRefusal(.malformed, "the Type of the message is none that SNS sends")
        }
        guard let topic = SNSTopic(arn: try members.line(.topic)) else {
            throw SNSRefusal(.malformed, "TopicArn is not the name of a topic")
        }
        let isNotification = kind == .notification
        self.init(
            kind, messageID: try members.line(.messageID), topic: topic,
            message: try members.bytes(.message),
            subject: isNotification ? try members.optionalLine(.subject) : nil,
            timestamp: try members.line(.timestamp),
            token: isNotification ? nil : try members.line(.token),
            subscribeURL: isNotification ? nil : try members.line(.subscribeURL))
        guard let version = SignatureVersion(rawValue: try members.line(.signatureVersion)) else {
            throw SNSRefusal(.signatureVersion, "SignatureVersion is neither 1 nor 2")
        }
        signatureVersion = version
        guard let decoded = try members.bytes(.signature).withUnsafeBytes({ Base64.decode($0) }),
            !decoded.isEmpty
        else {
            throw SNSRefusal(.malformed, "Signature is not Base64")
        }
        signature = decoded
        signingCertURL = try members.line(.signingCertURL)
    }

    /// Reads the body of a request.
    public init(parsing body: [UInt8]) throws(SNSRefusal) {
        let result = body.withUnsafeBytes { bytes in
            Result { () throws(SNSRefusal) in try SNSMessage(parsing: bytes) }
        }
        self = try result.get()
    }

    /// The members that a message is made of, found but not decoded.
    private struct Members {
        private var values: [(name: Name, value: JSONScanner.Value)] = []

        enum Name: String {
            case kind = "Type"
            case messageID = "MessageId"
            case topic = "TopicArn"
            case subject = "Subject"
            case message = "Message"
            case timestamp = "Timestamp"
            case signatureVersion = "SignatureVersion"
            case signature = "Signature"
            case signingCertURL = "SigningCertURL"
            case token = "Token"
            case subscribeURL = "SubscribeURL"
        }

        init(_ body: UnsafeRawBufferPointer) throws(SNSRefusal) {
            var found: [(name: Name, value: JSONScanner.Value)] = []
            var doubled: Name?
            let isObject = JSONScanner.members(of: body) { key, value in
                guard key.count <= 16, let name = Name(rawValue: String(decoding: key, as: UTF8.self)) else {
                    return true
                }
                if found.contains(where: { $0.name == name }) { doubled = name }
                found.append((name, value))
                return doubled == nil
            }
            guard isObject else { throw SNSRefusal(.malformed, "the body is not a JSON object") }
            // Two readers could take different ones; SNS never sends two.
            if let doubled { throw SNSRefusal(.malformed, "the member \(doubled.rawValue) comes twice") }
            values = found
        }

        func bytes(_ name: Name) throws(SNSRefusal) -> [UInt8] {
            guard let value = values.first(where: { $0.name == name })?.value else {
                throw SNSRefusal(
                    .malformed,
                    "the message has no \(name.rawValue); with raw message delivery use an endpoint that takes it"
                )
            }
            guard let text = value.text() else {
                throw SNSRefusal(.malformed, "\(name.rawValue) is not a JSON string")
            }
            return text
        }

        /// A text without control characters.
        ///
        /// Only `Message` may have line feeds: what is signed is made of lines, and with one in another member the same
        /// signature would fit two messages.
        func line(_ name: Name) throws(SNSRefusal) -> String {
            let bytes = try bytes(name)
            guard let text = String(validating: bytes, as: UTF8.self),
                bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f })
            else { throw SNSRefusal(.malformed, "\(name.rawValue) is not one line of UTF-8") }
            return text
        }

        func optionalLine(_ name: Name) throws(SNSRefusal) -> String? {
            guard let value = values.first(where: { $0.name == name })?.value,
                !(value.kind == .other && value.bytes.elementsEqual("null".utf8))
            else { return nil }
            return try line(name)
        }
    }
}

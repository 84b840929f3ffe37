/// The members of an object by which an envelope is known.
struct EnvelopeKeys {
    private(set) var values: [Name: JSONScanner.Value] = [:]

    /// The names that matter; AWS writes some of them in two ways.
    enum Name: String, CaseIterable {
        case account, region, source, time, id, detail
        case detailType = "detail-type"
        case eventType, notificationType
        case type = "Type"
        case message = "Message"
        case topicARN = "TopicArn"
        case messageID = "MessageId"
        case snsTimestamp = "Timestamp"
        case rawData, attemptsMade, errorCode, lastErrorCode
        case requestID = "requestId"
        case records
        case data
        case invocationID = "invocationId"
        case lambdaRecords = "Records"
        case sns = "Sns"
        case kinesis
        case body
        case receivedBody = "Body"
        case messages = "Messages"
        case receiptHandle
        case receivedReceiptHandle = "ReceiptHandle"
    }

    private static let names: [[UInt8]: Name] = Dictionary(
        uniqueKeysWithValues: Name.allCases.map { (Array($0.rawValue.utf8), $0) })
    private static let longestName = Name.allCases.map(\.rawValue.utf8.count).max() ?? 0

    /// The members of `bytes`; nil if it is no object. Of members of one name the first counts.
    ///
    /// It stops at `eventType`, which makes everything else beside the point.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var values: [Name: JSONScanner.Value] = [:]
        let isObject = JSONScanner.members(of: bytes) { key, value in
            guard key.count <= EnvelopeKeys.longestName, let name = EnvelopeKeys.names[Array(key)] else {
                return true
            }
            if values[name] == nil { values[name] = value }
            return name != .eventType
        }
        guard isObject else { return nil }
        self.values = values
    }

    subscript(name: Name) -> JSONScanner.Value? { values[name] }

    func has(_ name: Name) -> Bool { values[name] != nil }

    /// A member's text, nil if it is no string.
    func string(_ name: Name) -> String? { values[name]?.string() }

    /// A member that is an object or an array.
    func value(_ name: Name, _ kind: JSONScanner.Kind) -> JSONScanner.Value? {
        values[name].flatMap { $0.kind == kind ? $0 : nil }
    }
}

extension EnvelopeKeys {
    /// Whether they are those of a message as SQS gives it.
    var areOfQueueMessage: Bool {
        has(.body) && has(.receiptHandle) || has(.receivedBody) && has(.receivedReceiptHandle)
    }

    /// Whether they are those of a record that Firehose could not deliver.
    var areOfFailedDelivery: Bool {
        has(.rawData) && (has(.attemptsMade) || has(.errorCode) || has(.lastErrorCode))
    }

    /// Whether they are those of any envelope.
    var areOfEnvelope: Bool {
        if has(.eventType) || has(.notificationType) { return false }
        return has(.type) && has(.message) || has(.detailType) && has(.detail) || has(.records)
            || has(.lambdaRecords) || has(.messages) || areOfQueueMessage || areOfFailedDelivery
    }
}

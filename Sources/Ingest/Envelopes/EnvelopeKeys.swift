import Scanning

/// The members of an object by which an envelope is known.
struct EnvelopeKeys {
    // A list: an envelope has about ten of them, and a dictionary costs more than looking through.
    private let values: [(name: Name, value: JSONScanner.Value)]

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
        case alarmName = "AlarmName"
        case newState = "NewStateValue"
        case trigger = "Trigger"
    }

    /// The names by their length: few have the same, so that most keys of an event cost one comparison or none.
    private static let namesByLength: [[(bytes: [UInt8], name: Name)]] = {
        var table = [[(bytes: [UInt8], name: Name)]](repeating: [], count: 32)
        for name in Name.allCases {
            table[name.rawValue.utf8.count].append((Array(name.rawValue.utf8), name))
        }
        return table
    }()

    private static func name(of key: UnsafeRawBufferPointer) -> Name? {
        guard key.count < namesByLength.count else { return nil }
        return namesByLength[key.count].first { key.elementsEqual($0.bytes) }?.name
    }

    /// The members of `bytes`; nil if it is no object. Of members of one name the first counts.
    ///
    /// It stops at `eventType`, which makes everything else beside the point.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var values: [(name: Name, value: JSONScanner.Value)] = []
        let isObject = JSONScanner.members(of: bytes) { key, value in
            guard let name = EnvelopeKeys.name(of: key) else { return true }
            if !values.contains(where: { $0.name == name }) { values.append((name, value)) }
            return name != .eventType
        }
        guard isObject else { return nil }
        self.values = values
    }

    subscript(name: Name) -> JSONScanner.Value? { values.first { $0.name == name }?.value }

    func has(_ name: Name) -> Bool { self[name] != nil }

    /// A member's text, nil if it is no string.
    func string(_ name: Name) -> String? { self[name]?.string() }

    /// A member that is an object or an array.
    func value(_ name: Name, _ kind: JSONScanner.Kind) -> JSONScanner.Value? {
        self[name].flatMap { $0.kind == kind ? $0 : nil }
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

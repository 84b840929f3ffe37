import Primitives
import Scanning

/// Takes records out of what carried them: SNS, EventBridge, Firehose, Lambda and SQS, also one in the other.
public enum Envelope {
    /// How many envelopes may lie in each other; AWS itself makes three (SNS in SQS in a Lambda event).
    public static let deepest = 4

    /// Looks into bytes that the events' parser did not know as an event.
    ///
    /// Also refused pieces may be asked about: SNS set-up messages are plain text.
    public static func unwrap(_ bytes: UnsafeRawBufferPointer) -> Unwrapped {
        unwrap(bytes, EnvelopeContext(), depth: 0)
    }

    static func unwrap(_ bytes: UnsafeRawBufferPointer, _ context: EnvelopeContext, depth: Int) -> Unwrapped {
        if isSetUpText(bytes) { return .notAnEvent("SNS set-up message") }
        guard let keys = EnvelopeKeys(bytes) else { return .unknown }
        if keys.has(.eventType) { return .unknown }
        if keys.has(.notificationType) {
            let type = keys.string(.notificationType)
            return type == "AmazonSnsSubscriptionSucceeded" ? .notAnEvent("SNS set-up message") : .unknown
        }
        var unpacker = Unpacker(context: context, depth: depth)
        return unpacker.unpack(keys, bytes)
    }

    /// What SNS publishes as plain text when an event destination is set up.
    private static func isSetUpText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let text = "Successfully validated SNS topic for Amazon SES".utf8
        guard let start = bytes.firstIndex(where: { !Ascii.isSpace($0) }) else { return false }
        let isQuoted = bytes[start] == Ascii.quote
        return bytes[(isQuoted ? start + 1 : start)...].starts(with: text)
    }
}

/// Takes one envelope apart and gathers what was in it.
struct Unpacker {
    var context: EnvelopeContext
    let depth: Int
    private var contents: [EnvelopeContent] = []

    init(context: EnvelopeContext, depth: Int) {
        self.context = context
        self.depth = depth
    }

    mutating func unpack(_ keys: EnvelopeKeys, _ bytes: UnsafeRawBufferPointer) -> Unwrapped {
        if let type = keys.string(.type), keys.has(.message) { return sns(type, keys) }
        if keys.has(.detailType), keys.has(.detail) { return eventBridge(keys, bytes) }
        if keys.has(.alarmName), keys.has(.newState), let trigger = keys.value(.trigger, .object),
            SignalReader.isTriggerOfSES(trigger.bytes)
        {
            return .contents([.signal(EnvelopeRecord(bytes: Array(bytes), context: context))])
        }
        if keys.areOfFailedDelivery, let rawData = keys[.rawData] {
            base64(rawData)
            return .contents(contents)
        }
        if let records = keys.value(.records, .array), keys.has(.requestID) || keys.has(.invocationID) {
            each(records) { unpacker, keys in
                guard let data = keys[.data] else { return false }
                unpacker.base64(data)
                return true
            }
            return .contents(contents)
        }
        if let records = keys.value(.lambdaRecords, .array) { return lambda(records) }
        if let messages = keys.value(.messages, .array) { return lambda(messages) }
        if keys.areOfQueueMessage {
            _ = queueMessage(keys)
            return .contents(contents)
        }
        return .unknown
    }

    // MARK: Kinds of envelopes

    private mutating func sns(_ type: String, _ keys: EnvelopeKeys) -> Unwrapped {
        switch type {
        case "SubscriptionConfirmation", "UnsubscribeConfirmation":
            return .notAnEvent("SNS subscription confirmation")
        case "Notification":
            snsNotification(keys)
            return single()
        default: return .unknown
        }
    }

    private mutating func snsNotification(_ keys: EnvelopeKeys) {
        if let topic = keys.string(.topicARN) {
            context.topicARN = topic
            // arn:aws:sns:region:account:name
            let parts = topic.utf8.split(separator: Ascii.colon, omittingEmptySubsequences: false)
            if parts.count == 6, parts[2].elementsEqual("sns".utf8) {
                if context.region == nil { context.region = String(parts[3]) }
                if context.account == nil { context.account = String(parts[4]) }
            }
        }
        context.deliveryID = keys.string(.messageID) ?? context.deliveryID
        context.deliveredAt =
            keys.string(.snsTimestamp).flatMap { Timestamp(parsing: $0) } ?? context.deliveredAt
        text(keys[.message], "the SNS message")
    }

    private mutating func eventBridge(_ keys: EnvelopeKeys, _ bytes: UnsafeRawBufferPointer) -> Unwrapped {
        guard let detailType = keys.string(.detailType), let detail = keys.value(.detail, .object) else {
            return .unknown
        }
        let eventType = Unpacker.eventTypes[detailType]
        let source = keys.string(.source)
        if eventType == nil,
            source == "aws.ses" && !Unpacker.isMessageEvent(detail.bytes)
                || source == "aws.cloudwatch" && SignalReader.isAlarmOfSES(detail.bytes)
        {
            return .contents([.signal(EnvelopeRecord(bytes: Array(bytes), context: context))])
        }
        context.account = keys.string(.account) ?? context.account
        context.region = keys.string(.region) ?? context.region
        context.eventTypeHint = eventType
        context.deliveryID = keys.string(.id) ?? context.deliveryID
        context.deliveredAt = keys.string(.time).flatMap { Timestamp(parsing: $0) } ?? context.deliveredAt
        if let eventType, !Unpacker.isMessageEvent(detail.bytes) {
            add(record: Unpacker.insert(eventType, into: detail.bytes))
        } else {
            inner(detail.bytes)
        }
        return single()
    }

    private mutating func lambda(_ records: JSONScanner.Value) -> Unwrapped {
        var isKnown = true
        each(records) { unpacker, keys in
            if let sns = keys.value(.sns, .object), let inside = EnvelopeKeys(sns.bytes) {
                unpacker.snsNotification(inside)
            } else if let kinesis = keys.value(.kinesis, .object), let inside = EnvelopeKeys(kinesis.bytes),
                let data = inside[.data]
            {
                unpacker.base64(data)
            } else if !unpacker.queueMessage(keys) {
                isKnown = false
            }
            return true
        }
        return isKnown ? .contents(contents) : .unknown
    }

    private mutating func queueMessage(_ keys: EnvelopeKeys) -> Bool {
        guard let body = keys[.body] ?? keys[.receivedBody] else { return false }
        text(body, "the SQS message")
        return true
    }

    // MARK: What lies inside

    /// Shows each element to `take`, with the context as it was before the first; one it can't take is refused.
    private mutating func each(
        _ list: JSONScanner.Value, _ take: (inout Unpacker, EnvelopeKeys) -> Bool
    ) {
        let outer = context
        let isArray = JSONScanner.elements(of: list.bytes) { element in
            context = outer
            if let keys = EnvelopeKeys(element.bytes), take(&self, keys) { return true }
            contents.append(.refused(Array(element.bytes), reason: "a record of the batch has no data"))
            return true
        }
        if !isArray { contents.append(.refused(Array(list.bytes), reason: "the list of records is broken")) }
    }

    private mutating func base64(_ value: JSONScanner.Value) {
        guard let text = value.text(), let decoded = text.withUnsafeBytes({ Base64.decode($0) }) else {
            contents.append(.refused(Array(value.bytes), reason: "data is not valid Base64"))
            return
        }
        decoded.withUnsafeBytes { pieces($0) }
    }

    private mutating func text(_ value: JSONScanner.Value?, _ name: String) {
        guard let value, let decoded = value.text() else {
            let bytes = value.map { Array($0.bytes) } ?? []
            contents.append(.refused(bytes, reason: "\(name) is not a valid JSON string"))
            return
        }
        decoded.withUnsafeBytes { pieces($0) }
    }

    /// The records of decoded bytes; several stand in one where a producer joined them.
    private mutating func pieces(_ bytes: UnsafeRawBufferPointer) {
        let split = RecordSplitter.splitAll(bytes)
        var refusals = split.refusals[...]
        for record in split.records {
            while let first = refusals.first, first.streamOffset < record.streamOffset {
                refuse(first)
                refusals.removeFirst()
            }
            inner(UnsafeRawBufferPointer(rebasing: bytes[record.range]))
        }
        for refusal in refusals { refuse(refusal) }
        if split.isEmpty { contents.append(.refused(Array(bytes), reason: "the envelope is empty")) }
    }

    private mutating func refuse(_ refusal: Refusal) {
        if case .notAnEvent(let what) = refusal.bytes.withUnsafeBytes({ Envelope.unwrap($0) }) {
            contents.append(.notAnEvent(what))
        } else {
            contents.append(.refused(refusal.bytes, reason: refusal.reason.message))
        }
    }

    private mutating func inner(_ bytes: UnsafeRawBufferPointer) {
        if depth + 1 == Envelope.deepest, EnvelopeKeys(bytes)?.areOfEnvelope == true {
            let reason = "more than \(Envelope.deepest) envelopes lie in each other"
            contents.append(.refused(Array(bytes), reason: reason))
            return
        }
        switch Envelope.unwrap(bytes, context, depth: depth + 1) {
        case .contents(let found): contents += found
        case .notAnEvent(let what): contents.append(.notAnEvent(what))
        case .unknown: add(record: Array(bytes))
        }
    }

    private mutating func add(record bytes: [UInt8]) {
        contents.append(.record(EnvelopeRecord(bytes: bytes, context: context)))
    }

    /// An envelope of one thing is that thing if it is no event.
    private func single() -> Unwrapped {
        if contents.count == 1, case .notAnEvent(let what) = contents[0] { return .notAnEvent(what) }
        return .contents(contents)
    }
}

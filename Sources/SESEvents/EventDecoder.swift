import Primitives

/// Turns the bytes of one SES record into an ``EventRecord``: one parse, one walk over its tape.
///
/// Tolerant where real data is odd: a number in place of a text, `"{}"` in place of an empty object, a single text in
/// place of a list, an unknown field (kept in `extra`). Strict where a wrong guess would corrupt: the message id, the
/// type and the two times.
public final class EventDecoder {
    /// What a record turned out to be.
    public enum Outcome: Equatable, Sendable {
        /// An event; it stands in the record.
        case event
        /// No event, and no error: a set-up message of SES, named.
        case notAnEvent(String)
        /// JSON without an event type: perhaps an envelope around one.
        case noEventType
    }

    /// What the way in knew of a record.
    public struct Context: Sendable {
        /// When it was received.
        public var receivedAt: Timestamp
        /// The source that brought it.
        public var sourceName: String
        /// The file, object or request it came in.
        public var origin: String
        /// The account, if an envelope named it.
        public var accountID: String?
        /// The region, if an envelope named it.
        public var region: String?
        /// The event type, if only the envelope names it.
        public var eventType: String?
        /// The stream that it was put into, if it was.
        public var stream: String?

        /// A context.
        public init(
            receivedAt: Timestamp, sourceName: String, origin: String, accountID: String? = nil,
            region: String? = nil, eventType: String? = nil, stream: String? = nil
        ) {
            self.receivedAt = receivedAt
            self.sourceName = sourceName
            self.origin = origin
            self.accountID = accountID
            self.region = region
            self.eventType = eventType
            self.stream = stream
        }
    }

    /// The event decoded last.
    public let record = EventRecord()

    private let parser = JSONParser()
    private let clients = ClientCache()
    var extra: [(path: String, value: JSONValue)] = []
    var canonical = CanonicalJSONWriter()
    private var identity = EventIdentity()
    private var eventTime: Int64?

    /// A decoder; it keeps buffers, so make one for a stream of events. Not for several threads at once.
    public init() {}

    /// Decodes one record; 64 readable bytes must follow it.
    ///
    /// - Throws: ``EventDecodingError`` naming the field that is wrong.
    public func decode(_ bytes: UnsafeRawBufferPointer, context: Context) throws(EventDecodingError)
        -> Outcome
    {
        record.reset()
        extra.removeAll(keepingCapacity: true)
        eventTime = nil
        let document = try parser.parse(bytes)
        guard document.isObject else { throw .notJSON("it is not an object") }
        guard let type = try walk(document, typeFromEnvelope: context.eventType) else { return .noEventType }
        if type.equals("AmazonSnsSubscriptionSucceeded") {
            return .notAnEvent("confirmation that an SNS topic receives an identity's notifications")
        }
        record.set(.eventType, type)
        try setTimes(document)
        setMessageColumns(context)
        setRecipients(type)
        setEngagement(type)
        setExtra(type)
        let (number, digits) = identity.digest(of: record)
        record.identity = number
        record.set(.eventID, digits)
        return .event
    }

    // MARK: Steps

    private func walk(
        _ document: JSONValue, typeFromEnvelope: String?
    ) throws(EventDecodingError) -> TextSlice? {
        var eventType: TextSlice?
        var notificationType: TextSlice?
        try document.forEachMember { (key: TextSlice, value: JSONValue) throws(EventDecodingError) in
            if key.equals("eventType") {
                eventType = value.text
            } else if key.equals("notificationType") {
                notificationType = value.text
            } else if key.equals("mail") {
                try self.read(value, EventField.mail, path: "mail")
            } else {
                try self.readObject(key, value)
            }
        }
        let isNotification = eventType == nil && notificationType != nil
        record.set(.isNotification, isNotification)
        if let type = eventType ?? notificationType { return type }
        guard let typeFromEnvelope else { return nil }
        return record.copyToArena(typeFromEnvelope.utf8)
    }

    private func readObject(_ key: TextSlice, _ value: JSONValue) throws(EventDecodingError) {
        for object in EventField.objects where key.equals(object.key) {
            if value.isObject { return try read(value, object.fields, path: object.key) }
            // Real data carries the text "{}" for an empty object.
            if value.isNull || value.text?.equals("{}") == true { return }
        }
        extra.append((key.string, value))
    }

    private func read(
        _ object: JSONValue, _ fields: [EventField], path: StaticString
    ) throws(EventDecodingError) {
        try object.forEachMember { (key: TextSlice, value: JSONValue) throws(EventDecodingError) in
            guard !value.isNull else { return }
            for field in fields where key.equals(field.key) {
                if try self.store(value, field.target, path, key) { return }
                break
            }
            self.extra.append(("\(path).\(key.string)", value))
        }
    }

    /// Stores a value where its field goes; false if it does not fit there and belongs into `extra`.
    private func store(
        _ value: JSONValue, _ target: EventField.Target, _ path: StaticString, _ key: TextSlice
    ) throws(EventDecodingError) -> Bool {
        switch target {
        case .text(let column):
            guard let text = scalarText(value) else { return false }
            record.set(column, text)
        case .time(.sentAt): record.set(.sentAt, try time(value, path, key))
        case .time(let column):
            guard let time = try? time(value, path, key) else { return false }
            record.set(column, time)
        case .eventTime: eventTime = try time(value, path, key)
        case .integer(let column):
            guard let number = value.integer ?? value.text.flatMap({ Int64($0.string) }) else { return false }
            record.set(column, number)
        case .flag(let column):
            guard let flag = value.bool ?? value.text.flatMap({ Bool($0.string) }) else { return false }
            record.set(column, flag)
        case .texts(let column): return setTexts(value, column)
        case .map(let column): return setMap(value, column)
        case .structures(let column, let fields):
            return setStructures(value, column, fields, path, key)
        case .addresses(let column): return setAddresses(value, column, path, key)
        case .json(let column): record.set(column, copying: canonicalText(value))
        case .commonHeaders:
            guard value.isObject else { return false }
            try read(value, EventField.commonHeaders, path: "mail.commonHeaders")
        case .subtype: return setBounceSubtype(value)
        }
        return true
    }

    private func time(
        _ value: JSONValue, _ path: StaticString, _ key: TextSlice
    ) throws(EventDecodingError) -> Int64 {
        if let text = value.text, let time = Timestamp(parsing: UnsafeRawBufferPointer(text.bytes)) {
            return time.microseconds
        }
        throw .wrongValue(
            field: "\(path).\(key.string)", value: String(canonicalString(value).prefix(80)), expected: "time"
        )
    }

    private func setTimes(_ document: JSONValue) throws(EventDecodingError) {
        guard let mail = document.member("mail"), mail.isObject else { throw .missing("mail") }
        guard let id = record.text(.messageID), id.count > 0 else { throw .missing("mail.messageId") }
        if eventTime == nil { eventTime = try timeOfUnknownObject() }
        guard let sentAt = record.integer(.sentAt) else { throw .missing("mail.timestamp") }
        record.set(.eventAt, eventTime ?? sentAt)
    }

    /// An event type that SES adds later brings an object with a time of its own.
    private func timeOfUnknownObject() throws(EventDecodingError) -> Int64? {
        for (path, value) in extra where !path.contains(".") {
            guard let text = value.member("timestamp")?.text else { continue }
            if let time = Timestamp(parsing: UnsafeRawBufferPointer(text.bytes)) { return time.microseconds }
        }
        return nil
    }

    private func setExtra(_ type: TextSlice) {
        guard !extra.isEmpty else { return }
        extra.sort { $0.path < $1.path }
        canonical.removeAll()
        canonical.append("{")
        for (position, entry) in extra.enumerated() {
            if position > 0 { canonical.append(",") }
            canonical.append(quoted: record.copyToArena(entry.path.utf8))
            canonical.append(":")
            canonical.append(entry.value)
        }
        canonical.append("}")
        record.set(.extra, copying: canonical.bytes)
    }

    private func setEngagement(_ type: TextSlice) {
        let isClick = type.equals("Click")
        guard isClick || type.equals("Open") else { return }
        let client = clients.client(of: record.text(.userAgent))
        let sentToEvent = (record.integer(.eventAt) ?? 0) - (record.integer(.sentAt) ?? 0)
        let verdict = MachineRule.classify(
            client, isClick: isClick, microsecondsSinceSend: record.isNull(.sentAt) ? nil : sentToEvent)
        record.set(.isMachine, verdict.isMachine)
        if let rule = verdict.rule { record.set(.machineRule, copying: rule.utf8) }
        if let kind = client.kind { record.set(.clientKind, copying: kind.rawValue.utf8) }
        if let name = client.name { record.set(.clientName, copying: name.utf8) }
        if let system = client.operatingSystem { record.set(.clientOS, copying: system.utf8) }
    }
}

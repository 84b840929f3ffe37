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

        /// A context.
        public init(
            receivedAt: Timestamp, sourceName: String, origin: String, accountID: String? = nil,
            region: String? = nil, eventType: String? = nil
        ) {
            self.receivedAt = receivedAt
            self.sourceName = sourceName
            self.origin = origin
            self.accountID = accountID
            self.region = region
            self.eventType = eventType
        }
    }

    /// The event decoded last.
    public let record = EventRecord()

    private let parser = JSONParser()
    private let clients = ClientCache()
    private var extra: [(path: String, value: JSONValue)] = []
    private var canonical = CanonicalJSONWriter()
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

// MARK: - Values

extension EventDecoder {
    /// A text, or the digits of a number that stands where a text belongs.
    private func scalarText(_ value: JSONValue) -> TextSlice? {
        if let text = value.text { return text }
        switch value.kind {
        case .integer, .unsigned, .double, .bool: return record.copyToArena(canonicalText(value))
        default: return nil
        }
    }

    private func canonicalText(_ value: JSONValue) -> [UInt8] {
        canonical.removeAll()
        canonical.append(value)
        return canonical.bytes
    }

    private func canonicalString(_ value: JSONValue) -> String {
        String(decoding: canonicalText(value), as: UTF8.self)
    }

    private func setTexts(_ value: JSONValue, _ column: EventColumn) -> Bool {
        if let single = scalarText(value) {
            let run = record.appendItems(count: 1)
            record.setItem(run.start, single)
            record.set(column, run)
            return true
        }
        guard value.kind == .array else { return false }
        record.set(column, appendTexts(value))
        return true
    }

    private func appendTexts(_ array: JSONValue) -> EventRecord.Run {
        let start = record.items.count
        array.forEachElement { element in
            guard !element.isNull else { return }
            record.append(item: scalarText(element) ?? record.copyToArena(canonicalText(element)))
        }
        return EventRecord.Run(start: start, count: record.items.count - start)
    }

    private func setMap(_ value: JSONValue, _ column: EventColumn) -> Bool {
        guard value.isObject else { return false }
        let start = record.entries.count
        value.forEachMember { key, values in
            let run: EventRecord.Run
            if values.kind == .array {
                run = appendTexts(values)
            } else {
                run = EventRecord.Run(start: record.items.count, count: values.isNull ? 0 : 1)
                if !values.isNull {
                    record.append(item: scalarText(values) ?? record.copyToArena(canonicalText(values)))
                }
            }
            record.insert(EventRecord.Entry(key: key, values: run), behind: start)
        }
        record.set(column, EventRecord.Run(start: start, count: record.entries.count - start))
        return true
    }

    private func setStructures(
        _ value: JSONValue, _ column: EventColumn, _ fields: [StaticString], _ path: StaticString,
        _ key: TextSlice
    ) -> Bool {
        guard value.kind == .array else { return false }
        let start = record.items.count
        var count = 0
        value.forEachElement { element in
            let run = record.appendItems(count: fields.count)
            count += 1
            element.forEachMember { name, member in
                for position in 0..<fields.count where name.equals(fields[position]) {
                    record.setItem(run.start + position, scalarText(member))
                    return
                }
                extra.append(("\(path).\(key.string)[\(count - 1)].\(name.string)", member))
            }
        }
        record.set(column, EventRecord.Run(start: start, count: count))
        return true
    }

    private func setAddresses(
        _ value: JSONValue, _ column: EventColumn, _ path: StaticString, _ key: TextSlice
    ) -> Bool {
        guard value.kind == .array else { return false }
        let start = record.items.count
        var index = 0
        value.forEachElement { element in
            if let text = element.text { record.append(item: text) }
            element.forEachMember { name, member in
                if name.equals("emailAddress"), let text = scalarText(member) {
                    record.append(item: text)
                } else if !member.isNull {
                    extra.append(("\(path).\(key.string)[\(index)].\(name.string)", member))
                }
            }
            index += 1
        }
        record.set(column, EventRecord.Run(start: start, count: record.items.count - start))
        return true
    }

    private func setBounceSubtype(_ value: JSONValue) -> Bool {
        guard let text = scalarText(value) else { return false }
        let said = text.string
        let known = BounceSubtype.canonical(said)
        guard known != said else {
            record.set(.bounceSubtype, text)
            return true
        }
        record.set(.bounceSubtype, copying: known.utf8)
        extra.append(("bounce.bounceSubType", value))
        return true
    }
}

// MARK: - Derived columns

extension EventDecoder {
    private func setMessageColumns(_ context: Context) {
        record.set(.receivedAt, context.receivedAt.microseconds)
        record.set(.sourceName, copying: context.sourceName.utf8)
        record.set(.origin, copying: context.origin.utf8)
        if record.isNull(.accountID), let account = context.accountID {
            record.set(.accountID, copying: account.utf8)
        }
        if let run = record.run(.tags) {
            for entry in record.entries[run.start..<run.start + run.count] where entry.values.count > 0 {
                guard let value = record.items[entry.values.start] else { continue }
                if entry.key.equals("ses:configuration-set") { record.set(.configurationSet, value) }
                if entry.key.equals("ses:source-ip"), record.isNull(.sourceIP) {
                    record.set(.sourceIP, value)
                }
                if entry.key.equals("ses:caller-identity"), record.isNull(.callerIdentity) {
                    record.set(.callerIdentity, value)
                }
            }
        }
        if let region = record.text(.sourceARN).flatMap(Self.region) {
            record.set(.region, region)
        } else if let region = context.region {
            record.set(.region, copying: region.utf8)
        }
        if let sender = record.text(.sender), let domain = Address(sender).domain {
            record.set(.fromDomain, record.copyToArena(lowercasing: domain))
        }
    }

    /// The fourth part of `arn:aws:ses:eu-west-1:123456789012:identity/example.com`.
    private static func region(_ arn: TextSlice) -> TextSlice? {
        var colons = 0
        var start = 0
        for (index, byte) in arn.bytes.enumerated() where byte == UInt8(ascii: ":") {
            colons += 1
            if colons == 3 { start = index + 1 }
            if colons == 4 {
                return index > start ? TextSlice(base: arn.base + start, count: index - start) : nil
            }
        }
        return nil
    }

    /// Sets the recipients the event is about.
    ///
    /// Deliveries, bounces, complaints and delays name them. Sends, rejects and rendering failures are about the whole
    /// message. Opens and clicks name none: with one recipient it is known whose, with several it is not.
    private func setRecipients(_ type: TextSlice) {
        if let run = structureRun(.bouncedRecipients, stride: 4)
            ?? structureRun(.delayedRecipients, stride: 3)
        {
            setRecipients(from: run)
        } else if let run = record.run(.complainedRecipients) ?? record.run(.recipients) {
            setRecipients(from: (run.start, run.count, 1))
        } else if let run = record.run(.destination) {
            let isShared = run.count > 1 && (type.equals("Open") || type.equals("Click"))
            if type.equals("Open") || type.equals("Click") { record.set(.recipientAmbiguous, run.count > 1) }
            setRecipients(from: (run.start, isShared ? 0 : run.count, 1))
        }
        if let first = record.run(.bouncedRecipients), first.count > 0 {
            if let status = record.items[first.start + 2] { record.set(.bounceStatus, status) }
            if let reply = record.items[first.start + 3] { record.set(.bounceDiagnostic, reply) }
        }
    }

    private func structureRun(_ column: EventColumn, stride: Int) -> (start: Int, count: Int, stride: Int)? {
        guard let run = record.run(column), run.count > 0 else { return nil }
        return (run.start, run.count, stride)
    }

    private func setRecipients(from source: (start: Int, count: Int, stride: Int)) {
        let start = record.items.count
        for index in 0..<source.count {
            guard let text = record.items[source.start + index * source.stride] else { continue }
            record.append(item: Address(text).normalized(in: record))
        }
        let run = EventRecord.Run(start: start, count: record.items.count - start)
        record.set(.recipients, run)
        guard run.count == 1, let recipient = record.items[run.start] else { return }
        record.set(.recipient, recipient)
        guard let domain = Address(recipient).domain else { return }
        record.set(
            .recipientDomain, TextSlice(base: domain.baseAddress ?? recipient.base, count: domain.count))
    }
}

import Primitives
import SESEvents

/// Looks up what happened to one message.
public struct MessageLookup: Sendable {
    /// SES's message id.
    public let id: String

    /// A look-up by a whole id, also as the Message-ID header that SES makes of it.
    ///
    /// - Throws: ``AnalyticsError`` for a text that is no id.
    public init(_ text: String) throws(AnalyticsError) {
        var id = try Lookup.checked(text, named: "the message id")
        if id.hasPrefix("<"), id.hasSuffix(">") { id = String(id.dropFirst().dropLast()) }
        if id.hasSuffix("amazonses.com"), let at = id.firstIndex(of: "@") { id = String(id[..<at]) }
        self.id = id
    }

    /// The most events that are given of one message.
    public static let mostEvents = 1_000

    /// Its events in their order: what names and judges each, and all else as JSON in `row`.
    ///
    /// - Parameter spans: when they were, where that is known; no day without events of it is opened then.
    public func events(within spans: [ClosedRange<Timestamp>]? = nil) -> Lookup {
        var read = self.read("events", time: "event_at", days: 61)
        if let spans { (read.timeColumn, read.spans) = ("event_at", spans) }
        return Lookup(
            """
            SELECT event_id, event_at, event_type, is_machine, machine_rule, \(EventMeaning.sql) AS means,
                CAST(to_json({
                    'event_id': event_id, 'event_at': \(Lookup.iso("event_at")), 'event_type': event_type, 'recipients': recipients,
                    'says': \(EventWording.says), 'diagnostic_class': \(DiagnosticClasses.ofEvents(DiagnosticClasses.sql)), 'bounce_type': bounce_type,
                    'bounce_subtype': bounce_subtype, 'link': link, 'user_agent': user_agent, 'client_name': client_name,
                    'client_os': client_os, 'ip_address': ip_address, 'sender': sender, 'subject': subject,
                    'configuration_set': configuration_set, 'sent_at': \(Lookup.iso("sent_at")), 'tags': tags,
                    'json': CAST(json_merge_patch('{}', to_json(e)) AS VARCHAR)
                }) AS VARCHAR) AS row
            FROM events AS e WHERE message_id = \(SQL.value(id))
            ORDER BY event_at, \(EventWording.place), event_id LIMIT \(Self.mostEvents)
            """, reads: [read])
    }

    /// The most recipients that are given; SES takes 50.
    public static let mostRecipients = 1_000

    /// How far it came with each recipient, as JSON in `row`, and in `spans` when its events were: a list of beginnings and ends in
    /// microseconds, as JSON.
    public var recipients: Lookup {
        Lookup(
            """
            SELECT CAST(to_json({
                    'recipient': recipient, 'state': furthest_state, 'reason': \(EventWording.bounceReason),
                    'smtp_response': delivery_smtp_response, 'first_event_at': \(Lookup.iso("first_event_at")),
                    'last_event_at': \(Lookup.iso("last_event_at"))
                }) AS VARCHAR) AS row,
                CAST(to_json(\(Self.spans)) AS VARCHAR) AS spans
            FROM messages WHERE message_id = \(SQL.value(id)) ORDER BY recipient NULLS LAST LIMIT \(Self.mostRecipients)
            """, reads: [read("messages", time: "sent_at", days: 1)])
    }

    /// SQL over `messages` of the spans of time in which all events of a row lie. The first and last of each type are known: of two there is
    /// nothing between.
    private static var spans: String {
        let types = MessageStages.all.map(\.prefix)
        let known = types.map { type in
            let (first, last) = ("epoch_us(\(type)_first_at)", "epoch_us(\(type)_last_at)")
            return
                "CASE WHEN \(type)_count > 2 THEN [[\(first), \(last)]] WHEN \(type)_count > 0 THEN [[\(first), \(first)], [\(last), \(last)]] ELSE [] END"
        }
        // Of types that SES may add the row knows the number alone.
        let counts = types.map { "\($0)_count" }.joined(separator: " + ")
        return """
            CASE WHEN event_count > \(counts) THEN [[epoch_us(first_event_at), epoch_us(last_event_at)]]
                ELSE flatten([\(known.joined(separator: ", "))]) END
            """
    }

    /// What the neighbours of its opens and clicks say of machines.
    ///
    /// - Parameter times: those of its opens and clicks; what is around them is heard.
    public func verdict(around times: [Timestamp]) -> Lookup {
        let spans = Self.spans(times, reach: EngagementVerdict.reach)
        let near = spans.map { span in
            "event_at BETWEEN \(SQL.instant(span.lowerBound)) AND \(SQL.instant(span.upperBound))"
        }
        let condition = "(\((near.isEmpty ? ["false"] : near).joined(separator: " OR ")))"
        return Lookup(
            """
            WITH \(EngagementVerdict.tables(where: condition, isMaterialized: true))
            SELECT event_id, is_machine, machine_rule, \(EventMeaning.sql) AS means
            FROM (\(EngagementVerdict.select(where: "\(condition) AND message_id = \(SQL.value(id))")))
            """, reads: [TableRead(table: "events", timeColumn: "event_at", spans: spans)])
    }

    /// Spans around instants; what overlaps is one.
    private static func spans(_ times: [Timestamp], reach: Int64) -> [ClosedRange<Timestamp>] {
        var spans: [ClosedRange<Timestamp>] = []
        for time in times.sorted() {
            let span = time.moved(by: -reach)...time.moved(by: reach)
            if let last = spans.last, last.overlaps(span) {
                spans[spans.count - 1] = last.lowerBound...span.upperBound
            } else {
                spans.append(span)
            }
        }
        return spans
    }

    /// An id of SES tells when the message was sent; events follow within 60 days. Renamed test data has other ids.
    private func read(_ table: String, time: String, days: Int64) -> TableRead {
        var read = TableRead(table: table, messageID: id)
        if let sent = MessageIdentifier.sentAt(id) {
            read.timeColumn = time
            read.from = sent.moved(by: -86_400_000_000)
            read.through = sent.moved(by: days * 86_400_000_000)
        }
        return read
    }
}

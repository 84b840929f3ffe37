import DuckDB
import Foundation
import Primitives
import SESEvents

/// One event of a message, as a person reads it.
public struct JourneyEvent: Sendable, Equatable {
    /// When it happened.
    public var at: Timestamp
    /// The event as SES names it.
    public var type: String
    /// Whom it is about; empty where SES does not say.
    public var recipients: [String]
    /// What it says: the server's reply, the bounce's type and diagnostic, the link and the client.
    public var says: String?
    /// Whether a machine made the open or click; nil for other events.
    public var isMachine: Bool?
}

/// All that happened to one message.
public struct MessageJourney: Sendable, Equatable {
    /// SES's message id.
    public var messageID: String
    /// When the send request was made.
    public var sentAt: Timestamp
    /// The envelope's MAIL FROM.
    public var sender: String?
    /// The subject, where an event has it.
    public var subject: String?
    /// The configuration set.
    public var configurationSet: String?
    /// The furthest state of each recipient.
    public var states: [RecipientState]
    /// The events in their order.
    public var events: [JourneyEvent]

    /// How far the message came with one recipient.
    public struct RecipientState: Sendable, Equatable {
        /// The recipient; nil for opens and clicks that SES attributes to nobody.
        public var recipient: String?
        /// The furthest state.
        public var state: String
    }
}

/// What a message id tells about where its events are.
struct MessageIDHint {
    /// The id, or its beginning.
    let text: String

    /// Takes the id as people have it at hand: also as the Message-ID header that SES makes of it.
    init(_ input: String) {
        var text = input.trimmingCharacters(in: .whitespacesAndNewlines.union(.init(charactersIn: "<>")))
        if let at = text.firstIndex(of: "@"), text.hasSuffix("amazonses.com") { text = String(text[..<at]) }
        self.text = text
    }

    /// The send time in an id of SES; nil where the id has another form.
    var sentAt: Timestamp? { MessageIdentifier.sentAt(text) }

    /// Conditions that every event of the message fulfils; `byTime` trusts the send time in the id.
    func ranges(byTime: Bool) -> [ColumnRange] {
        // The greatest scalar ends the range of texts that begin with the id.
        var ranges = [ColumnRange("message_id", from: .string(text), through: .string(text + "\u{10FFFF}"))]
        if byTime, let sentAt {
            let hour: Int64 = 3_600_000_000
            ranges.append(
                ColumnRange(
                    "event_at", from: .timestamp(Timestamp(microseconds: sentAt.microseconds - hour)),
                    through: .timestamp(Timestamp(microseconds: sentAt.microseconds + 61 * 24 * hour))))
        }
        return ranges
    }
}

extension EventLake {
    /// The journey of the message with this id, or with the one id that begins so (8 characters or more).
    ///
    /// - Returns: nil if the lake has no such message.
    /// - Throws: ``Failure`` of kind usage where several messages begin so.
    public func journey(of input: String) async throws -> MessageJourney? {
        let hint = MessageIDHint(input)
        guard !hint.text.isEmpty else { return nil }
        // An id whose time misleads (renamed test data) is looked for everywhere before it is called missing.
        for byTime in hint.sentAt == nil ? [false] : [true, false] {
            let relation = try await eventsRelation(pruned: hint.ranges(byTime: byTime))
            if let id = try await messageID(hint.text, in: relation) {
                return try await journey(id, in: relation)
            }
        }
        return nil
    }

    private func messageID(_ text: String, in relation: String) async throws -> String? {
        let comparison = text.count < 8 ? "message_id = ?" : "starts_with(message_id, ?)"
        let ids = try await connection.rows(
            "SELECT DISTINCT message_id FROM \(relation) WHERE \(comparison) ORDER BY 1 LIMIT 6",
            [.text(text)]
        ).compactMap { $0.first?.text }
        // In their order an id comes before those that go on after it.
        if ids.count <= 1 || ids.first == text { return ids.first }
        throw Failure(
            .usage,
            "\(ids.count > 5 ? "more than 5" : "\(ids.count)") messages begin with '\(text)': "
                + ids.prefix(5).joined(separator: ", ") + "; give more of the id")
    }

    private func journey(_ id: String, in relation: String) async throws -> MessageJourney {
        let rows = try await connection.rows(
            """
            SELECT event_at, event_type, recipients, \(EventWording.saysWithMachine), is_machine,
                sent_at, sender, subject, configuration_set
            FROM \(relation) WHERE message_id = ?
            ORDER BY event_at, \(EventWording.place), event_id
            """, [.text(id)])
        let states = try await connection.rows(
            MessagesModel.merge(
                partials: MessagesModel.aggregate(
                    events: "(SELECT * FROM \(relation) WHERE message_id = $1)")) + " ORDER BY recipient",
            [.text(id)])
        let columns = MessagesModel.declarations.map(\.name)
        let (recipient, state) = (columns.firstIndex(of: "recipient"), columns.count - 1)
        func first(_ column: Int) -> String? { rows.lazy.compactMap { $0[column].text }.first }
        return MessageJourney(
            messageID: id, sentAt: rows.compactMap { $0[5].timestamp }.min() ?? Timestamp(microseconds: 0),
            sender: first(6), subject: first(7), configurationSet: first(8),
            states: states.map { row in
                MessageJourney.RecipientState(
                    recipient: recipient.flatMap { row[$0].text }, state: row[state].text ?? "")
            },
            events: rows.compactMap { row in
                guard let at = row[0].timestamp, let type = row[1].text else { return nil }
                var recipients: [String] = []
                if case .list(let values) = row[2] { recipients = values.compactMap(\.text) }
                var isMachine: Bool?
                if case .boolean(let flag) = row[4] { isMachine = flag }
                let says = row[3].text.flatMap { $0.isEmpty ? nil : $0 }
                return JourneyEvent(
                    at: at, type: type, recipients: recipients, says: says, isMachine: isMachine)
            })
    }
}

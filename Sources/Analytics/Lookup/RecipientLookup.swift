import Foundation
import Primitives
import SESEvents

/// Looks up what became of the messages to one recipient.
public struct RecipientLookup: Sendable {
    /// The address, in lower case.
    public let address: String

    /// A look-up by a whole address, in any case of letters.
    ///
    /// - Throws: ``AnalyticsError`` for a text that cannot be one.
    public init(_ text: String) throws(AnalyticsError) {
        address = try Lookup.checked(
            text.trimmingCharacters(in: .whitespacesAndNewlines).lowercased(), named: "the address")
    }

    private var isHers: String { "recipient = \(SQL.value(address))" }
    private var reads: [TableRead] { [TableRead(table: "messages")] }

    /// Counts over all her messages, one row.
    public var totals: Lookup {
        Lookup(
            """
            SELECT count(*) AS messages, count(*) FILTER (delivery_count > 0) AS delivered,
                count(*) FILTER (open_count > machine_open_count) AS opened, count(*) FILTER (click_count > machine_click_count) AS clicked,
                count(*) FILTER (bounce_count > 0) AS bounced, count(*) FILTER (complaint_count > 0) AS complained,
                count(*) FILTER (subscription_count > 0) AS unsubscribed,
                min(sent_at) AS first_sent_at, max(sent_at) AS last_sent_at, max(delivery_last_at) AS last_delivered_at,
                max(last_event_at) AS last_event_at,
                max(bounce_last_at) FILTER (\(Self.isSuppressed)) AS suppressed_at,
                arg_max(bounce_subtype, bounce_last_at) FILTER (\(Self.isSuppressed)) AS suppression
            FROM messages WHERE \(isHers)
            """, reads: reads)
    }

    /// Her messages, newest first.
    ///
    /// - Parameter cursor: behind which the page begins, from `cursor` of a row.
    /// - Throws: ``AnalyticsError`` for a cursor that is none.
    public func messages(limit: Int, after cursor: String? = nil) throws(AnalyticsError) -> Lookup {
        var condition = isHers
        if let cursor {
            let parts = cursor.split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2, let time = Int64(parts[0]), !parts[1].utf8.contains(0),
                parts[1].utf8.count <= Lookup.longestText
            else { throw AnalyticsError.badCursor }
            condition +=
                " AND (epoch_us(sent_at) < \(time) OR epoch_us(sent_at) = \(time) AND message_id > \(SQL.value(parts[1])))"
        }
        return Lookup(
            """
            SELECT \(MessageRow.columns), epoch_us(sent_at) || '.' || message_id AS cursor
            FROM messages WHERE \(condition) ORDER BY sent_at DESC, message_id LIMIT \(limit)
            """, reads: reads)
    }

    /// Addresses that hold this one or differ from it by little, nearest first.
    public var similar: Lookup {
        let wanted = SQL.value(address)
        // One slip in five characters is a typing error; more is another person.
        return Lookup(
            """
            SELECT recipient FROM (SELECT DISTINCT recipient FROM messages WHERE recipient IS NOT NULL)
            WHERE contains(recipient, \(wanted)) OR damerau_levenshtein(recipient, \(wanted)) <= greatest(1, length(\(wanted)) // 5)
            ORDER BY damerau_levenshtein(recipient, \(wanted)), recipient LIMIT 5
            """, reads: reads)
    }

    private static let isSuppressed =
        "bounce_subtype LIKE 'On%Suppress%' OR bounce_subtype IN ('Suppressed', 'EmailValidationSuppressed')"
}

/// A row of `messages` as look-ups give it.
enum MessageRow {
    static let columns = """
        message_id, recipient, sent_at, subject, sender, configuration_set, furthest_state AS state, last_event_at,
        \(EventWording.bounceReason) AS reason, delivery_smtp_response AS smtp_response,
        open_count > machine_open_count AS was_opened_by_person, click_count > machine_click_count AS was_clicked_by_person
        """
}

/// Looks up what `messages` does not keep: why mails are delayed, were rejected or could not be rendered.
public struct ReasonsLookup: Sendable {
    private let ids: [String]
    private let from: Timestamp
    private let through: Timestamp

    /// A look-up for messages sent since `from` whose last event was until `through`.
    public init(_ ids: [String], from: Timestamp, through: Timestamp) {
        (self.ids, self.from, self.through) = (ids, from, through)
    }

    /// Whether a message in a state needs it.
    public static func isNeeded(_ state: String) -> Bool { EventWording.unexplainedStates.contains(state) }

    /// The last reason of each message.
    public var reasons: Lookup {
        let types = EventWording.explainingTypes.map(SQL.literal).joined(separator: ", ")
        return Lookup(
            """
            SELECT message_id, arg_max(\(EventWording.says), event_at) AS reason FROM events
            WHERE message_id IN (\(ids.map(SQL.value).joined(separator: ", "))) AND event_type IN (\(types))
                AND \(FactScope.time("event_at", from, through.moved(by: 1)))
            GROUP BY message_id
            """, reads: [TableRead(table: "events", timeColumn: "event_at", from: from, through: through)])
    }
}

extension AnalyticsError {
    /// Something that is no cursor.
    static let badCursor = AnalyticsError(
        .badValue, at: "", "after is not a cursor", hint: "take it from next of the page before")
}

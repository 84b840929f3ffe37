import Foundation
import Primitives
import SESEvents

/// Searches what a person has at hand: an address or a part of it, a message id, a subject, a link, a server's reply.
///
/// Addresses, ids and subjects are looked for among all messages; links and replies, which only `events` has, among those of
/// the last ``days``.
public struct SearchLookup: Sendable {
    /// What is looked for, in lower case.
    public let text: String
    private let original: String
    private let hidesAddresses: Bool
    private let now: Timestamp

    /// How far back links and replies are looked for.
    public static let days: Int64 = 90
    /// The most found of a kind.
    public static let most = 20

    /// A search.
    ///
    /// - Parameter hidesAddresses: whether an address is found by the whole of it alone, so that it cannot be guessed letter by letter.
    /// - Throws: ``AnalyticsError`` for a text that cannot be looked for.
    public init(_ text: String, hidesAddresses: Bool, now: Timestamp) throws(AnalyticsError) {
        let original = try Lookup.checked(text.trimmingCharacters(in: .whitespacesAndNewlines), named: "q")
        let text = original.lowercased()
        guard text.utf8.count >= 2 else {
            throw AnalyticsError(
                .badValue, at: "", "one letter is in nearly everything", hint: "give two or more")
        }
        (self.text, self.original, self.hidesAddresses, self.now) = (text, original, hidesAddresses, now)
    }

    /// Whether it is a whole address, which is found as such and nowhere else.
    public var isAddress: Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[1].contains(".") && !text.contains(" ")
    }

    private var value: String { SQL.value(text) }

    /// The message id that it may be, as the Message-ID header has it, too.
    private var id: String {
        var id = original.trimmingCharacters(in: .init(charactersIn: "<>"))
        if id.hasSuffix("amazonses.com"), let at = id.firstIndex(of: "@") { id = String(id[..<at]) }
        return id
    }

    private var isHers: String {
        hidesAddresses || isAddress
            ? "coalesce(recipient = \(value), false)" : "coalesce(contains(recipient, \(value)), false)"
    }

    private var hasID: String { id.count < 8 ? "false" : "starts_with(message_id, \(SQL.value(id)))" }

    /// People, messages and subjects: rows with `kind`.
    public var messages: Lookup {
        let inSubject = "coalesce(contains(lower(subject), \(value)), false)"
        return Lookup(
            """
            WITH found AS MATERIALIZED (
                SELECT \(MessageRow.columns), \(isHers) AS is_hers, \(hasID) AS has_id, \(inSubject) AS in_subject
                FROM messages WHERE \(isHers) OR \(hasID) OR \(inSubject)
            ),
            people_found AS (
                SELECT recipient, count(*) AS messages, max(sent_at) AS last_at, arg_max(state, sent_at) AS state,
                    arg_max(message_id, sent_at) AS message_id, arg_max(coalesce(reason, smtp_response, ''), sent_at) AS said,
                    count(*) OVER () AS found, row_number() OVER (
                        ORDER BY recipient = \(value) DESC, starts_with(recipient, \(value)) DESC, max(sent_at) DESC, recipient) AS place
                FROM found WHERE is_hers GROUP BY recipient QUALIFY place <= \(Self.most)
            ),
            subjects_found AS (
                SELECT subject, count(*) AS messages, max(sent_at) AS last_at, count(*) OVER () AS found,
                    row_number() OVER (ORDER BY count(*) DESC, subject) AS place
                FROM found WHERE in_subject GROUP BY subject QUALIFY place <= \(Self.most)
            ),
            messages_found AS (
                SELECT * EXCLUDE (is_hers, has_id, in_subject), count(*) OVER () AS found,
                    row_number() OVER (ORDER BY has_id DESC, sent_at DESC, message_id) AS place
                FROM found WHERE has_id OR is_hers AND (SELECT count(*) FROM people_found) = 1
                QUALIFY place <= \(Self.most)
            )
            \(Self.rows(of: ["people": ["last_at"], "subjects": ["last_at"], "messages": ["sent_at", "last_event_at"]]))
            """, reads: [TableRead(table: "messages")])
    }

    /// Links and replies: rows with `kind`.
    public var events: Lookup {
        let from = now.moved(by: -Self.days * 86_400_000_000)
        return Lookup(
            """
            WITH found AS MATERIALIZED (
                SELECT event_type, event_at, link, \(DiagnosticClasses.ofEvents(DiagnosticClasses.reply)) AS reply FROM events
                WHERE event_at >= \(SQL.instant(from)) AND (
                    event_type = 'Click' AND contains(lower(link), \(value))
                    OR event_type IN ('Bounce', 'DeliveryDelay', 'Delivery') AND contains(lower(\(DiagnosticClasses.ofEvents(DiagnosticClasses.reply))), \(value)))
            ),
            links_found AS (
                SELECT link, count(*) AS events, max(event_at) AS last_at, count(*) OVER () AS found,
                    row_number() OVER (ORDER BY count(*) DESC, link) AS place
                FROM found WHERE event_type = 'Click' GROUP BY link QUALIFY place <= \(Self.most)
            ),
            replies_found AS (
                SELECT \(Self.cluster) AS reply, event_type, count(*) AS events, max(event_at) AS last_at, min(reply) AS example,
                    count(*) OVER () AS found, row_number() OVER (ORDER BY count(*) DESC, \(Self.cluster), event_type) AS place
                FROM found WHERE event_type <> 'Click' GROUP BY \(Self.cluster), event_type QUALIFY place <= \(Self.most)
            )
            \(Self.rows(of: ["links": ["last_at"], "replies": ["last_at"]]))
            """, reads: [TableRead(table: "events", timeColumn: "event_at", from: from)])
    }

    /// A reply without what is different in each: addresses and the servers' own numbers.
    private static let cluster = #"""
        regexp_replace(regexp_replace(reply, '[^\s<>;:()]+@[^\s<>;:()]+', '…', 'g'), \#
        '\b([A-Za-z]*[0-9][A-Za-z0-9]{4,}|[A-Z0-9]{10,})\b', '…', 'g')
        """#

    /// Rows of several kinds as JSON, with their times as ISO 8601.
    private static func rows(of kinds: KeyValuePairs<String, [String]>) -> String {
        kinds.map { kind, times in
            let texts = times.map { "\(Lookup.iso($0)) AS \($0)" }
            return """
                SELECT '\(kind)' AS kind, place, CAST(to_json(one) AS VARCHAR) AS row
                FROM (SELECT * REPLACE (\(texts.joined(separator: ", "))) FROM \(kind)_found) AS one
                """
        }.joined(separator: "\nUNION ALL ") + "\nORDER BY kind, place"
    }
}

import Primitives

/// What became of each mail, by all that is known now: a row for message and recipient.
///
/// What several recipients share has no recipient, and so a row of its own.
enum FatesSQL {
    /// SQL of the table `_fates`.
    ///
    /// - Parameters:
    ///   - people: whether opens and clicks by people are told apart, which needs the verdict's tables.
    ///   - start: events before it are not looked at; nil for none.
    static func sql(people: Bool, since start: Timestamp?) -> String {
        let condition = start.map { "event_at >= \(SQL.instant($0))" } ?? "true"
        let facts = FactsSQL(hasVerdict: people).sql(where: condition)
        return """
            SELECT
                message_id AS fate_message, recipient AS fate_recipient,
                max(event_at) FILTER (\(Rule.isOutcome)) AS outcome_at,
                max(event_at) FILTER (event_type IN ('Open', 'Click', 'Complaint', 'Subscription')) AS answer_at,
                bool_or(event_type = 'Bounce' AND \(Rule.isCountedBounce)) AS was_counted_bounce,
                bool_or(event_type = 'Bounce' AND \(Rule.isListSuppressed)) AS was_list_suppressed,
                bool_or(event_type = 'Complaint' AND \(Rule.isCountedComplaint)) AS was_counted_complaint,
                \(flags(people: people).map { "bool_or(\($1)) AS \($0)" }.joined(separator: ",\n    "))
            FROM (\(facts)) GROUP BY ALL
            """
    }

    /// The columns that facts take over, each with what it is where a mail has no row.
    static func joined(people: Bool) -> String {
        ([
            "coalesce(outcome_at >= event_at, false) AS has_outcome",
            "coalesce(answer_at >= event_at, false) AS is_answered",
        ]
            + (["was_counted_bounce", "was_list_suppressed", "was_counted_complaint"]
            + flags(people: people).map(\.name)).map { "coalesce(\($0), false) AS \($0)" })
            .joined(separator: ", ")
    }

    private static func flags(people: Bool) -> [(name: String, condition: String)] {
        [
            ("was_sent", "event_type = 'Send'"), ("was_delivered", "event_type = 'Delivery'"),
            ("was_bounced", "event_type = 'Bounce'"),
            ("was_complained", "event_type = 'Complaint' AND \(Rule.isComplaint)"),
            ("was_rejected", "event_type = 'Reject'"), ("was_opened", "event_type = 'Open'"),
            ("was_clicked", "event_type = 'Click'"),
        ]
            + (people
                ? [
                    ("was_opened_by_person", "event_type = 'Open' AND \(Rule.isPerson)"),
                    ("was_clicked_by_person", "event_type = 'Click' AND \(Rule.isPerson)"),
                ] : [])
    }
}

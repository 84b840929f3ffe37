import Primitives

/// Facts: rows of `events`, one for each recipient that an event is about, which is what metrics count.
///
/// - `recipient` is in lower case: the same address is one, however it is written.
/// - A Send, Delivery, Bounce, DeliveryDelay, Reject, Rendering Failure or Subscription of several recipients is a fact for
///   each. Repeated addresses are one.
/// - A Complaint is one fact: providers hide who complained, and SES lists all candidates, of whom the first stands here.
/// - An Open or Click is one fact; of a message with several recipients it is nobody's, and `recipient` is null.
/// - `shared_event_id` is set where an event has several facts, so that it can be counted once.
///
/// Nearly all events have one recipient, so those go a way of their own, on which no list is read.
struct FactsSQL {
    /// Whether opens and clicks have the verdict of ``EngagementVerdict``, whose tables the statement has then.
    var hasVerdict = false

    /// SQL of the facts of the events for which a condition holds.
    func sql(where condition: String) -> String {
        let engaged = "event_type IN ('Open', 'Click')"
        let single =
            hasVerdict ? "recipient IS NOT NULL AND NOT \(engaged)" : "(recipient IS NOT NULL OR \(engaged))"
        var arms = [
            """
            SELECT * REPLACE (lower(recipient) AS recipient), NULL::VARCHAR AS shared_event_id
            FROM events WHERE \(condition) AND \(single)
            """,
            """
            SELECT * EXCLUDE (one) REPLACE (
                one AS recipient, CASE WHEN contains(one, '@') THEN split_part(one, '@', -1) END AS recipient_domain
            )
            FROM (
                SELECT *, event_id AS shared_event_id, unnest(
                    CASE
                        WHEN len(recipients) = 0 OR recipients IS NULL THEN [NULL::VARCHAR]
                        WHEN event_type = 'Complaint' THEN [lower(recipients[1])]
                        ELSE list_distinct(list_transform(recipients, LAMBDA r: lower(r)))
                    END
                ) AS one
                FROM events WHERE \(condition) AND recipient IS NULL AND NOT \(engaged)
            )
            """,
        ]
        if hasVerdict {
            arms.append(
                """
                SELECT * REPLACE (lower(recipient) AS recipient), NULL::VARCHAR AS shared_event_id
                FROM (\(EngagementVerdict.select(where: condition)))
                """)
        }
        return arms.joined(separator: "\nUNION ALL BY NAME\n")
    }
}

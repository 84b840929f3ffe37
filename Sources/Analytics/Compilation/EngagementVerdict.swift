/// Opens and clicks, judged by their neighbours as well.
///
/// `events` holds the verdict of the rules that look at one event. What follows needs others, and so is not stored: it
/// would depend on which of them had arrived. A rule needs a reason to speak against a person, and each is named.
///
/// - `click-within-5s-of-delivery`: nobody reads that fast.
/// - `link-sweep`: three or more links of a message within five seconds.
/// - `shared-address-burst`: openings and clicks of five or more messages from one address within ten seconds, which
///   an image proxy that fetches for many readers is excused from.
/// - `beside-a-sweep`: an open of the same message from the same address, within five seconds of such clicks.
public enum EngagementVerdict {
    /// No rule looks further than this, in microseconds.
    static let reach: Int64 = 10_000_000

    /// SQL that gives opens and clicks with all columns of `events`; in `is_machine` and `machine_rule` is the verdict.
    ///
    /// - Parameters:
    ///   - events: the relation to read.
    ///   - condition: SQL over its columns. Neighbours that it leaves out are not heard.
    public static func sql(events: String = "events", where condition: String = "true") -> String {
        """
        SELECT * EXCLUDE (links_around, sweep_links_around, messages_around, delivered_at, found_rule) REPLACE (
            is_machine OR found_rule IS NOT NULL AS is_machine,
            CASE WHEN is_machine THEN machine_rule ELSE coalesce(found_rule, machine_rule) END AS machine_rule
        )
        FROM (
            SELECT *,
                CASE
                    WHEN event_type = 'Click' AND event_at < delivered_at + INTERVAL 5 SECONDS
                        THEN 'click-within-5s-of-delivery'
                    WHEN event_type = 'Click' AND links_around >= 3 THEN 'link-sweep'
                    WHEN machine_rule IS NULL AND messages_around >= 5 THEN 'shared-address-burst'
                    WHEN event_type = 'Open' AND machine_rule IS NULL AND sweep_links_around >= 3 THEN 'beside-a-sweep'
                END AS found_rule
            FROM (
                SELECT engaged.*, delivered.delivered_at
                FROM (
                    SELECT *,
                        count(DISTINCT link) OVER (
                            PARTITION BY message_id ORDER BY event_at
                            RANGE BETWEEN INTERVAL 5 SECONDS PRECEDING AND INTERVAL 5 SECONDS FOLLOWING
                        ) AS links_around,
                        count(DISTINCT link) OVER (
                            PARTITION BY message_id, ip_address ORDER BY event_at
                            RANGE BETWEEN INTERVAL 5 SECONDS PRECEDING AND INTERVAL 5 SECONDS FOLLOWING
                        ) AS sweep_links_around,
                        CASE WHEN ip_address IS NOT NULL THEN count(DISTINCT message_id) OVER (
                            PARTITION BY ip_address ORDER BY event_at
                            RANGE BETWEEN INTERVAL 10 SECONDS PRECEDING AND INTERVAL 10 SECONDS FOLLOWING
                        ) END AS messages_around
                    FROM \(events) WHERE event_type IN ('Open', 'Click') AND \(condition)
                ) AS engaged
                ASOF LEFT JOIN (
                    SELECT message_id, event_at AS delivered_at
                    FROM \(events) WHERE event_type = 'Delivery' AND \(condition)
                ) AS delivered
                ON engaged.message_id = delivered.message_id AND engaged.event_at >= delivered.delivered_at
            )
        )
        """
    }
}

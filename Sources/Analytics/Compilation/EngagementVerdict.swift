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

    /// The rules in the order in which the first that speaks is named.
    private static let rules = [
        "click-within-5s-of-delivery", "link-sweep", "shared-address-burst", "beside-a-sweep",
    ]

    /// SQL of the tables, for WITH, that ``select(where:)`` reads.
    ///
    /// Windows are dear, so only messages with three links and addresses with five messages are looked at through one.
    ///
    /// - Parameters:
    ///   - condition: SQL over `events`. Neighbours that it leaves out are not heard.
    ///   - isMaterialized: whether opens and clicks are read once. DuckDB reads all columns of what is selected in the same
    ///     breath, so that has to be few then.
    public static func tables(where condition: String = "true", isMaterialized: Bool) -> String {
        """
        _near AS \(isMaterialized ? "" : "NOT ")MATERIALIZED (
            SELECT event_id, event_type, event_at, message_id, ip_address, link, machine_rule
            FROM events WHERE event_type IN ('Open', 'Click') AND \(condition)
        ),
        _spoken AS (
            \(clicksAfterDelivery(condition))
            UNION ALL
            \(sweeps)
            UNION ALL
            \(bursts)
        ),
        _found AS \(isMaterialized ? "" : "NOT ")MATERIALIZED (
            SELECT event_id AS found_id, min(rule) AS rule FROM _spoken GROUP BY event_id
        )
        """
    }

    /// SQL of the opens and clicks for which a condition holds, with all columns of `events`; in `is_machine` and
    /// `machine_rule` is the verdict.
    public static func select(where condition: String = "true") -> String {
        """
        SELECT * EXCLUDE (found_id, rule) REPLACE (
            is_machine OR rule IS NOT NULL AS is_machine,
            CASE WHEN is_machine THEN machine_rule ELSE coalesce(\(names)[rule], machine_rule) END AS machine_rule
        )
        FROM events LEFT JOIN _found ON event_id = found_id
        WHERE event_type IN ('Open', 'Click') AND \(condition)
        """
    }

    private static var names: String { "[" + rules.map { "'\($0)'" }.joined(separator: ", ") + "]" }

    private static func clicksAfterDelivery(_ condition: String) -> String {
        """
        SELECT event_id, 1 AS rule
        FROM _near JOIN (
            SELECT message_id AS delivered, event_at AS delivered_at
            FROM events WHERE event_type = 'Delivery' AND \(condition)
        )
        ON message_id = delivered AND event_at >= delivered_at AND event_at < delivered_at + INTERVAL 5 SECONDS
        WHERE event_type = 'Click'
        """
    }

    private static let sweeps = """
        SELECT event_id, CASE event_type WHEN 'Click' THEN 2 ELSE 4 END AS rule
        FROM (
            SELECT *,
                count(DISTINCT link) OVER (
                    PARTITION BY message_id ORDER BY event_at
                    RANGE BETWEEN INTERVAL 5 SECONDS PRECEDING AND INTERVAL 5 SECONDS FOLLOWING
                ) AS links_around,
                count(DISTINCT link) OVER (
                    PARTITION BY message_id, ip_address ORDER BY event_at
                    RANGE BETWEEN INTERVAL 5 SECONDS PRECEDING AND INTERVAL 5 SECONDS FOLLOWING
                ) AS sweep_links_around
            FROM _near
            WHERE message_id IN (SELECT message_id FROM _near GROUP BY ALL HAVING count(DISTINCT link) >= 3)
        )
        WHERE event_type = 'Click' AND links_around >= 3
            OR event_type = 'Open' AND machine_rule IS NULL AND sweep_links_around >= 3
        """

    private static let bursts = """
        SELECT event_id, 3 AS rule
        FROM (
            SELECT *,
                count(DISTINCT message_id) OVER (
                    PARTITION BY ip_address ORDER BY event_at
                    RANGE BETWEEN INTERVAL 10 SECONDS PRECEDING AND INTERVAL 10 SECONDS FOLLOWING
                ) AS messages_around
            FROM _near
            WHERE ip_address IN (
                SELECT ip_address FROM _near
                GROUP BY ALL HAVING count(DISTINCT message_id) >= 5 AND bool_or(machine_rule IS NULL)
            )
        )
        WHERE machine_rule IS NULL AND messages_around >= 5
        """
}

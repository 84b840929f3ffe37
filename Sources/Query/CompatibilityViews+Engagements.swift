extension CompatibilityViews {
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
    static let engagements = """
        SELECT
            event_id, event_type, event_at, sent_at, message_id, recipient, recipients, recipient_domain,
            recipient_ambiguous, link, link_tags, ip_address, user_agent,
            client_kind, client_name, client_os, configuration_set, sender, subject, tags,
            -- The verdict, and the rule behind it.
            is_machine OR found_rule IS NOT NULL AS is_machine,
            CASE WHEN is_machine THEN machine_rule ELSE coalesce(found_rule, machine_rule) END AS machine_rule
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
                FROM events WHERE event_type IN ('Open', 'Click')
            ) AS engaged
            ASOF LEFT JOIN (
                SELECT message_id, event_at AS delivered_at FROM events WHERE event_type = 'Delivery'
            ) AS delivered
            ON engaged.message_id = delivered.message_id AND engaged.event_at >= delivered.delivered_at
        )
        """
}

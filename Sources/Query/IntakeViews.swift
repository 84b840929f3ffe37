/// Views that tell whether events are missing: by hour and source what became of each send, and how each source comes in.
///
/// What is counted is a *mail*, a message to one recipient: SES names all recipients in a Send, and in deliveries and bounces
/// those concerned. An address is the same in any case. Events that came late or twice change nothing, for an hour is that of
/// the send request and the lake has each event once.
public enum IntakeViews {
    /// Hours after which a mail without any event behind its Send is called silent. SES gives nearly all mails an outcome
    /// within minutes; what it delays is told by a DeliveryDelay and counted apart.
    public static let silentHours = 6

    /// The views: the name, the SELECT, and a sentence on what a row is.
    public static let all: [(name: String, sql: String, meaning: String)] = [
        (
            "intake_completeness", completeness(),
            "One row per hour of sending, source and configuration set: mails by what is known of them, and messages whose Send is missing."
        ),
        (
            "source_health", sourceHealth,
            "One row per source: first and last event, events of the last hour and day, usual gaps between arrivals, refused records."
        ),
    ]

    /// SQL of `intake_completeness`.
    ///
    /// - Parameters:
    ///   - events: the relation to read.
    ///   - silentHours: see ``silentHours``.
    ///   - condition: SQL over the columns of `events`; to be about what the events of one message share, such as `sent_at`.
    static func completeness(
        events: String = "events", silentHours: Int = silentHours, where condition: String = "true"
    ) -> String {
        """
        WITH named AS (
            SELECT message_id, event_type, sent_at, source_name, configuration_set,
                -- A complaint of the suppression list's own says that SES did not try to send.
                event_type IN ('Delivery', 'Bounce', 'Reject', 'Rendering Failure')
                    OR event_type = 'Complaint' AND coalesce(complaint_subtype, '') LIKE 'On%Suppress%' AS is_outcome,
                unnest(CASE WHEN len(recipients) > 0
                    THEN list_distinct(list_transform(recipients, LAMBDA r: lower(r)))
                    -- An open or click of a message with several recipients is nobody's.
                    ELSE [NULL::VARCHAR] END) AS recipient
            FROM \(events) WHERE \(condition)
        ), mails AS (
            SELECT message_id, recipient, min(sent_at) AS sent_at,
                bool_or(event_type = 'Send') AS is_sent,
                bool_or(is_outcome) AS has_outcome,
                bool_or(event_type = 'DeliveryDelay') AS is_delayed,
                bool_or(event_type IN ('Open', 'Click', 'Complaint', 'Subscription')) AS is_answered,
                -- Rejects and rendering failures come without a Send: nothing was sent.
                bool_or(event_type NOT IN ('Reject', 'Rendering Failure')) AS wants_send,
                coalesce(min(source_name) FILTER (event_type = 'Send'), min(source_name)) AS source_name,
                coalesce(min(configuration_set) FILTER (event_type = 'Send'), min(configuration_set))
                    AS configuration_set
            FROM named GROUP BY ALL
        ), messages_seen AS (
            SELECT message_id, min(sent_at) AS sent_at,
                coalesce(min(source_name) FILTER (is_sent), min(source_name)) AS source_name,
                coalesce(min(configuration_set) FILTER (is_sent), min(configuration_set)) AS configuration_set,
                bool_or(is_sent) AS is_sent,
                bool_or(wants_send) AS wants_send,
                count(*) FILTER (is_sent) AS mails,
                count(*) FILTER (is_sent AND has_outcome) AS with_outcome,
                count(*) FILTER (is_sent AND NOT has_outcome AND is_answered) AS answered_only,
                count(*) FILTER (is_sent AND NOT has_outcome AND NOT is_answered AND is_delayed) AS delayed_only,
                count(*) FILTER (is_sent AND NOT has_outcome AND NOT is_answered AND NOT is_delayed) AS no_word
            FROM mails GROUP BY message_id
        )
        SELECT
            date_trunc('hour', sent_at) AS hour, source_name, configuration_set,
            -- What was sent.
            count(*) FILTER (is_sent) AS messages,
            sum(mails)::BIGINT AS mails,
            -- Of the mails: delivered, bounced or rejected; opened, clicked or complained of though no delivery is here;
            -- delayed and no more; nothing yet, and nothing for too long.
            sum(with_outcome)::BIGINT AS with_outcome,
            sum(answered_only)::BIGINT AS answered_only,
            sum(delayed_only)::BIGINT AS delayed_only,
            coalesce(sum(no_word) FILTER (sent_at >= now() - INTERVAL \(silentHours) HOUR), 0)::BIGINT AS waiting,
            coalesce(sum(no_word) FILTER (sent_at < now() - INTERVAL \(silentHours) HOUR), 0)::BIGINT AS silent,
            -- Messages that have events, but no Send: it was lost or is not subscribed.
            count(*) FILTER (wants_send AND NOT is_sent) AS messages_without_send
        FROM messages_seen
        GROUP BY ALL
        """
    }

    /// Gaps are those between moments at which anything came, of the last 14 days: what came in one batch came at once.
    private static let sourceHealth = """
        WITH arrivals AS (
            SELECT source_name, received_at, count(*) AS events, max(event_at) AS last_event_at
            FROM events GROUP BY ALL
        ), gaps AS (
            SELECT source_name, received_at,
                (epoch_us(received_at) - epoch_us(lag(received_at) OVER (PARTITION BY source_name ORDER BY received_at)))
                    / 1000000 AS gap
            FROM arrivals WHERE received_at >= now() - INTERVAL 14 DAY
        ), by_hour AS (
            SELECT source_name, hour(received_at AT TIME ZONE 'UTC') AS hour_of_day, median(gap) AS gap
            FROM gaps WHERE gap IS NOT NULL GROUP BY ALL
        ), usual AS (
            SELECT source_name, quantile_disc(gap, 0.5) AS median_gap, quantile_disc(gap, 0.99) AS p99_gap
            FROM gaps GROUP BY ALL
        ), refusals AS (
            SELECT source_name, count(*) AS refused FROM refused GROUP BY ALL
        )
        SELECT
            source_name,
            coalesce(sum(a.events), 0)::BIGINT AS events,
            min(a.received_at) AS first_received_at,
            max(a.received_at) AS last_received_at,
            max(a.last_event_at) AS last_event_at,
            coalesce(sum(a.events) FILTER (a.received_at >= now() - INTERVAL 1 HOUR), 0)::BIGINT AS events_last_hour,
            coalesce(sum(a.events) FILTER (a.received_at >= now() - INTERVAL 1 DAY), 0)::BIGINT AS events_last_day,
            -- Seconds: of half the gaps at the most, of 99 in 100, and the median by the hour of the day in UTC.
            any_value(u.median_gap) AS median_gap_seconds,
            any_value(u.p99_gap) AS p99_gap_seconds,
            (SELECT map(list(h.hour_of_day ORDER BY h.hour_of_day), list(h.gap ORDER BY h.hour_of_day))
                FROM by_hour h WHERE h.source_name = sources.source_name) AS median_gap_by_hour,
            coalesce(any_value(r.refused), 0) AS refused
        FROM (SELECT source_name FROM arrivals UNION SELECT source_name FROM refusals) AS sources
        LEFT JOIN arrivals AS a USING (source_name)
        LEFT JOIN usual AS u USING (source_name)
        LEFT JOIN refusals AS r USING (source_name)
        GROUP BY source_name
        """
}

-- Twenty questions that a dashboard asks, on the columns of `events`. They run as they stand on Sesame and DuckDB;
-- where ClickHouse needs other words, they follow under "clickhouse". {message_id}, {recipient}, {day}, {week} and
-- {campaign} are filled in from the data.

-- 01 events by day and type
SELECT date_trunc('day', event_at) AS day, event_type, count(*) AS events FROM events GROUP BY 1, 2 ORDER BY 1, 2

-- 02 totals of the last seven days
SELECT event_type, count(*) AS events FROM events WHERE event_at >= '{week}' GROUP BY 1 ORDER BY 1

-- 03 bounce rate by configuration set
SELECT configuration_set, count(*) FILTER (WHERE event_type = 'Send') AS sends,
       count(*) FILTER (WHERE event_type = 'Bounce' AND bounce_type = 'Permanent') AS hard_bounces,
       count(*) FILTER (WHERE event_type = 'Bounce' AND bounce_type = 'Permanent')
           / nullif(count(*) FILTER (WHERE event_type = 'Send'), 0) AS rate
FROM events WHERE event_type IN ('Send', 'Bounce') GROUP BY 1 ORDER BY 1

-- 04 complaint rate by day
SELECT date_trunc('day', event_at) AS day,
       count(*) FILTER (WHERE event_type = 'Complaint') / nullif(count(*) FILTER (WHERE event_type = 'Delivery'), 0) AS rate
FROM events WHERE event_type IN ('Complaint', 'Delivery') GROUP BY 1 ORDER BY 1

-- 05 recipient domains by bounces
SELECT recipient_domain, count(*) AS bounces FROM events WHERE event_type = 'Bounce' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20

-- 06 bounce types and subtypes
SELECT bounce_type, bounce_subtype, count(*) AS bounces FROM events WHERE event_type = 'Bounce' GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2

-- 07 time to deliver, percentiles by hour
SELECT date_trunc('hour', event_at) AS hour, quantile_cont(delivery_processing_ms, 0.5) AS p50,
       quantile_cont(delivery_processing_ms, 0.95) AS p95, quantile_cont(delivery_processing_ms, 0.99) AS p99
FROM events WHERE event_type = 'Delivery' GROUP BY 1 ORDER BY 1
-- clickhouse
SELECT date_trunc('hour', event_at) AS hour, quantileExactInclusive(0.5)(delivery_processing_ms) AS p50,
       quantileExactInclusive(0.95)(delivery_processing_ms) AS p95, quantileExactInclusive(0.99)(delivery_processing_ms) AS p99
FROM events WHERE event_type = 'Delivery' GROUP BY 1 ORDER BY 1

-- 08 time to deliver by recipient domain
SELECT recipient_domain, count(*) AS deliveries, avg(delivery_processing_ms) AS mean, max(delivery_processing_ms) AS longest
FROM events WHERE event_type = 'Delivery' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20

-- 09 unique opens and clicks by campaign
SELECT tags['campaign'][1] AS campaign, count(DISTINCT message_id) FILTER (WHERE event_type = 'Delivery') AS delivered,
       count(DISTINCT message_id) FILTER (WHERE event_type = 'Open') AS opened,
       count(DISTINCT message_id) FILTER (WHERE event_type = 'Click') AS clicked
FROM events WHERE event_type IN ('Delivery', 'Open', 'Click') GROUP BY 1 ORDER BY 1

-- 10 opens by hour and weekday
SELECT extract(isodow FROM event_at) AS weekday, extract(hour FROM event_at) AS hour, count(*) AS opens
FROM events WHERE event_type = 'Open' GROUP BY 1, 2 ORDER BY 1, 2
-- clickhouse
SELECT toDayOfWeek(event_at) AS weekday, toHour(event_at) AS hour, count(*) AS opens
FROM events WHERE event_type = 'Open' GROUP BY 1, 2 ORDER BY 1, 2

-- 11 opens of people and machines by day
SELECT date_trunc('day', event_at) AS day, count(*) FILTER (WHERE is_machine) AS machines,
       count(*) FILTER (WHERE NOT is_machine) AS people
FROM events WHERE event_type = 'Open' GROUP BY 1 ORDER BY 1

-- 12 journey of one message
SELECT event_at, event_type, recipient, delivery_smtp_response, bounce_diagnostic
FROM events WHERE message_id = '{message_id}' ORDER BY 1, 2

-- 13 status of one recipient
SELECT message_id, min(sent_at) AS sent_at, max(event_at) AS last_at, count(*) AS events
FROM events WHERE recipient = '{recipient}' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50

-- 14 opened and not clicked
SELECT count(*) AS messages FROM (
    SELECT message_id FROM events WHERE event_type IN ('Open', 'Click') GROUP BY 1
    HAVING count(*) FILTER (WHERE event_type = 'Click') = 0) AS opened

-- 15 links by clicks
SELECT link, count(*) AS clicks, count(DISTINCT message_id) AS messages
FROM events WHERE event_type = 'Click' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 25

-- 16 replies of servers that bounced
SELECT bounce_status, regexp_replace(bounce_diagnostic, '[0-9]+', '#', 'g') AS reply, count(*) AS bounces
FROM events WHERE event_type = 'Bounce' GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 25
-- clickhouse
SELECT bounce_status, replaceRegexpAll(bounce_diagnostic, '[0-9]+', '#') AS reply, count(*) AS bounces
FROM events WHERE event_type = 'Bounce' GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 25

-- 17 delays by type and domain
SELECT delay_type, recipient_domain, count(*) AS delays
FROM events WHERE event_type = 'DeliveryDelay' GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 25

-- 18 mail apps of people who opened
SELECT client_name, client_os, count(*) AS opens FROM events
WHERE event_type = 'Open' AND NOT is_machine AND client_name IS NOT NULL AND client_os IS NOT NULL
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2

-- 19 one campaign's hours on one day
SELECT date_trunc('hour', event_at) AS hour, event_type, count(*) AS events
FROM events WHERE tags['campaign'][1] = '{campaign}' AND event_at >= '{day}' AND event_at < '{week}' GROUP BY 1, 2 ORDER BY 1, 2

-- 20 newest bounces with their replies
SELECT event_at, recipient, bounce_type, bounce_subtype, bounce_diagnostic
FROM events WHERE event_type = 'Bounce' ORDER BY event_at DESC, event_id LIMIT 100

/// Views over `events` that give earlier SES systems' tables, so that their published queries and reports run unchanged,
/// and two views that break events down by recipient and by step.
///
/// Each is one SELECT over a relation named `events` and depends on no other view. A view begins with the columns of
/// the table it stands for, in that table's order; what the table lacked follows at the end, also within structures.
/// Text times are UTC with milliseconds, `2024-05-15T10:21:28.422Z`, so comparing them as text orders them in time.
public enum CompatibilityViews {
    /// The views: the name, the SELECT, and a sentence on what a row is.
    public static let all: [(name: String, sql: String, meaning: String)] = [
        (
            "ses_events", sesEvents,
            "One row per event in SES's own nested shape: the event's own object is filled, the others are null; all message tags are in mail.allTags."
        ),
        (
            "email_status", emailStatus,
            "One row per message with the earliest time of each event, the first bounce and complaint, then latest times, recipients by outcome, and counts."
        ),
        (
            "partitioned", partitioned,
            "One flat row per event and recipient; timestamp and year to hour are always the event's own time in UTC."
        ),
        (
            "ses_mail", sesMail,
            "One row per event with its class, its send and event times, and the fields of its own as JSON text in event_data."
        ),
        (
            "event_recipients", eventRecipients,
            "One row per event and recipient, with the bounce or delay reply for that recipient; is_attributed is false where SES does not say whose event it is."
        ),
        (
            "journeys", journeys,
            "One row per event, numbered within its message from first to last, with the event before it, the time between them, and what happened in words."
        ),
        (
            "engagements", engagements,
            "One row per open and click, with is_machine and machine_rule by what is around it as well: sweeps over a message's links, bursts from one address, clicks within seconds of delivery."
        ),
    ]
}

// MARK: - Pieces

extension CompatibilityViews {
    /// A time as ISO 8601 text in UTC.
    private static func text(_ time: String) -> String {
        "strftime(\(time) AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ')"
    }

    /// The recipients the event names, else the message's, else one null, so that every event keeps a row. The message's
    /// are freed of display names and their domains put in lower case, as the event's own are.
    private static let recipientList = """
        CASE
            WHEN len(recipients) > 0 THEN recipients
            WHEN len(destination) > 0 THEN list_transform(
                list_transform(destination, LAMBDA d: coalesce(nullif(regexp_extract(d, '<([^<>]*)>\\s*$', 1), ''), trim(d))),
                LAMBDA a: regexp_extract(a, '^.*@') || lower(regexp_extract(a, '[^@]*$'))
            )
            ELSE [NULL::VARCHAR]
        END
        """

    /// The event types whose record lists the recipients concerned.
    private static let recipientTypes = "('Delivery', 'Bounce', 'Complaint', 'DeliveryDelay')"

    /// SES's object for each event type, as a structure. After the fields of `ses_events` as first published come those
    /// it lacked: `remoteMtaIp`, `complaintSubType`, and the whole of the last two objects.
    private enum Object {
        static let delivery = """
            {
                'timestamp': \(text("event_at")), 'processingTimeMillis': delivery_processing_ms,
                'recipients': recipients, 'smtpResponse': delivery_smtp_response,
                'reportingMTA': reporting_mta, 'remoteMtaIp': remote_mta_ip
            }
            """
        static let open = """
            {'ipAddress': ip_address, 'timestamp': \(text("event_at")), 'userAgent': user_agent}
            """
        static let click = """
            {
                'ipAddress': ip_address, 'link': link, 'linkTags': link_tags,
                'timestamp': \(text("event_at")), 'userAgent': user_agent
            }
            """
        static let bounce = """
            {
                'bounceType': bounce_type, 'bounceSubType': bounce_subtype,
                'bouncedRecipients': list_transform(bounced_recipients, LAMBDA r: {
                    'emailAddress': r.email_address, 'action': r.action,
                    'status': r.status, 'diagnosticCode': r.diagnostic_code
                }),
                'timestamp': \(text("event_at")), 'feedbackId': feedback_id,
                'reportingMTA': reporting_mta, 'remoteMtaIp': remote_mta_ip
            }
            """
        static let complaint = """
            {
                'complainedRecipients': list_transform(complained_recipients, LAMBDA r: {'emailAddress': r}),
                'timestamp': \(text("event_at")), 'feedbackId': feedback_id,
                'userAgent': complaint_user_agent, 'complaintFeedbackType': complaint_feedback_type,
                'arrivalDate': \(text("complaint_arrival_at")), 'complaintSubType': complaint_subtype
            }
            """
        static let reject = "{'reason': reject_reason}"
        static let failure = "{'errorMessage': failure_message, 'templateName': failure_template}"
        static let deliveryDelay = """
            {
                'timestamp': \(text("event_at")), 'delayType': delay_type,
                'expirationTime': \(text("delay_expires_at")), 'reportingMTA': reporting_mta,
                'delayedRecipients': list_transform(delayed_recipients, LAMBDA r: {
                    'emailAddress': r.email_address, 'status': r.status, 'diagnosticCode': r.diagnostic_code
                })
            }
            """
        static let subscription = """
            {
                'contactList': subscription_contact_list, 'timestamp': \(text("event_at")),
                'source': subscription_source, 'newTopicPreferences': subscription_new,
                'oldTopicPreferences': subscription_old
            }
            """
    }
}

// MARK: - Tables of earlier systems

extension CompatibilityViews {
    /// The event database's table: nested as SES writes it.
    ///
    /// `ingest_timestamp` is the hour of arrival, as its partitions were. The tag names that SES spells with a colon are
    /// spelled with underscores, and filled.
    private static let sesEvents = """
        SELECT
            event_type AS "eventType",
            -- The message: the published fields, then what they lacked.
            {
                'timestamp': \(text("sent_at")), 'source': sender, 'sourceArn': source_arn,
                'sendingAccountId': account_id, 'messageId': message_id, 'destination': destination,
                'headersTruncated': headers_truncated, 'headers': headers,
                'commonHeaders': {
                    'from': common_headers_from, 'to': common_headers_to,
                    'messageId': common_headers_message_id, 'subject': subject,
                    'cc': common_headers_cc, 'bcc': common_headers_bcc, 'replyTo': common_headers_reply_to,
                    'sender': common_headers_sender, 'date': common_headers_date,
                    'returnPath': common_headers_return_path
                },
                'tags': {
                    'ses_configuration_set': tags['ses:configuration-set'],
                    'ses_source_ip': tags['ses:source-ip'],
                    'ses_from_domain': tags['ses:from-domain'],
                    'ses_caller_identity': tags['ses:caller-identity'],
                    'campaign': tags['campaign'],
                    'ses_outgoing_ip': tags['ses:outgoing-ip']
                },
                'sourceIp': source_ip, 'callerIdentity': caller_identity, 'allTags': tags
            } AS mail,
            -- The event's own object; null for the other types.
            CASE WHEN event_type = 'Send' THEN MAP {}::MAP(VARCHAR, VARCHAR) END AS send,
            CASE WHEN event_type = 'Delivery' THEN \(Object.delivery) END AS delivery,
            CASE WHEN event_type = 'Open' THEN \(Object.open) END AS open,
            CASE WHEN event_type = 'Click' THEN \(Object.click) END AS click,
            CASE WHEN event_type = 'Bounce' THEN \(Object.bounce) END AS bounce,
            CASE WHEN event_type = 'Complaint' THEN \(Object.complaint) END AS complaint,
            CASE WHEN event_type = 'Reject' THEN \(Object.reject) END AS reject,
            CASE WHEN event_type = 'Rendering Failure' THEN \(Object.failure) END AS failure,
            -- The hour of arrival.
            date_trunc('hour', received_at AT TIME ZONE 'UTC') AS ingest_timestamp,
            -- Added: the event types the table lacked, then identity, times, and who acted.
            CASE WHEN event_type = 'DeliveryDelay' THEN \(Object.deliveryDelay) END AS "deliveryDelay",
            CASE WHEN event_type = 'Subscription' THEN \(Object.subscription) END AS subscription,
            event_id, event_at, sent_at, received_at, region, configuration_set,
            recipients, recipient_ambiguous, is_machine, machine_rule, extra
        FROM events
        """

    /// The event database's view: a message's status on one row.
    ///
    /// A message stays on one row even where some of its events lack the subject, as a templated Send does. The first
    /// bounce gives both its type and its subtype, and the first complaint its feedback type.
    private static let emailStatus = """
        SELECT
            -- The message: its subject from any event that has it; the To header, else all recipients.
            message_id,
            min(subject) AS subject,
            coalesce(
                min(common_headers_to) FILTER (WHERE len(common_headers_to) > 0), min(destination)
            ) AS destination,
            -- Earliest times, and the first bounce and complaint.
            \(text("min(sent_at)")) AS time_sent,
            \(time("min", "Delivery")) AS time_delivered,
            \(time("min", "Open")) AS time_opened,
            \(time("min", "Click")) AS time_clicked,
            \(time("min", "Bounce")) AS time_bounced,
            arg_min_null(bounce_type, event_at) FILTER (WHERE event_type = 'Bounce') AS bounce_type,
            arg_min_null(bounce_subtype, event_at) FILTER (WHERE event_type = 'Bounce') AS bounce_subtype,
            \(time("min", "Complaint")) AS time_complained,
            arg_min_null(complaint_feedback_type, event_at) FILTER (WHERE event_type = 'Complaint')
                AS complaint_feedbacktype,
            -- Added: latest times.
            \(time("max", "Delivery")) AS time_last_delivered,
            \(time("max", "Open")) AS time_last_opened,
            \(time("max", "Click")) AS time_last_clicked,
            \(time("max", "Bounce")) AS time_last_bounced,
            -- Added: who got it and who did not; empty, not null, where nobody.
            \(recipients(of: "Delivery")) AS recipients_delivered,
            \(recipients(of: "Bounce")) AS recipients_bounced,
            -- Added: the outcomes it lacked, and counts, machines included.
            \(time("min", "Reject")) AS time_rejected,
            \(time("min", "DeliveryDelay")) AS time_delayed,
            count(*) FILTER (WHERE event_type = 'Open') AS open_count,
            count(*) FILTER (WHERE event_type = 'Click') AS click_count
        FROM events
        GROUP BY message_id
        """

    private static func time(_ aggregate: String, _ type: String) -> String {
        text("(\(aggregate)(event_at) FILTER (WHERE event_type = '\(type)'))")
    }

    private static func recipients(of type: String) -> String {
        """
        coalesce(
                list_sort(list_distinct(flatten(list(recipients) FILTER (WHERE event_type = '\(type)')))),
                []::VARCHAR[]
            )
        """
    }

    /// The dashboard's flat table.
    ///
    /// An event for three recipients makes three rows, not nine. `recipientevent` is set where the event itself names the
    /// recipient. Year to hour are numbers, which compare with `5`, `'5'` and `'05'` alike.
    private static let partitioned = """
        SELECT
            -- The event; what it does not have is null.
            event_type AS eventtype,
            \(text("event_at")) AS timestamp,
            ip_address AS ipaddress,
            coalesce(user_agent, complaint_user_agent) AS useragent,
            sender,
            link,
            message_id AS messageid,
            delivery_processing_ms AS processingtimemillis,
            bounce_type AS bouncetype,
            feedback_id AS feedbackid,
            complaint_feedback_type AS complaintfeedbacktype,
            reject_reason AS reason,
            failure_message AS errormessage,
            failure_template AS templatename,
            delay_type AS delaytype,
            \(text("delay_expires_at")) AS expirationtime,
            subject,
            -- The recipient of this row.
            recipientmail,
            nullif(regexp_extract(recipientmail, '@([^@]*)$', 1), '') AS mailrecipientdomain,
            CASE WHEN event_type IN \(recipientTypes) THEN recipientmail END AS recipientevent,
            -- Addresses of SES and of the client that called it.
            tags['ses:outgoing-ip'][1] AS sesoutgoingip,
            coalesce(tags['ses:source-ip'][1], source_ip) AS sessourceip,
            -- The event's time in UTC.
            year(event_at AT TIME ZONE 'UTC') AS year,
            month(event_at AT TIME ZONE 'UTC') AS month,
            day(event_at AT TIME ZONE 'UTC') AS day,
            hour(event_at AT TIME ZONE 'UTC') AS hour
        FROM (SELECT *, unnest(\(recipientList)) AS recipientmail FROM events)
        """

    /// The Spark record.
    ///
    /// Sends and rejects have the send time as theirs, and a complaint without a subtype still has its feedback type as
    /// subclass. `filename` is the object's key where the event came from S3.
    private static let sesMail = """
        SELECT
            -- What it is and when it was taken in.
            lower(event_type) AS event_class,
            received_at AT TIME ZONE 'UTC' AS etl_time,
            -- The message.
            sent_at AT TIME ZONE 'UTC' AS timestamp,
            sender AS source,
            account_id AS account,
            message_id,
            common_headers_from AS "from",
            common_headers_to AS "to",
            common_headers_message_id AS "messageId",
            subject,
            -- The event: its time, type and subtype, empty for all but bounces and complaints.
            \(text("event_at")) AS event_time,
            CASE event_type
                WHEN 'Bounce' THEN coalesce(lower(bounce_type), '')
                WHEN 'Complaint' THEN coalesce(complaint_subtype, '')
                ELSE ''
            END AS event_type,
            CASE event_type
                WHEN 'Bounce' THEN coalesce(lower(bounce_subtype), '')
                WHEN 'Complaint' THEN coalesce(complaint_feedback_type, '')
                ELSE ''
            END AS event_subclass,
            -- The recipients that the event itself names and its own fields, both JSON text.
            CASE WHEN event_type IN \(recipientTypes) THEN to_json(recipients)::VARCHAR ELSE '[]' END
                AS event_recipients,
            CASE event_type
                WHEN 'Delivery' THEN to_json(\(Object.delivery))::VARCHAR
                WHEN 'Open' THEN to_json(\(Object.open))::VARCHAR
                WHEN 'Click' THEN to_json(\(Object.click))::VARCHAR
                WHEN 'Bounce' THEN to_json(\(Object.bounce))::VARCHAR
                WHEN 'Complaint' THEN to_json(\(Object.complaint))::VARCHAR
                WHEN 'Reject' THEN to_json(\(Object.reject))::VARCHAR
                WHEN 'Rendering Failure' THEN to_json(\(Object.failure))::VARCHAR
                WHEN 'DeliveryDelay' THEN to_json(\(Object.deliveryDelay))::VARCHAR
                WHEN 'Subscription' THEN to_json(\(Object.subscription))::VARCHAR
                ELSE '{}'
            END AS event_data,
            -- Where it came from.
            CASE WHEN origin LIKE 's3://%' THEN split_part(origin, '/', 3) ELSE 'not-supported' END AS bucket,
            CASE
                WHEN origin LIKE 's3://%' THEN regexp_replace(origin, '^s3://[^/]*/?', '')
                ELSE origin
            END AS filename,
            -- The event's time as a timestamp in UTC.
            event_at AT TIME ZONE 'UTC' AS completion_time
        FROM events
        """
}

// MARK: - Recipients and steps

extension CompatibilityViews {
    /// Events by recipient. The replies stand in the same order as the recipients they are for.
    private static let eventRecipients = """
        SELECT
            -- The event.
            event_id, event_type, event_at, sent_at, message_id, configuration_set, sender, subject,
            -- The recipient, and whether SES says that the event is that recipient's.
            recipient_of_row AS recipient,
            nullif(regexp_extract(recipient_of_row, '@([^@]*)$', 1), '') AS recipient_domain,
            coalesce(len(recipients) > 0, FALSE) AS is_attributed,
            -- The remote server's reply for this recipient.
            reply.action AS bounce_action,
            coalesce(reply.status, delay.status) AS status,
            coalesce(reply.diagnostic_code, delay.diagnostic_code) AS diagnostic_code,
            -- The outcome in short.
            bounce_type, bounce_subtype, complaint_feedback_type, delay_type, link, is_machine
        FROM (
            SELECT
                * EXCLUDE (recipient, recipient_domain),
                list_filter(bounced_recipients, LAMBDA r: r.email_address IS NOT NULL)[position] AS reply,
                list_filter(delayed_recipients, LAMBDA r: r.email_address IS NOT NULL)[position] AS delay,
                all_recipients[position] AS recipient_of_row
            FROM (
                SELECT *, generate_subscripts(all_recipients, 1) AS position
                FROM (SELECT *, \(recipientList) AS all_recipients FROM events)
            )
        )
        """

    /// Events in their order within the message; those of one instant in the order in which SES makes them.
    private static let journeys = """
        SELECT
            -- The message and the step in it.
            message_id,
            row_number() OVER steps AS step,
            event_type,
            event_at,
            -- What came before, how long before, and how long since the send request.
            lag(event_type) OVER steps AS previous_event,
            event_at - lag(event_at) OVER steps AS gap,
            event_at - sent_at AS since_sent,
            -- What happened, in words.
            nullif(CASE event_type
                WHEN 'Send' THEN 'to ' || array_to_string(destination, ', ')
                WHEN 'Delivery' THEN
                    concat_ws(' ', delivery_smtp_response, '(' || delivery_processing_ms || ' ms)')
                WHEN 'Bounce' THEN concat_ws(': ', concat_ws('/', bounce_type, bounce_subtype), bounce_diagnostic)
                WHEN 'Complaint' THEN
                    concat_ws(' by ', coalesce(complaint_feedback_type, 'complaint'), complaint_user_agent)
                WHEN 'Reject' THEN reject_reason
                WHEN 'Open' THEN concat_ws(' on ', coalesce(client_name, user_agent), client_os)
                WHEN 'Click' THEN link
                WHEN 'Rendering Failure' THEN concat_ws(': ', failure_template, failure_message)
                WHEN 'DeliveryDelay' THEN concat_ws(': ', delay_type, delayed_recipients[1].diagnostic_code)
                WHEN 'Subscription' THEN concat_ws(' by ', subscription_contact_list, subscription_source)
            END, '') AS detail,
            -- Whose it is and who did it.
            recipient, recipients, recipient_ambiguous, is_machine, machine_rule,
            -- To filter and join on.
            sender, subject, configuration_set, sent_at, event_id
        FROM events
        WINDOW steps AS (
            PARTITION BY message_id
            ORDER BY
                event_at,
                list_position(
                    ['Send', 'Rendering Failure', 'Reject', 'DeliveryDelay', 'Delivery', 'Bounce', 'Open', 'Click'],
                    event_type
                ) NULLS LAST,
                event_id
        )
        """
}

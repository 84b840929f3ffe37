extension EventColumn {
    static let declarations: [Declaration] = [
        .init("event_id", .text, "Identity of the event: 128-bit hash in hex. Two rows never share it."),
        .init(
            "event_type", .text,
            "The event as SES names it: Send, Delivery, Bounce, Complaint, Reject, Open, Click, Rendering Failure, DeliveryDelay, Subscription, or a type that SES adds later."
        ),
        .init(
            "event_at", .timestamp,
            "When it happened. Send, Reject and Rendering Failure have no time of their own: the time of the send request."
        ),
        .init(
            "sent_at", .timestamp,
            "When the message's send request was made; the same on all events of a message."),
        .init("received_at", .timestamp, "When Sesame took the event in."),
        .init(
            "source_name", .text, "The source that brought it: `import`, or the name of a configured source."),
        .init("origin", .text, "The file, object or request it came in."),
        .init("is_notification", .boolean, "True for an identity notification, false for event publishing."),
        .init("account_id", .text, "The sending AWS account."),
        .init("region", .text, "The AWS region, from the identity's ARN or the envelope."),
        .init("source_arn", .text, "ARN of the identity that sent."),
        .init("source_ip", .text, "IP address of the client that called SES."),
        .init("caller_identity", .text, "IAM user or role that sent."),
        .init("configuration_set", .text, "The configuration set."),
        .init("message_id", .text, "SES's message id."),
        .init("sender", .text, "The envelope's MAIL FROM, as SES gives it; may be `Name <address>`."),
        .init("from_domain", .text, "Domain of the sender, lower case."),
        .init(
            "subject", .text, "Subject; null on the Send of a templated message, since SES renders it later."),
        .init(
            "recipient", .text,
            "The one recipient the event is about, its domain in lower case; null where there are several or SES names none."
        ),
        .init("recipient_domain", .text, "Domain of `recipient`, lower case."),
        .init(
            "recipients", .textList,
            "The recipients the event is about; empty where SES names none and the message has several."),
        .init(
            "recipient_ambiguous", .boolean,
            "True for an open or click of a message with several recipients: SES does not say whose."),
        .init("destination", .textList, "All recipients of the message (To, Cc and Bcc), as SES gives them."),
        .init("tags", .textListMap, "Message tags and SES's own `ses:` tags."),
        .init(
            "headers", .structureList(["name", "value"]), "The message's original headers, in their order."),
        .init("headers_truncated", .boolean, "True where SES cut the headers at 10 kB."),
        .init("common_headers_from", .textList, "From header."),
        .init("common_headers_to", .textList, "To header."),
        .init("common_headers_cc", .textList, "Cc header."),
        .init("common_headers_bcc", .textList, "Bcc header."),
        .init("common_headers_reply_to", .textList, "Reply-To header."),
        .init("common_headers_sender", .text, "Sender header."),
        .init("common_headers_date", .text, "Date header."),
        .init("common_headers_message_id", .text, "Message-ID header."),
        .init("common_headers_return_path", .text, "Return-Path."),
        .init(
            "feedback_id", .text,
            "SES's id of the bounce or complaint. Not unique: several bounces may share one."),
        .init("bounce_type", .text, "Permanent, Transient or Undetermined."),
        .init(
            "bounce_subtype", .text,
            "SES's subtype in SES's own spelling; an abbreviated `OnAccountSuppress…` reads OnAccountSuppressionList."
        ),
        .init(
            "bounced_recipients", .structureList(["email_address", "action", "status", "diagnostic_code"]),
            "Who bounced, with the remote server's reply."),
        .init("bounce_status", .text, "Enhanced status code of the first bounced recipient, such as 5.1.1."),
        .init("bounce_diagnostic", .text, "Reply of the remote server for the first bounced recipient."),
        .init("reporting_mta", .text, "The server that reported."),
        .init("remote_mta_ip", .text, "IP address of the receiving server."),
        .init("complaint_subtype", .text, "Null, OnAccountSuppressionList, or as SES says."),
        .init(
            "complaint_feedback_type", .text,
            "abuse, auth-failure, fraud, not-spam (a correction, no complaint), other, virus."),
        .init("complaint_user_agent", .text, "The system that reported; not the reader's browser."),
        .init("complaint_arrival_at", .timestamp, "When the complaint reached the mailbox provider."),
        .init(
            "complained_recipients", .textList,
            "Who may have complained: providers redact, so SES lists all candidates."),
        .init(
            "delivery_processing_ms", .integer,
            "Milliseconds from SES's acceptance to the handover to the remote server."),
        .init("delivery_smtp_response", .text, "The remote server's reply to the delivery."),
        .init("delay_type", .text, "Why delivery was delayed."),
        .init("delay_expires_at", .timestamp, "When SES will give up."),
        .init(
            "delayed_recipients", .structureList(["email_address", "status", "diagnostic_code"]),
            "Whose delivery is delayed, with the reply."),
        .init("reject_reason", .text, "Why SES rejected the message."),
        .init("failure_template", .text, "The template that could not be rendered."),
        .init("failure_message", .text, "Why it could not be rendered."),
        .init("subscription_contact_list", .text, "The contact list whose preferences changed."),
        .init("subscription_source", .text, "What changed the preferences, such as UnsubscribeHeader."),
        .init("subscription_new", .text, "Topic preferences after the change, JSON."),
        .init("subscription_old", .text, "Topic preferences before the change, JSON."),
        .init("ip_address", .text, "IP address of the open or click, as SES gives it; may be a list of two."),
        .init("user_agent", .text, "User agent of the open or click."),
        .init("link", .text, "The link clicked."),
        .init("link_tags", .textListMap, "Tags of the link."),
        .init(
            "is_machine", .boolean, "True for an open or click that a machine made; null for other events."),
        .init("machine_rule", .text, "The rule that says so, or the proxy that hides the reader."),
        .init("client_kind", .text, "browser, mail app, proxy or scanner."),
        .init("client_name", .text, "The browser, mail app, proxy or scanner."),
        .init("client_os", .text, "The operating system, where the agent names it."),
        .init(
            "extra", .text,
            "JSON of every field Sesame does not know, keyed by its path; original spellings too."),
    ]
}

extension Dimension {
    /// All dimensions by topic, in the order in which they are shown.
    public static let topics: [(title: String, dimensions: [Dimension])] = [
        ("Time", time), ("Message", message), ("Recipient", recipient), ("Outcome", outcome),
        ("Engagement", engagement), ("What happened to the mail at any time", history), ("Any name", named),
    ]

    /// All dimensions.
    public static let all = topics.flatMap(\.dimensions)

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// The dimension of a name; nil if there is none. Those with any name are found by what stands before it.
    public static func named(_ name: String) -> Dimension? { byName[name] }

    private static let time: [Dimension] = [
        Dimension(
            "half_hour", "Half hour", "The half hour in the query's time zone; its beginning in UTC.",
            type: .time, .span(.halfHour)),
        Dimension(
            "hour", "Hour", "The hour in the query's time zone; its beginning in UTC.", type: .time,
            .span(.hour)),
        Dimension("day", "Day", "The day in the query's time zone.", type: .date, .span(.day)),
        Dimension(
            "week", "Week", "The week in the query's time zone, by its Monday.", type: .date, .span(.week)),
        Dimension(
            "month", "Month", "The month in the query's time zone, by its first day.", type: .date,
            .span(.month)),
        Dimension(
            "quarter", "Quarter", "The quarter of the year, by its first day.", type: .date, .span(.quarter)),
        Dimension("year", "Year", "The year, by its first day.", type: .date, .span(.year)),
        Dimension(
            "weekday", "Weekday", "1 is Monday, 7 Sunday; in the query's time zone.", type: .integer,
            .local("isodow($local)")),
        Dimension(
            "hour_of_day", "Hour of the day", "0 to 23, in the query's time zone.", type: .integer,
            .local("hour($local)")),
    ]

    private static let message: [Dimension] = [
        Dimension(
            "event_type", "Event type", "As SES names it, such as Send or Rendering Failure.",
            column: "event_type"),
        Dimension("source", "Source", "The source that brought the event.", column: "source_name"),
        Dimension("account", "Account", "The sending AWS account.", column: "account_id"),
        Dimension("region", "Region", "The AWS region.", column: "region"),
        Dimension(
            "configuration_set", "Configuration set", "The configuration set.", column: "configuration_set"),
        Dimension(
            "identity", "Identity", "The verified identity that sent, from its ARN.",
            column: "nullif(regexp_extract(source_arn, ':identity/(.*)$', 1), '')"),
        Dimension("sender", "Sender", "The envelope's MAIL FROM, as SES gives it.", column: "sender"),
        Dimension("from_domain", "From domain", "The sender's domain.", column: "from_domain"),
        Dimension("campaign", "Campaign", "The message tag `campaign`.", column: "campaign"),
        Dimension(
            "subject", "Subject", "The subject; on a templated message's Send, that of its other events.",
            column: "message_subject", needs: [.subject]),
        Dimension(
            "template", "Template", "The template; SES names it on rendering failures alone.",
            column: "failure_template"),
        Dimension("message", "Message", "SES's message id.", column: "message_id"),
    ]

    private static let recipient: [Dimension] = [
        Dimension(
            "recipient", "Recipient",
            "The address in lower case; none for opens and clicks of a message with several.",
            column: "recipient"),
        Dimension(
            "recipient_domain", "Recipient domain", "The recipient's domain.", column: "recipient_domain"),
        Dimension(
            "isp", "Mailbox provider",
            "The provider behind the recipient's domain; `Other` for domains of no known provider.",
            column: "isp"),
    ]

    private static let outcome: [Dimension] = [
        Dimension(
            "bounce_type", "Bounce type", "Permanent, Transient or Undetermined.", column: "bounce_type"),
        Dimension("bounce_subtype", "Bounce subtype", "SES's subtype.", column: "bounce_subtype"),
        Dimension(
            "diagnostic_class", "Reason", "What the remote server's reply means: \(DiagnosticClasses.names).",
            column: "diagnostic_class"),
        Dimension(
            "diagnostic", "Reply", "The reply of the remote server to the first recipient concerned.",
            column: DiagnosticClasses.reply),
        Dimension(
            "smtp_code", "SMTP code", "Three digits of the remote server's reply, such as 550.",
            column: #"nullif(regexp_extract(\#(DiagnosticClasses.reply), '\b([245][0-9][0-9])\b', 1), '')"#),
        Dimension(
            "smtp_status", "SMTP status", "The enhanced status code of a bounce, such as 5.1.1.",
            column: "bounce_status"),
        Dimension("delay_type", "Delay type", "Why SES delayed the mail.", column: "delay_type"),
        Dimension(
            "complaint_type", "Complaint type", "What the provider calls the complaint, such as abuse.",
            column: "complaint_feedback_type"),
        Dimension(
            "complaint_subtype", "Complaint subtype", "None, or OnAccountSuppressionList.",
            column: "complaint_subtype"),
        Dimension(
            "failure_message", "Rendering error", "Why a template could not be filled.",
            column: "failure_message"),
        Dimension("reject_reason", "Reject reason", "Why SES refused the mail.", column: "reject_reason"),
    ]

    private static let engagement: [Dimension] = [
        Dimension("link", "Link", "The link that was clicked.", column: "link"),
        Dimension(
            "client", "Client", "The browser, mail app, proxy or scanner of an open or click.",
            column: "client_name"),
        Dimension(
            "client_kind", "Kind of client", "browser, mail app, proxy or scanner.", column: "client_kind"),
        Dimension(
            "os", "Operating system", "Of an open or click, where its agent names it.", column: "client_os"),
        Dimension(
            "is_machine", "By a machine", "Whether a machine made the open or click; none for other events.",
            type: .flag, column: "is_machine", needs: [.verdict]),
        Dimension(
            "machine_rule", "Machine rule", "The rule that says so.", column: "machine_rule",
            needs: [.verdict]),
    ]

    private static let history: [Dimension] =
        [
            ("sent", "SES accepted it"), ("delivered", "it was delivered"), ("bounced", "it bounced"),
            ("complained", "its recipient complained"), ("rejected", "SES refused it"),
            ("opened", "it was opened, whoever did"), ("clicked", "it was clicked in, whoever did"),
        ].map {
            Dimension(
                "was_\($0)", "Was \($0)", "Whether \($1), at any time up to now.", type: .flag,
                column: "was_\($0)", needs: [.history])
        }
        + [
            ("opened", "a person opened it"), ("clicked", "a person clicked in it"),
        ].map {
            Dimension(
                "was_\($0)_by_person", "Was \($0) by a person", "Whether \($1), at any time up to now.",
                type: .flag, column: "was_\($0)_by_person", needs: [.personHistory])
        }

    private static let named: [Dimension] = [
        Dimension(
            "tag:NAME", "Tag", "The first value of a message tag, as in `tag:campaign`.",
            .entry("tags[$name][1]")),
        Dimension(
            "header:NAME", "Header",
            "The first header of a name, in any case of letters, as in `header:X-Campaign`.",
            .entry("list_filter(headers, LAMBDA h: lower(h.name) = lower($name))[1].value")),
        Dimension(
            "link_tag:NAME", "Link tag", "The first value of a tag of the link that was clicked.",
            .entry("link_tags[$name][1]")),
        Dimension(
            "DATASET.COLUMN", "Dataset",
            "A column of one of your datasets, joined as `join` of the query says; of several rows the least value.",
            .dataset),
    ]
}

/// Where each field of an SES record goes. What is not listed goes to `extra`.
struct EventField: Sendable {
    let key: StaticString
    let target: Target

    enum Target: Sendable {
        case text(EventColumn)
        case time(EventColumn)
        case integer(EventColumn)
        case flag(EventColumn)
        case texts(EventColumn)
        case map(EventColumn)
        case structures(EventColumn, fields: [StaticString])
        /// `[{"emailAddress": …}]` with nothing else in it.
        case addresses(EventColumn)
        case json(EventColumn)
        case commonHeaders
        /// The time of the event, in its own object.
        case eventTime
        case subtype
    }

    init(_ key: StaticString, _ target: Target) {
        self.key = key
        self.target = target
    }
}

extension EventField {
    /// `mail`: the message that the event is about.
    static let mail: [EventField] = [
        .init("timestamp", .time(.sentAt)),
        .init("messageId", .text(.messageID)),
        .init("source", .text(.sender)),
        .init("sourceArn", .text(.sourceARN)),
        .init("sourceIp", .text(.sourceIP)),
        .init("callerIdentity", .text(.callerIdentity)),
        .init("sendingAccountId", .text(.accountID)),
        .init("destination", .texts(.destination)),
        .init("headersTruncated", .flag(.headersTruncated)),
        .init("headers", .structures(.headers, fields: ["name", "value"])),
        .init("commonHeaders", .commonHeaders),
        .init("tags", .map(.tags)),
    ]

    static let commonHeaders: [EventField] = [
        .init("from", .texts(.commonHeadersFrom)),
        .init("to", .texts(.commonHeadersTo)),
        .init("cc", .texts(.commonHeadersCc)),
        .init("bcc", .texts(.commonHeadersBcc)),
        .init("replyTo", .texts(.commonHeadersReplyTo)),
        .init("sender", .text(.commonHeadersSender)),
        .init("date", .text(.commonHeadersDate)),
        .init("messageId", .text(.commonHeadersMessageID)),
        .init("returnPath", .text(.commonHeadersReturnPath)),
        .init("subject", .text(.subject)),
    ]

    /// The object of each event type, by its key in the record.
    static let objects: [(key: StaticString, fields: [EventField])] = [
        ("send", []),
        ("delivery", delivery),
        ("bounce", bounce),
        ("complaint", complaint),
        ("reject", [.init("reason", .text(.rejectReason))]),
        ("open", engagement),
        ("click", engagement + [.init("link", .text(.link)), .init("linkTags", .map(.linkTags))]),
        (
            "failure",
            [.init("templateName", .text(.failureTemplate)), .init("errorMessage", .text(.failureMessage))]
        ),
        ("deliveryDelay", deliveryDelay),
        ("subscription", subscription),
    ]

    static let delivery: [EventField] = [
        .init("timestamp", .eventTime),
        .init("processingTimeMillis", .integer(.deliveryProcessingMs)),
        .init("recipients", .texts(.recipients)),
        .init("smtpResponse", .text(.deliverySMTPResponse)),
        .init("reportingMTA", .text(.reportingMTA)),
        .init("remoteMtaIp", .text(.remoteMTAIP)),
    ]

    static let bounce: [EventField] = [
        .init("timestamp", .eventTime),
        .init("feedbackId", .text(.feedbackID)),
        .init("bounceType", .text(.bounceType)),
        .init("bounceSubType", .subtype),
        .init(
            "bouncedRecipients",
            .structures(.bouncedRecipients, fields: ["emailAddress", "action", "status", "diagnosticCode"])),
        .init("reportingMTA", .text(.reportingMTA)),
        .init("remoteMtaIp", .text(.remoteMTAIP)),
    ]

    static let complaint: [EventField] = [
        .init("timestamp", .eventTime),
        .init("feedbackId", .text(.feedbackID)),
        .init("complaintSubType", .text(.complaintSubtype)),
        .init("complaintFeedbackType", .text(.complaintFeedbackType)),
        .init("userAgent", .text(.complaintUserAgent)),
        .init("arrivalDate", .time(.complaintArrivalAt)),
        .init("complainedRecipients", .addresses(.complainedRecipients)),
    ]

    static let engagement: [EventField] = [
        .init("timestamp", .eventTime),
        .init("ipAddress", .text(.ipAddress)),
        .init("userAgent", .text(.userAgent)),
    ]

    static let deliveryDelay: [EventField] = [
        .init("timestamp", .eventTime),
        .init("delayType", .text(.delayType)),
        .init("expirationTime", .time(.delayExpiresAt)),
        .init("reportingMTA", .text(.reportingMTA)),
        .init(
            "delayedRecipients",
            .structures(.delayedRecipients, fields: ["emailAddress", "status", "diagnosticCode"])),
    ]

    static let subscription: [EventField] = [
        .init("timestamp", .eventTime),
        .init("contactList", .text(.subscriptionContactList)),
        .init("source", .text(.subscriptionSource)),
        .init("newTopicPreferences", .json(.subscriptionNew)),
        .init("oldTopicPreferences", .json(.subscriptionOld)),
    ]
}

extension Metric {
    /// What was sent and what became of it.
    static let volume: [Metric] = [
        Metric(
            "sends", "Sends", "Mails that SES accepted for sending.", formula: "mails with a Send",
            good: .neutral,
            .mails(EventCondition("Send"))),
        Metric(
            "eligible_sends", "Eligible sends", "Mails that count in AWS's bounce and complaint rates.",
            formula: "mails with a Send, less those that a suppression list of the account or tenant stopped",
            leftOut:
                "mail to the mailbox simulator; mail stopped by the account's or tenant's suppression list",
            .difference("real_sends", "list_suppressed")),
        Metric(
            "real_sends", "Sends without the simulator's",
            "Mails that SES accepted for sending to real addresses.", formula: "mails with a Send",
            leftOut: "mail to the mailbox simulator",
            .mails(EventCondition("Send", where: Rule.isReal))),
        Metric(
            "deliveries", "Deliveries", "Mails that the recipient's server accepted.",
            formula: "mails with a Delivery",
            good: .up, .mails(EventCondition("Delivery"))),
        Metric(
            "delivery_rate", "Delivery rate", "How many of the mails sent were delivered.", "deliveries",
            per: "sends",
            good: .up),
        Metric(
            "rejects", "Rejects", "Mails that SES refused to send, as for a virus.",
            formula: "mails with a Reject",
            good: .down, .mails(EventCondition("Reject"))),
        Metric(
            "rendering_failures", "Rendering failures",
            "Mails that were not sent since their template could not be filled.",
            formula: "mails with a Rendering Failure", good: .down,
            .mails(EventCondition("Rendering Failure"))),
        Metric(
            "events", "Events", "Events of any type; one that is about several recipients counts once.",
            formula: "events", .events(EventCondition())),
        Metric(
            "mails", "Mails", "Different mails with an event of any type.",
            formula:
                "different message and recipient; an open or click of a message with several recipients is nobody's, and counts as one more",
            .distinct(.mail, EventCondition())),
        Metric(
            "messages", "Messages",
            "Different messages with an event of any type, however many recipients each has.",
            formula: "different message ids", .distinct(.message, EventCondition())),
        Metric(
            "senders", "Senders", "Different senders.", formula: "different `sender`, with any event",
            .distinct(.sender, EventCondition())),
        Metric(
            "reach", "Reach", "Different addresses that mail was delivered to.",
            formula: "different recipients with a Delivery, in any case of letters", good: .up,
            .distinct(.recipient, EventCondition("Delivery"))),
        Metric(
            "frequency", "Frequency", "Mails delivered to an address, on average.", "deliveries",
            per: "reach",
            unit: .average, good: .neutral),
    ]

    /// Whether events are missing.
    static let intake: [Metric] = [
        Metric(
            "settled_sends", "Sends with an outcome",
            "Mails of which it is known by now that they were delivered, bounced, rejected or stopped by a suppression list.",
            formula: "mails with a Send and, at any time since, such an event", good: .up,
            .mails(EventCondition("Send", where: "has_outcome", needs: [.outcome]))),
        Metric(
            "due_sends", "Sends due",
            "Mails that have an outcome or are older than six hours, and should have one.",
            formula: "mails with a Send and an outcome, or six hours old",
            .mails(EventCondition("Send", where: "(has_outcome OR sent_at < $due)", needs: [.outcome]))),
        Metric(
            "intake_completeness", "Intake completeness",
            "How many of the mails that should have an outcome have one here; what is missing was lost on its way to Sesame, "
                + "is not subscribed to, or is still delayed.",
            "settled_sends", per: "due_sends", leftOut: "mail younger than six hours without an outcome",
            good: .up),
    ]
}

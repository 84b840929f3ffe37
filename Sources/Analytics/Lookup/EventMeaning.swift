import Primitives

/// What an event means for the mail, in a sentence, as SQL over the columns of `events`.
enum EventMeaning {
    static let sql = "CASE \(cases.map { "WHEN \($0) THEN \(SQL.literal($1))" }.joined(separator: " ")) END"

    // The first that holds speaks.
    private static let cases: [(condition: String, words: String)] =
        [
            ("event_type = 'Send'", "SES accepted the message and will try to deliver it."),
            (
                "event_type = 'Delivery'",
                "The recipient's mail server took the message. Whether it lies in the inbox or in spam, SES cannot know."
            ),
        ] + bounces + [
            (
                "event_type = 'DeliveryDelay'",
                "The recipient's mail server did not take the message yet. SES keeps trying."
            ),
            (
                "event_type = 'Complaint' AND complaint_feedback_type = 'not-spam'",
                "The recipient took it out of the spam folder: this takes a complaint back."
            ),
            (
                "event_type = 'Complaint' AND \(Rule.isListComplaint)",
                "SES did not send it: the address is on a suppression list because of a complaint."
            ),
            ("event_type = 'Complaint'", "The recipient called the message spam."),
            ("event_type = 'Reject'", "SES took the message and then refused to send it."),
            (
                "event_type = 'Rendering Failure'",
                "SES could not fill in the template. Nothing was sent."
            ),
            (
                "event_type = 'Open' AND \(Rule.isMachine)",
                "A machine fetched the message's images; it says nothing of a reader."
            ),
            ("event_type = 'Open'", "The message's images were loaded: somebody opened it."),
            (
                "event_type = 'Click' AND \(Rule.isMachine)",
                "A machine followed the link; it says nothing of a reader."
            ),
            ("event_type = 'Click'", "Somebody followed a link of the message."),
            ("event_type = 'Subscription'", "The recipient changed what they want to receive."),
        ]

    private static let bounces: [(condition: String, words: String)] = [
        (
            "event_type = 'Bounce' AND \(Rule.isListSuppressed)",
            "SES did not send it: the address is on your own suppression list. It does not count against you."
        ),
        (
            "event_type = 'Bounce' AND bounce_subtype = 'Suppressed'",
            "SES did not send it: the address is on SES's global suppression list, since it bounced for somebody lately. It counts as a bounce."
        ),
        (
            "event_type = 'Bounce' AND bounce_subtype = 'NoEmail'",
            "The address does not exist. Do not write to it again."
        ),
        (
            "event_type = 'Bounce' AND bounce_subtype = 'MailboxFull'",
            "The mailbox was full, and SES has given up. A later message may arrive."
        ),
        (
            "event_type = 'Bounce' AND bounce_type = 'Permanent'",
            "The recipient's mail server refused it for good. Do not write to this address again before you know why."
        ),
        (
            "event_type = 'Bounce' AND bounce_type = 'Transient'",
            "The recipient's mail server did not take it, and SES has given up. A later message may arrive."
        ),
        ("event_type = 'Bounce'", "It did not arrive, and SES cannot tell from the reply why."),
    ]
}

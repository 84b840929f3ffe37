extension Metric {
    /// Opens, clicks and unsubscribes. Machines are told from people by the rules of the view `engagements`.
    static let engagement: [Metric] =
        opens + clicks + [
            timeToOpen(50, "half of the mails"), timeToOpen(90, "nine of ten mails"),
            Metric(
                "click_to_open_rate", "Click-to-open rate",
                "How many of the mails that a person opened a person clicked in.",
                "unique_human_clicks", per: "unique_human_opens", leftOut: "machines", good: .up),
            Metric(
                "unsubscribes", "Unsubscribes", "Changes of preferences after which a recipient gets less.",
                formula: "Subscription events after which more topics are left than before, or all",
                good: .down,
                .mails(EventCondition("Subscription", where: Rule.isUnsubscribe))),
            Metric(
                "unsubscribe_rate", "Unsubscribe rate", "Unsubscribes for each mail delivered.",
                "unsubscribes",
                per: "deliveries", good: .down),
        ]

    private static func timeToOpen(_ percent: Int, _ share: String) -> Metric {
        Metric(
            "time_to_open_p\(percent)", "Time to open, p\(percent)",
            "Milliseconds from sending within which \(share) that a person opened were opened for the first time, of the mails sent in the time asked for.",
            formula:
                "percentile \(percent) of the time from the Send to the mail's first Open by a person, whenever that was, each with three significant digits",
            unit: .milliseconds,
            leftOut:
                "mail that no person opened; messages with several recipients, of whose opens SES does not say whose they are",
            .quantile(
                Double(percent) / 100,
                of: "greatest(epoch_ms(first_opened_by_person_at) - epoch_ms(sent_at), 0)",
                EventCondition(
                    "Send", where: "first_opened_by_person_at IS NOT NULL", needs: [.opening]),
                sample: "unique_human_opens"))
    }

    private static let opens: [Metric] = [
        Metric(
            "opens", "Opens", "Opens, each time, whoever made them.", formula: "Open events", good: .up,
            .mails(EventCondition("Open"))),
        Metric(
            "human_opens", "Opens by people", "Opens, each time.", formula: "Open events",
            leftOut: "machines", good: .up,
            .mails(EventCondition("Open", where: Rule.isPerson, needs: [.verdict]))),
        Metric(
            "machine_opens", "Opens by machines", "Opens by scanners, proxies and prefetching mail apps.",
            formula: "Open events", leftOut: "people",
            .mails(EventCondition("Open", where: Rule.isMachine, needs: [.verdict]))),
        Metric(
            "unique_opens", "Unique opens",
            "Mails that were opened, whoever did. A message to several recipients counts once: SES does not say whose open it is.",
            formula: "different mails with an Open", good: .up, .distinct(.mail, EventCondition("Open"))),
        Metric(
            "unique_human_opens", "Unique opens by people",
            "Mails that a person opened; counted as unique opens are.",
            formula: "different mails with an Open", leftOut: "machines", good: .up,
            .distinct(.mail, EventCondition("Open", where: Rule.isPerson, needs: [.verdict]))),
        Metric(
            "open_rate", "Open rate", "How many of the mails delivered a person opened.",
            "unique_human_opens",
            per: "deliveries", leftOut: "machines", good: .up),
        Metric(
            "open_rate_with_machines", "Open rate with machines",
            "How many of the mails delivered were opened.",
            "unique_opens", per: "deliveries", good: .up),
    ]

    private static let clicks: [Metric] = [
        Metric(
            "clicks", "Clicks", "Clicks, each time, whoever made them.", formula: "Click events", good: .up,
            .mails(EventCondition("Click"))),
        Metric(
            "human_clicks", "Clicks by people", "Clicks, each time.", formula: "Click events",
            leftOut: "machines",
            good: .up, .mails(EventCondition("Click", where: Rule.isPerson, needs: [.verdict]))),
        Metric(
            "machine_clicks", "Clicks by machines", "Clicks by scanners that follow links.",
            formula: "Click events",
            leftOut: "people", .mails(EventCondition("Click", where: Rule.isMachine, needs: [.verdict]))),
        Metric(
            "unique_clicks", "Unique clicks",
            "Mails with a link that was clicked, whoever did; counted as unique opens are.",
            formula: "different mails with a Click", good: .up, .distinct(.mail, EventCondition("Click"))),
        Metric(
            "unique_human_clicks", "Unique clicks by people", "Mails with a link that a person clicked.",
            formula: "different mails with a Click", leftOut: "machines", good: .up,
            .distinct(.mail, EventCondition("Click", where: Rule.isPerson, needs: [.verdict]))),
        Metric(
            "click_rate", "Click rate", "How many of the mails delivered a person clicked in.",
            "unique_human_clicks",
            per: "deliveries", leftOut: "machines", good: .up),
        Metric(
            "click_rate_with_machines", "Click rate with machines",
            "How many of the mails delivered were clicked in.",
            "unique_clicks", per: "deliveries", good: .up),
    ]
}

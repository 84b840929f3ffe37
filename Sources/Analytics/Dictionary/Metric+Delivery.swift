extension Metric {
    /// How long mail takes, and what is late.
    static let timing: [Metric] = [
        Metric(
            "delays", "Delays", "Times that SES reported a mail as delayed.",
            formula: "mails with a DeliveryDelay, each time",
            good: .down, .mails(EventCondition("DeliveryDelay"))),
        Metric(
            "delayed_mails", "Delayed mails", "Mails that SES reported as delayed at least once.",
            formula: "different mails with a DeliveryDelay", good: .down,
            .distinct(.mail, EventCondition("DeliveryDelay"))),
        Metric(
            "delay_rate", "Delay rate", "How many of the mails sent were delayed.", "delayed_mails",
            per: "sends",
            good: .down),
        Metric(
            "open_delays", "Delays still open", "Delayed mails of which nothing was heard since.",
            formula:
                "different mails with a DeliveryDelay and, up to now, no delivery, bounce, reject, open, click or complaint",
            good: .down,
            .distinct(
                .mail,
                EventCondition("DeliveryDelay", where: "NOT (has_outcome OR is_answered)", needs: [.outcome]))
        ),
        percentile(50, "half of the mails"), percentile(90, "nine of ten mails"),
        percentile(99, "99 of 100 mails"),
    ]

    private static func percentile(_ percent: Int, _ share: String) -> Metric {
        Metric(
            "time_to_deliver_p\(percent)", "Time to deliver, p\(percent)",
            "Milliseconds from SES's acceptance to the handover within which \(share) were delivered.",
            formula:
                "percentile \(percent) of `delivery_processing_ms` of mails with a Delivery, each with three significant digits, between two values where it falls there",
            unit: .milliseconds, good: .down,
            .quantile(
                Double(percent) / 100, of: "delivery_processing_ms", EventCondition("Delivery"),
                sample: "deliveries"))
    }
}

extension Metric {
    /// Bounces, complaints and what AWS makes of them.
    static let reputation: [Metric] = [
        Metric(
            "bounces", "Bounces", "Mails that bounced, for whatever reason.", formula: "mails with a Bounce",
            good: .down,
            .mails(EventCondition("Bounce"))),
        Metric(
            "hard_bounces", "Hard bounces",
            "Mails that bounced for good; those that a suppression list stopped are in.",
            formula: "mails with a Bounce of type Permanent", good: .down,
            .mails(EventCondition("Bounce", where: "bounce_type = 'Permanent'"))),
        Metric(
            "soft_bounces", "Soft bounces",
            "Mails that bounced for a passing reason, such as a full mailbox.",
            formula: "mails with a Bounce of type Transient", good: .down,
            .mails(EventCondition("Bounce", where: "bounce_type = 'Transient'"))),
        Metric(
            "undetermined_bounces", "Undetermined bounces",
            "Mails that bounced, and the reply does not say why.",
            formula: "mails with a Bounce of any other type", good: .down,
            .mails(
                EventCondition(
                    "Bounce", where: "coalesce(bounce_type NOT IN ('Permanent', 'Transient'), true)"))),
        Metric(
            "counted_bounces", "Bounces that count", "Hard bounces that AWS holds against the sender.",
            formula: "mails with a Bounce of type Permanent",
            leftOut:
                "the mailbox simulator; the account's or tenant's suppression list. SES's global list (`Suppressed`) is in",
            good: .down, .mails(EventCondition("Bounce", where: Rule.isCountedBounce))),
        Metric(
            "bounce_rate", "Bounce rate",
            "The bounce rate by AWS's rules, of the mails sent in the time asked for. AWS reviews accounts at 5 % and may pause at 10 %.",
            "counted_bounces", per: "eligible_sends",
            leftOut:
                "soft bounces; the mailbox simulator; the account's or tenant's suppression list. Bounces of domains that you verified, "
                + "which AWS leaves out too, cannot be told from events",
            good: .down),
        Metric(
            "soft_bounce_rate", "Soft bounce rate",
            "How many of the mails sent bounced for a passing reason.",
            "soft_bounces", per: "sends", good: .down),
        Metric(
            "complaints", "Complaints",
            "Complaints of recipients. One whose author SES cannot name counts once.",
            formula: "Complaint events", leftOut: "`not-spam`, which takes a complaint back", good: .down,
            .mails(EventCondition("Complaint", where: Rule.isComplaint))),
        Metric(
            "counted_complaints", "Complaints that count", "Complaints that AWS holds against the sender.",
            formula: "Complaint events",
            leftOut:
                "`not-spam`; the mailbox simulator; complaints that only say that the suppression list stopped the mail",
            good: .down, .mails(EventCondition("Complaint", where: Rule.isCountedComplaint))),
        Metric(
            "complaint_rate", "Complaint rate",
            "The complaint rate by AWS's rules, of the mails sent in the time asked for. AWS reviews accounts at 0.1 % and may pause at 0.5 %. "
                + "Gmail sends no complaints to SES.",
            "counted_complaints", per: "eligible_sends",
            leftOut:
                "`not-spam`; the mailbox simulator; the suppression lists. AWS divides by the mail to providers that report complaints, "
                + "which it does not name",
            good: .down),
        Metric(
            "representative_volume", "Representative volume",
            "The newest eligible mails, at most as many as `representative_volume` of the query says.",
            formula:
                "of the mails sent in the 90 days before the end of the time asked for, the newest 10,000",
            leftOut: "what `eligible_sends` leaves out", .representative(.volume)),
        Metric(
            "representative_bounces", "Bounces of the representative volume",
            "Those of the newest eligible mails that bounced so that it counts, whenever that was.",
            formula: "mails of the representative volume with a counted bounce", good: .down,
            .representative(.bounces)),
        Metric(
            "representative_complaints", "Complaints of the representative volume",
            "Those of the newest eligible mails with a complaint that counts, whenever that was.",
            formula: "mails of the representative volume with a counted complaint", good: .down,
            .representative(.complaints)),
        Metric(
            "representative_bounce_rate", "Bounce rate, representative volume",
            "The bounce rate of the newest eligible mails, which is how AWS looks at it; AWS's own volume is not published. By time: as it stood "
                + "after the last mail of each span.",
            "representative_bounces", per: "representative_volume", good: .down),
        Metric(
            "representative_complaint_rate", "Complaint rate, representative volume",
            "The complaint rate of the newest eligible mails, as above.", "representative_complaints",
            per: "representative_volume", good: .down),
        Metric(
            "suppressed", "Suppressed",
            "Mails that SES did not try to deliver since a suppression list has the address: SES's, the account's or a tenant's, or since it failed "
                + "validation or unsubscribed.",
            formula: "mails with such a Bounce or Complaint", good: .down,
            .mails(EventCondition("Bounce", "Complaint", where: Rule.isSuppressed))),
        Metric(
            "list_suppressed", "Suppressed by your list",
            "Mails that the account's or tenant's own suppression list stopped.",
            formula: "mails with a Bounce of subtype OnAccountSuppressionList or OnTenantSuppressionList",
            leftOut: "the mailbox simulator", good: .down,
            .mails(EventCondition("Bounce", where: "\(Rule.isListSuppressed) AND \(Rule.isReal)"))),
        Metric(
            "suppression_rate", "Suppression rate", "How many of the mails sent a suppression list stopped.",
            "suppressed", per: "sends", good: .down),
    ]
}

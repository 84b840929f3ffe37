/// Conditions that more than one metric is made of, as SQL over facts. None is ever null.
enum Rule {
    /// Mail to the mailbox simulator is a test.
    static let isReal = "recipient_domain IS DISTINCT FROM 'simulator.amazonses.com'"

    /// The account's or tenant's own suppression list stopped it: AWS counts neither the bounce nor the send.
    static let isListSuppressed =
        "coalesce(bounce_subtype LIKE 'OnAccountSuppress%' OR bounce_subtype LIKE 'OnTenantSuppress%', false)"

    /// A bounce that AWS counts. SES's global list (`Suppressed`) is in.
    static let isCountedBounce = "bounce_type = 'Permanent' AND NOT \(isListSuppressed) AND \(isReal)"

    /// `not-spam` takes a complaint back.
    static let isComplaint = "complaint_feedback_type IS DISTINCT FROM 'not-spam'"

    /// A complaint that says no more than that the suppression list stopped the mail.
    static let isListComplaint = "coalesce(complaint_subtype LIKE 'On%Suppress%', false)"

    /// A complaint that AWS counts.
    static let isCountedComplaint = "\(isComplaint) AND NOT \(isListComplaint) AND \(isReal)"

    /// A list stopped it, whoever's.
    static let isSuppressed = """
        (\(isListSuppressed) OR \(isListComplaint) OR coalesce(bounce_subtype IN \
        ('Suppressed', 'EmailValidationSuppressed', 'UnsubscribedRecipient'), false))
        """

    static let isMachine = "coalesce(is_machine, false)"
    static let isPerson = "NOT coalesce(is_machine, false)"

    /// More topics are left than before, or all at once. An event that does not say what changed is believed.
    static let isUnsubscribe = """
        (subscription_new IS NULL \
        OR \(leavesAll("subscription_new")) AND NOT coalesce(\(leavesAll("subscription_old")), false) \
        OR \(topicsLeft("subscription_new")) > coalesce(\(topicsLeft("subscription_old")), 0))
        """

    private static func leavesAll(_ column: String) -> String {
        #"regexp_matches(\#(column), '"unsubscribeAll"\s*:\s*true')"#
    }

    private static func topicsLeft(_ column: String) -> String {
        #"len(regexp_extract_all(\#(column), '"OptOut"'))"#
    }

    /// What tells what became of a mail; as in `intake_completeness`.
    static let isOutcome = """
        event_type IN ('Delivery', 'Bounce', 'Reject', 'Rendering Failure') \
        OR event_type = 'Complaint' AND \(isListComplaint)
        """

    /// The types of events that are one.
    static let outcomeTypes = ["Delivery", "Bounce", "Reject", "Rendering Failure", "Complaint"]
}

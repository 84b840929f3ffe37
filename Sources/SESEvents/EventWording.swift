/// What events say to a person, as SQL over the columns of `events` and `messages`: the same words on the page, in the API and on
/// the command line.
public enum EventWording {
    /// What an event says: the server's reply, the bounce's type and diagnostic, the link and the client.
    public static let says = """
        CASE event_type
            WHEN 'Delivery' THEN delivery_smtp_response
            WHEN 'Bounce' THEN concat_ws(' · ', concat_ws('/', bounce_type, bounce_subtype), \
        CASE WHEN len(bounced_recipients) > 1 THEN array_to_string(list_transform(bounced_recipients, \
        lambda r: concat_ws(' ', r.email_address, r.status, r.diagnostic_code)), '; ') \
        ELSE coalesce(bounce_diagnostic, bounce_status) END)
            WHEN 'Complaint' THEN concat_ws(' · ', complaint_feedback_type, complaint_subtype, complaint_user_agent)
            WHEN 'Reject' THEN reject_reason
            WHEN 'Rendering Failure' THEN concat_ws(': ', failure_template, failure_message)
            WHEN 'DeliveryDelay' THEN concat_ws(' · ', delay_type, \
        coalesce(delayed_recipients[1].diagnostic_code, delayed_recipients[1].status), 'SES tries until ' || \
        strftime(delay_expires_at AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M'))
            WHEN 'Open' THEN \(client)
            WHEN 'Click' THEN concat_ws(' · ', link, \(client))
            WHEN 'Subscription' THEN concat_ws(' · ', subscription_source, subscription_contact_list, subscription_new)
            ELSE NULL END
        """

    /// The same, and behind it whether a machine made the open or click.
    public static let saysWithMachine = """
        CASE WHEN event_type NOT IN ('Open', 'Click') THEN \(says)
        ELSE concat_ws(' · ', nullif(\(says), ''), \
        CASE WHEN is_machine THEN 'machine (' || coalesce(machine_rule, 'unknown rule') || ')' \
        WHEN machine_rule IS NOT NULL THEN 'via ' || machine_rule END) END
        """

    /// Why a mail of `messages` did not arrive, in SES's and the remote server's words; null for what arrived or is on its way.
    public static let bounceReason = """
        CASE WHEN furthest_state IN ('bounced', 'soft bounced') THEN \
        concat_ws(' · ', concat_ws('/', bounce_type, bounce_subtype), bounce_diagnostic) END
        """

    /// States of `messages` whose reason only `events` knows, and the events that tell it.
    public static let unexplainedStates = ["delayed", "rejected", "rendering failed"]
    /// The events that tell it.
    public static let explainingTypes = ["DeliveryDelay", "Reject", "Rendering Failure"]

    /// The place of an event among those of the same instant: as they happen to a mail.
    public static let place = """
        coalesce(list_position(['Send', 'Delivery', 'Bounce', 'Complaint', 'Reject', 'Open', 'Click', 'Rendering Failure', \
        'DeliveryDelay', 'Subscription'], event_type), 99)
        """

    private static let client = "nullif(concat_ws(' on ', coalesce(client_name, user_agent), client_os), '')"
}

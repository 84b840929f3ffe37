import Analytics

extension CompatibilityViews {
    /// Opens and clicks with the verdict of ``EngagementVerdict``.
    static let engagements = """
        WITH \(EngagementVerdict.tables(isMaterialized: false))
        SELECT
            event_id, event_type, event_at, sent_at, message_id, recipient, recipients, recipient_domain,
            recipient_ambiguous, link, link_tags, ip_address, user_agent,
            client_kind, client_name, client_os, configuration_set, sender, subject, tags,
            is_machine, machine_rule
        FROM (\(EngagementVerdict.select()))
        """
}

import Primitives

/// What a remote server's reply to a bounced or delayed mail means, told from its words.
///
/// Servers word the same thing in a hundred ways; the first rule that fits decides, so the special ones stand before the
/// general ones. What none fits is `other`, and shows that a rule is missing.
enum DiagnosticClasses {
    /// A class, and the pattern (RE2, over lower case) of replies that are of it.
    static let rules: [(name: String, pattern: String)] = [
        (
            "authentication",
            #"\b(spf|dkim|dmarc|arc)\b|unauthenticated|not authenticated|5\.7\.(2[0-9]|30|31)\b"#
        ),
        (
            "mailbox full",
            #"(mailbox|inbox|account|storage).{0,30}\bfull\b|quota|out of storage|insufficient.{0,10}storage|\b[45]\.2\.2\b"#
        ),
        ("message too large", #"too (large|big)|size limit|exceeds.{0,30}size|\b5\.3\.4\b"#),
        (
            "rate limited",
            #"rate.{0,10}limit|too many|too (fast|frequent)|throttl|greylist|graylist|try again later|temporarily deferred|\b4\.7\.28\b"#
        ),
        ("blocked", #"block|blacklist|listed|spamhaus|barracuda|reputation|banned|not accepted from"#),
        ("content", #"spam|junk|content|virus|malware|phish|attachment|policy"#),
        (
            "unknown recipient",
            #"user unknown|unknown (user|recipient|address|mailbox)|no such (user|recipient|mailbox|address)|does(n't| not) exist|not found|mailbox unavailable|invalid (recipient|user|address|mailbox)|no mailbox|\b5\.1\.(1|10|0)\b"#
        ),
        ("inactive account", #"disabled|inactive|suspended|deactivated|expired|closed|\b5\.2\.1\b"#),
        (
            "server unreachable",
            #"\bdns\b|\bmx\b|host|unrouteable|no route|connect|timed? ?out|unreachable|network|\b[45]\.4\.[0-9]+\b"#
        ),
        ("refused", #"denied|refused|not permitted|not allowed|rejected|\b5\.7\.[0-9]+\b"#),
    ]

    /// The names for people.
    static let names = (["suppression list"] + rules.map(\.name) + ["other"]).joined(separator: ", ")

    /// The reply of the remote server, as SQL.
    static let reply =
        "coalesce(bounce_diagnostic, delay_diagnostic, delivery_smtp_response)"

    /// SQL over facts as SQL over `events`, which name the reply to a delay otherwise.
    static func ofEvents(_ sql: String) -> String {
        sql.replacing("delay_diagnostic", with: "delayed_recipients[1].diagnostic_code")
    }

    /// The class, as SQL; null for events that are no bounce or delay.
    static let sql: String = {
        let text = "lower(coalesce(bounce_diagnostic, delay_diagnostic))"
        let cases = rules.map { "WHEN regexp_matches(\(text), \(SQL.literal($0.pattern))) THEN '\($0.name)'" }
        return """
            CASE WHEN event_type NOT IN ('Bounce', 'DeliveryDelay') THEN NULL WHEN \(Rule.isSuppressed) \
            THEN 'suppression list' \(cases.joined(separator: " ")) ELSE 'other' END
            """
    }()
}

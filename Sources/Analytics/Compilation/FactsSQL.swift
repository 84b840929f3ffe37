import Primitives

/// Facts: rows of `events`, one for each recipient that an event is about, which is what metrics count.
///
/// - `recipient` is in lower case: the same address is one, however it is written.
/// - A Send, Delivery, Bounce, DeliveryDelay, Reject, Rendering Failure or Subscription of several recipients is a fact for
///   each. Repeated addresses are one.
/// - A Complaint is one fact: providers hide who complained, and SES lists all candidates, of whom the first stands here.
/// - An Open or Click is one fact; of a message with several recipients it is nobody's, and `recipient` is null.
/// - `shared_event_id` is set where an event has several facts, so that it can be counted once.
/// - `mail` is message and recipient in 128 bits, as the identity of an event is: those are told apart three times as fast as texts.
///
/// Nearly all events have one recipient, so those go a way of their own, on which no list is read.
struct FactsSQL {
    /// Whether opens and clicks have the verdict of ``EngagementVerdict``, whose tables the statement has then.
    var hasVerdict = false
    /// Whether the columns are there that a few questions ask for and that take much space.
    var isWide = false
    /// Whether all columns of `events` are there, for lists of events; no fact that was made beforehand has them.
    var isWhole = false
    /// What is in `_facts` already.
    var coverage = FactCoverage.none
    /// Of these those of these times alone, as SQL; nil for all.
    var madeBefore: [String]?

    /// The table of facts that were made beforehand.
    static let table = "_facts"
    /// The table of the others, where a statement makes them once; see ``FactCoverage/isRestShared``.
    static let sharedTable = "_rest"

    /// The columns that are those of `events`.
    private static let taken = [
        "event_type", "event_at", "sent_at", "message_id", "source_name", "account_id", "region",
        "configuration_set", "source_arn", "sender", "from_domain", "subject", "tags", "bounce_type",
        "bounce_subtype", "bounce_status", "bounce_diagnostic", "complaint_feedback_type",
        "complaint_subtype", "delivery_processing_ms", "delivery_smtp_response", "delay_type",
        "reject_reason", "failure_template", "failure_message", "subscription_new", "subscription_old",
        "link", "link_tags",
        "is_machine", "machine_rule", "client_name", "client_kind", "client_os",
    ]
    /// The tag that is a column of its own.
    static let campaign = "tags['campaign'][1]"

    /// One of an event's recipients.
    private static let unnested = "one"
    private static let made = [
        "delay_diagnostic", "recipient", "recipient_domain", "shared_event_id", "mail", "campaign",
        halfHour, "isp", "diagnostic_class",
    ]
    /// The half hour of the event. A list of these is a filter by which the engine leaves row groups out; one of ranges of times is not.
    static let halfHour = "half_hour_at"

    /// The columns of all facts.
    static let columns = taken + made

    /// Those of them that SQL of conditions and dimensions names outside of its literals.
    static func columns(namedIn sql: String) -> Set<String> {
        let code = sql.split(separator: "'", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset.isMultiple(of: 2) }.map(\.element)
        let words = code.flatMap { $0.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init) }
        return Set(words).intersection(columns)
    }

    /// SQL of the facts of the events for which a condition holds, which may name ``halfHour`` as well.
    func sql(where condition: String) -> String {
        let isShared = coverage.isRestShared && !isWhole
        var arms: [String] = []
        if coverage.hasFiles, !isWhole, madeBefore?.isEmpty != true {
            let times = madeBefore.map { " AND (\($0.joined(separator: " OR ")))" } ?? ""
            let columns = isShared ? "*" : Self.columns.joined(separator: ", ")
            arms.append("SELECT \(columns) FROM \(Self.table) WHERE \(condition)\(times)")
        }
        if isShared {
            // It has the columns alone that the statement names elsewhere.
            arms.append("SELECT * FROM \(Self.sharedTable) WHERE \(condition)")
        } else if coverage.hasRest || arms.isEmpty {
            let rest = coverage.rest == nil ? "" : " AND \(coverage.condition())"
            arms.append(fresh(where: condition + rest))
        }
        return arms.joined(separator: isShared ? "\nUNION ALL BY NAME\n" : "\nUNION ALL\n")
    }

    /// Facts made of `events`.
    private func fresh(where asked: String) -> String {
        // Events have no such column.
        let condition = asked.replacing(Self.halfHour, with: CountsCut.halfHour("event_at"))
        let engaged = "event_type IN ('Open', 'Click')"
        let single =
            hasVerdict ? "recipient IS NOT NULL AND NOT \(engaged)" : "(recipient IS NOT NULL OR \(engaged))"
        let own = { (source: String) in
            arm(source, recipient: "lower(recipient)", domain: "recipient_domain", shared: "NULL::VARCHAR")
        }
        let several = """
            (SELECT *, unnest(
                CASE
                    WHEN len(recipients) = 0 OR recipients IS NULL THEN [NULL::VARCHAR]
                    WHEN event_type = 'Complaint' THEN [lower(recipients[1])]
                    ELSE list_distinct(list_transform(recipients, LAMBDA r: lower(r)))
                END
            ) AS \(Self.unnested)
            FROM events WHERE \(condition) AND recipient IS NULL AND NOT \(engaged))
            """
        let arms = [
            own("events WHERE \(condition) AND \(single)"),
            arm(
                several, recipient: Self.unnested,
                domain: "CASE WHEN contains(one, '@') THEN split_part(one, '@', -1) END", shared: "event_id"),
        ]
        let all = hasVerdict ? arms + [own("(\(EngagementVerdict.select(where: condition)))")] : arms
        let union = all.joined(separator: isWhole ? "\nUNION ALL BY NAME\n" : "\nUNION ALL\n")
        return
            "SELECT *, \(MailboxProviders.sql) AS isp, \(DiagnosticClasses.sql) AS diagnostic_class FROM (\(union))"
    }

    private func arm(_ source: String, recipient: String, domain: String, shared: String) -> String {
        // The length in front keeps a message id that has a slash from being taken for another with a recipient.
        let mail = "md5(concat(length(message_id), ':', message_id, '/' || \(recipient)))::UUID"
        let delay = "delayed_recipients[1].diagnostic_code AS delay_diagnostic"
        // Asked for often, and a map is dear to look into.
        let campaign = "\(Self.campaign) AS campaign"
        if isWhole {
            let helper = recipient == Self.unnested ? " EXCLUDE (\(Self.unnested))" : ""
            return """
                SELECT *\(helper) REPLACE (\(recipient) AS recipient, \(domain) AS recipient_domain),
                    \(delay), \(shared) AS shared_event_id, \(mail) AS mail, \(campaign)
                FROM \(source)
                """
        }
        let columns =
            Self.taken + [
                delay, "\(recipient) AS recipient",
                "\(domain) AS recipient_domain", "\(shared) AS shared_event_id", "\(mail) AS mail", campaign,
                "\(CountsCut.halfHour("event_at")) AS \(Self.halfHour)",
            ] + (isWide ? ["headers"] : [])
        return "SELECT \(columns.joined(separator: ", "))\nFROM \(source)"
    }
}

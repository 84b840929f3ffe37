import SESEvents

/// The derived table `messages`: one row per message and recipient, with the first and last time and the count of each
/// event type, and the furthest state reached.
///
/// Every column merges with itself (earliest, latest, sum, or the value at the latest time), so rows made from some
/// events and rows made from others give the same as rows made from all of them. An open or click that SES attributes
/// to nobody stands in a row of its own whose recipient is null.
public enum MessagesModel {
    /// A column: its name, its type, how events make it, how partial rows merge, what it means.
    struct Column {
        let name: String
        let type: String
        let fromEvents: String
        let merge: String
        let meaning: String
    }

    /// An event type and the prefix of its columns.
    static let stages = MessageStages.all

    static let columns: [Column] = identity + stages.flatMap(stageColumns) + details

    /// The states from nearest to furthest; a message is in the last one that holds for it.
    static let states: [(name: String, condition: String)] = [
        ("sent", "true"),
        ("delayed", "delay_count > 0"),
        ("rejected", "reject_count > 0"),
        ("rendering failed", "rendering_failure_count > 0"),
        ("delivered", "delivery_count > 0"),
        ("soft bounced", "bounce_count > 0 AND coalesce(bounce_type, '') <> 'Permanent'"),
        ("bounced", "bounce_count > 0 AND bounce_type = 'Permanent'"),
        ("opened", "open_count > 0"),
        ("clicked", "click_count > 0"),
        ("unsubscribed", "subscription_count > 0"),
        ("complained", "complaint_count > 0 AND coalesce(complaint_feedback_type, '') <> 'not-spam'"),
    ]

    private static let identity: [Column] = [
        Column("message_id", "VARCHAR", key: "SES's message id."),
        Column(
            "recipient", "VARCHAR", key: "The recipient; null for opens and clicks of a message with several."
        ),
        Column(
            name: "recipient_domain", type: "VARCHAR",
            fromEvents: "split_part(any_value(recipient), '@', -1)", merge: "any_value(recipient_domain)",
            meaning: "Domain of the recipient, lower case."),
        Column("sent_at", "TIMESTAMPTZ", "min(sent_at)", "When the message's send request was made."),
        Column("account_id", "VARCHAR", "min(account_id)", "The sending AWS account."),
        Column("region", "VARCHAR", "min(region)", "The AWS region."),
        Column("configuration_set", "VARCHAR", "min(configuration_set)", "The configuration set."),
        Column("sender", "VARCHAR", "min(sender)", "The envelope's MAIL FROM."),
        Column("from_domain", "VARCHAR", "min(from_domain)", "Domain of the sender."),
        Column("subject", "VARCHAR", "min(subject)", "Subject, from the first event that has it."),
        Column(
            name: "recipient_count", type: "BIGINT", fromEvents: "max(len(destination))",
            merge: "max(recipient_count)", meaning: "Recipients of the whole message."),
        Column(
            name: "first_event_at", type: "TIMESTAMPTZ", fromEvents: "min(event_at)",
            merge: "min(first_event_at)", meaning: "The first event."),
        Column(
            name: "last_event_at", type: "TIMESTAMPTZ", fromEvents: "max(event_at)",
            merge: "max(last_event_at)", meaning: "The last event."),
        Column(
            name: "event_count", type: "BIGINT", fromEvents: "count(*)",
            merge: "CAST(sum(event_count) AS BIGINT)", meaning: "Events in all."),
    ]

    private static func stageColumns(_ stage: (type: String, prefix: String)) -> [Column] {
        let filter = "FILTER (event_type = '\(stage.type)')"
        return [
            Column(
                name: "\(stage.prefix)_first_at", type: "TIMESTAMPTZ", fromEvents: "min(event_at) \(filter)",
                merge: "min(\(stage.prefix)_first_at)", meaning: "First \(stage.type)."),
            Column(
                name: "\(stage.prefix)_last_at", type: "TIMESTAMPTZ", fromEvents: "max(event_at) \(filter)",
                merge: "max(\(stage.prefix)_last_at)", meaning: "Last \(stage.type)."),
            Column(
                name: "\(stage.prefix)_count", type: "BIGINT", fromEvents: "count(*) \(filter)",
                merge: "CAST(sum(\(stage.prefix)_count) AS BIGINT)", meaning: "\(stage.type) events."),
        ]
    }

    /// The columns that hold a value of the last event that has it, and the prefix of the event type that brings it.
    static let lastValues: [(column: EventColumn, prefix: String, meaning: String)] = [
        (.bounceType, "bounce", "Type of the last bounce."),
        (.bounceSubtype, "bounce", "Subtype of the last bounce."),
        (.bounceDiagnostic, "bounce", "The remote server's reply in the last bounce."),
        (.complaintFeedbackType, "complaint", "Kind of the last complaint."),
        (.deliverySMTPResponse, "delivery", "The remote server's reply to the last delivery."),
        (.deliveryProcessingMs, "delivery", "Milliseconds to the last delivery."),
        (.delayType, "delay", "Reason of the last delay."),
    ]

    private static let details: [Column] =
        lastValues.map { value in
            let name = value.column.name
            return Column(
                name: name, type: value.column.kind.sql,
                fromEvents: "arg_max(\(name), event_at) FILTER (\(name) IS NOT NULL)",
                merge: "arg_max(\(name), \(value.prefix)_last_at) FILTER (\(name) IS NOT NULL)",
                meaning: value.meaning)
        } + machineCounts

    private static let machineCounts: [Column] = [
        Column(
            name: "machine_open_count", type: "BIGINT",
            fromEvents: "count(*) FILTER (event_type = 'Open' AND is_machine)",
            merge: "CAST(sum(machine_open_count) AS BIGINT)", meaning: "Opens that a machine made."),
        Column(
            name: "machine_click_count", type: "BIGINT",
            fromEvents: "count(*) FILTER (event_type = 'Click' AND is_machine)",
            merge: "CAST(sum(machine_click_count) AS BIGINT)", meaning: "Clicks that a machine made."),
    ]
}

extension MessagesModel.Column {
    fileprivate init(_ name: String, _ type: String, key meaning: String) {
        self.init(name: name, type: type, fromEvents: name, merge: name, meaning: meaning)
    }

    /// A column whose partial rows merge by the same expression.
    fileprivate init(_ name: String, _ type: String, _ expression: String, _ meaning: String) {
        self.init(name: name, type: type, fromEvents: expression, merge: expression, meaning: meaning)
    }
}

extension MessagesModel {
    /// Name, type and meaning of each column, `furthest_state` last.
    public static var declarations: [(name: String, type: String, meaning: String)] {
        columns.map { ($0.name, $0.type, $0.meaning) }
            + [
                (
                    "furthest_state", "VARCHAR",
                    "The furthest of: " + states.map(\.name).joined(separator: ", ") + "."
                )
            ]
    }

    /// SQL that makes rows from the rows of `events`, a relation.
    public static func aggregate(events: String) -> String {
        let expressions = columns.map { "\($0.fromEvents) AS \($0.name)" }.joined(separator: ", ")
        // Addresses are compared without regard to case, and shown in lower case, since servers do the same.
        let perRecipient = """
            SELECT * REPLACE (unnest(CASE WHEN len(recipients) > 1
                THEN list_distinct(list_transform(recipients, lambda r: lower(r))) ELSE [lower(recipient)] END) AS recipient)
            FROM \(events)
            """
        return "SELECT \(expressions), FROM (\(perRecipient)) GROUP BY message_id, recipient"
    }

    /// SQL that merges partial rows, a relation that may hold several rows of one message and recipient.
    public static func merge(partials: String) -> String {
        let expressions = columns.map { "\($0.merge) AS \($0.name)" }.joined(separator: ", ")
        return withState("SELECT \(expressions), FROM (\(partials)) GROUP BY message_id, recipient")
    }

    /// SQL that merges partial rows of new events into stored rows, of which each message and recipient has one.
    ///
    /// Rows that no new event concerns are passed on as they are, so that the cost goes with what is new.
    ///
    /// - Parameters:
    ///   - fresh: a query, what ``aggregate(events:)`` makes.
    ///   - touched: a relation with the stored rows that may have news; nil for none.
    ///   - untouched: a relation with the stored rows that have none for certain; nil for none.
    public static func merge(fresh: String, touched: String?, untouched: String?) -> String {
        guard touched != nil || untouched != nil else { return withState(fresh) }
        var parts = untouched.map { ["SELECT * FROM \($0)"] } ?? []
        guard let touched else {
            return (parts + [withState(fresh)]).joined(separator: " UNION ALL BY NAME ")
        }
        // A recipient may be null, and null is the same recipient as null here.
        let isNew = """
            (SELECT 1 FROM fresh WHERE fresh.message_id = stored.message_id
            AND fresh.recipient IS NOT DISTINCT FROM stored.recipient)
            """
        parts.append("SELECT * FROM \(touched) AS stored WHERE NOT EXISTS \(isNew)")
        parts.append(
            merge(
                partials: """
                    SELECT * FROM fresh UNION ALL BY NAME
                    SELECT \(storedPartialColumns) FROM \(touched) AS stored WHERE EXISTS \(isNew)
                    """))
        return "WITH fresh AS MATERIALIZED (\(fresh)) \(parts.joined(separator: " UNION ALL BY NAME "))"
    }

    /// SQL that adds `furthest_state` to rows that have one place each, a query.
    public static func withState(_ rows: String) -> String {
        let state =
            "CASE " + states.reversed().map { "WHEN \($0.condition) THEN '\($0.name)' " }.joined() + "END"
        return "SELECT *, \(state) AS furthest_state FROM (\(rows))"
    }

    /// The columns without `furthest_state`, which follows from the others.
    public static var storedPartialColumns: String { columns.map(\.name).joined(separator: ", ") }
}

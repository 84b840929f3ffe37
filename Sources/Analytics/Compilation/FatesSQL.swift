import Primitives

/// What became of each mail, by all that is known now: a row for each that something is to be said of.
///
/// What several recipients share has no recipient, and so a row of its own.
struct FatesSQL {
    /// What is asked about a mail.
    enum Question: Hashable, CaseIterable {
        /// When something was last heard of it.
        case outcome
        /// Whether it counts in a representative volume, and how.
        case volume
        /// What happened to it.
        case history
        /// What people did with it, which needs the verdict's tables.
        case personHistory
        /// When a person opened it first; the same.
        case opening
    }

    let questions: Set<Question>

    private struct Flag {
        let name: String
        let type: String
        var condition: String?

        var sql: String {
            let parts = ["event_type = '\(type)'", condition].compactMap(\.self)
            return "bool_or(\(parts.joined(separator: " AND "))) AS \(name)"
        }
    }

    private static let answers = ["Open", "Click", "Complaint", "Subscription"]
    /// The types of events by which something is heard of a mail.
    static let heard = Set(Rule.outcomeTypes + answers).sorted()

    private var flags: [Flag] {
        var flags: [Flag] = []
        if questions.contains(.volume) {
            flags += [
                Flag(name: "was_counted_bounce", type: "Bounce", condition: Rule.isCountedBounce),
                Flag(name: "was_list_suppressed", type: "Bounce", condition: Rule.isListSuppressed),
                Flag(name: "was_counted_complaint", type: "Complaint", condition: Rule.isCountedComplaint),
            ]
        }
        if questions.contains(.history) {
            flags += [
                ("sent", "Send"), ("delivered", "Delivery"), ("bounced", "Bounce"), ("rejected", "Reject"),
                ("opened", "Open"), ("clicked", "Click"),
            ].map { Flag(name: "was_\($0)", type: $1) }
            flags.append(Flag(name: "was_complained", type: "Complaint", condition: Rule.isComplaint))
        }
        if questions.contains(.personHistory) {
            flags += [("opened", "Open"), ("clicked", "Click")].map {
                Flag(name: "was_\($0)_by_person", type: $1, condition: Rule.isPerson)
            }
        }
        return flags
    }

    /// SQL of the table `_fates`.
    ///
    /// Events that no answer depends on are not looked at: of all that is known of a month's mails, bounces and complaints
    /// are a hundredth.
    ///
    /// - Parameters:
    ///   - start: events before it are not looked at; nil for none.
    ///   - mails: SQL of the mails that are asked about, in a column `mail`; nil for all.
    func sql(since start: Timestamp?, coverage: FactCoverage, of mails: String? = nil) -> String {
        let time = FactScope.time("event_at", start, nil)
        let outcome = questions.contains(.outcome)
        let opening = questions.contains(.opening)
        let types = Set(
            flags.map(\.type) + (outcome ? Rule.outcomeTypes + Self.answers : []) + (opening ? ["Open"] : []))
        let list = types.sorted().map(SQL.literal).joined(separator: ", ")
        let hasVerdict = !questions.isDisjoint(with: [.personHistory, .opening])
        let facts = FactsSQL(hasVerdict: hasVerdict, coverage: coverage)
            .sql(where: "\(time) AND event_type IN (\(list))")
        let times =
            outcome
            ? [
                "max(event_at) FILTER (\(Rule.isOutcome)) AS outcome_at",
                "max(event_at) FILTER (event_type IN (\(Self.answers.map(SQL.literal).joined(separator: ", ")))) AS answer_at",
            ] : []
        let opened =
            opening
            ? ["min(event_at) FILTER (event_type = 'Open' AND \(Rule.isPerson)) AS first_opened_by_person_at"]
            : []
        return """
            SELECT mail AS fate_mail, \((times + opened + flags.map(\.sql)).joined(separator: ",\n    "))
            FROM (\(facts))
            WHERE \(mails.map { "mail IN (\($0))" } ?? "true") AND \(questions == [.opening] ? Rule.isPerson : "true") GROUP BY mail
            """
    }

    /// SQL of the table `_fates` for delayed mails of which it is asked whether anything was heard since, made of the facts that end a delay.
    ///
    /// - Parameters:
    ///   - start: events before it are not looked at; nil for none.
    ///   - unlinked: the times whose facts have to be looked through.
    ///   - mails: SQL of the delayed mails, in a column `mail`.
    static func ofDelays(
        since start: Timestamp?, coverage: FactCoverage, unlinked: [Range<Timestamp>], of mails: String
    ) -> String {
        let time = FactScope.time("event_at", start, nil)
        var arms = [
            "SELECT mail, event_at FROM \(RepeatsRollup.table) WHERE metric = '\(RepeatsRollup.delayEnds)' AND \(time)"
        ]
        if !unlinked.isEmpty {
            var facts = FactsSQL(coverage: coverage)
            facts.madeBefore = coverage.unlinkedMadeBefore
            let condition = "\(time) AND \(RepeatsRollup.isHeard) AND \(FactCoverage.condition(unlinked))"
            arms.append(
                "SELECT mail, event_at FROM (\(facts.sql(where: condition))) WHERE mail IN (\(mails))")
        }
        return """
            SELECT mail AS fate_mail, max(event_at) AS outcome_at, max(event_at) AS answer_at
            FROM (\(arms.joined(separator: "\nUNION ALL\n"))) GROUP BY mail
            """
    }

    /// The columns that facts take over, each with what it is where a mail has no row.
    var joined: [String] {
        (questions.contains(.outcome)
            ? [
                "coalesce(outcome_at >= event_at, false) AS has_outcome",
                "coalesce(answer_at >= event_at, false) AS is_answered",
            ] : [])
            + (questions.contains(.opening) ? ["first_opened_by_person_at"] : [])
            + flags.map { "coalesce(\($0.name), false) AS \($0.name)" }
    }
}

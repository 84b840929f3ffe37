import Primitives

/// Which facts a count is made of.
struct FactScope {
    /// SQL over `events`.
    let condition: String
    /// Messages sent before it are none of theirs; nil for no bound.
    let messagesFrom: Timestamp?
    /// Whether opens and clicks are among them and need the verdict.
    let hasVerdict: Bool
    /// Whether they are the mails of a representative volume.
    let isOfVolume: Bool
    /// Of the facts that were made beforehand those of these times alone, as SQL; nil for all.
    var madeBefore: [String]?
    /// The table of the statement that has them already; nil where they are read of all facts.
    let table: String?

    /// The facts of a span.
    init(_ span: DateSpan, _ plan: AnalyticsPlan, types: Set<String>) {
        let basis = plan.query.timeBasis
        condition = Self.condition(basis.column, span, types: types)
        messagesFrom = basis == .sent ? span.from : plan.messagesStart(span.from)
        (hasVerdict, isOfVolume, table) = (plan.needs.contains(.verdict), false, nil)
    }

    /// The Sends among which a span's representative volume is.
    init(volumeOf span: DateSpan, _ plan: AnalyticsPlan, period: Int) {
        let times = plan.volumeTimes(period: period)
        condition = "event_type = 'Send' AND \(times.sql) AND \(Self.time("event_at", nil, span.to))"
        (messagesFrom, hasVerdict, isOfVolume) = (times.start, false, true)
        table = plan.sharesVolumes ? Self.volumeTable(period) : nil
    }

    /// The table of a statement that has the Sends of a span's representative volume; see ``AnalyticsPlan/sharesVolumes``.
    static func volumeTable(_ period: Int) -> String { "_volume\(period)" }

    /// Events of a span, of some types; none for all.
    static func condition(_ column: String, _ span: DateSpan, types: Set<String>) -> String {
        let time = time(column, span.from, span.to)
        let list = types.sorted().map(SQL.literal).joined(separator: ", ")
        return types.isEmpty ? time : "\(time) AND event_type IN (\(list))"
    }

    /// Closed at the beginning, open at the end.
    static func time(_ column: String, _ from: Timestamp?, _ to: Timestamp?) -> String {
        let parts =
            [from.map { "\(column) >= \(SQL.instant($0))" }, to.map { "\(column) < \(SQL.instant($0))" }]
            .compactMap(\.self)
        return parts.isEmpty ? "true" : parts.joined(separator: " AND ")
    }
}

extension AnalyticsPlan {
    /// SQL of facts with all that metrics, dimensions and filters want of them.
    ///
    /// - Parameter isWhole: whether all columns of `events` are wanted too.
    func enriched(_ scope: FactScope, isWhole: Bool = false) -> String {
        let facts =
            scope.table.map { "SELECT * FROM \($0)" }
            ?? FactsSQL(
                hasVerdict: scope.hasVerdict, isWide: isWide, isWhole: isWhole,
                coverage: isWhole ? .none : coverage, madeBefore: scope.madeBefore
            ).sql(where: scope.condition)
        var columns = ["facts.*"]
        var joins: [String] = []
        if needs.contains(.subject) {
            columns.append("coalesce(subject, title) AS message_subject")
            let sent = scope.messagesFrom.map { "sent_at >= \(SQL.instant($0))" } ?? "true"
            joins.append(
                """
                LEFT JOIN (
                    SELECT message_id AS titled, min(subject) AS title FROM messages WHERE \(sent) GROUP BY ALL
                ) ON facts.message_id = titled
                """)
        }
        let asked = scope.isOfVolume ? questions : questions.subtracting([.volume])
        if !asked.isEmpty {
            columns += FatesSQL(questions: asked).joined
            joins.append("LEFT JOIN _fates ON facts.mail = fate_mail")
        }
        for (index, name) in usedDatasets.enumerated() {
            guard let join = query.join[name] else { continue }
            let wanted = Set(
                (fields + filterFields.map(\.field)).filter { $0.dataset == name }.map { $0.entry ?? "" })
            let values = wanted.sorted().map { column in
                columns.append(SQL.identifier("\(name).\(column)"))
                return
                    ", min(CAST(\(SQL.identifier(column)) AS VARCHAR)) AS \(SQL.identifier("\(name).\(column)"))"
            }
            let key = "CAST(\(SQL.identifier(join.column)) AS VARCHAR)"
            let (left, right) =
                join.key == .recipient
                ? ("facts.recipient", "lower(trim(\(key)))") : ("facts.message_id", key)
            joins.append(
                """
                LEFT JOIN (SELECT \(right) AS key\(index)\(values.joined()) FROM \(SQL.identifier(name)) GROUP BY 1)
                ON \(left) = key\(index)
                """)
        }
        guard columns.count > 1 else { return facts }
        return
            "SELECT \(columns.joined(separator: ", ")) FROM (\(facts)) AS facts\n\(joins.joined(separator: "\n"))"
    }
}

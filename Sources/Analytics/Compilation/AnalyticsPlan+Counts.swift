import Primitives

extension AnalyticsPlan {
    /// The columns that hold dimensions within the statement.
    var keys: [String] { fields.indices.map { "d\($0 + 1)" } }

    func comma(_ columns: [String]) -> String { columns.map { ", " + $0 }.joined() }

    /// SELECTs that count one span; where several count the same, they are to be added.
    func counts(of span: DateSpan, period: Int) throws(AnalyticsError) -> [String] {
        let counting = try SpanCounting(self, span, period: period)
        let (counted, left) = counting.parts
        var selects = counted.flatMap { counting.selects($1, of: $0) }
        if !left.isEmpty { selects.append(counting.select(left)) }
        if usesVolume { selects.append(counting.representativeVolume()) }
        return selects
    }

    /// Whether counts that were made beforehand tell everything, but of the times that they do not cover: it costs little then. Of a plan that was compiled.
    public func isToldByCounts() throws(AnalyticsError) -> Bool {
        guard !usesVolume else { return false }
        for (period, span) in spans.enumerated() {
            guard try SpanCounting(self, span, period: period).parts.left.isEmpty else { return false }
        }
        return true
    }

    func withDue(_ sql: String) -> String {
        sql.replacing("$due", with: SQL.instant(now.moved(by: -6 * 3_600_000_000)))
    }

    func clock(_ period: Int) -> FactClock {
        var clock = FactClock(
            column: query.timeBasis == .event ? "event_at" : "sent_at",
            clock: reckoner.clock(for: spans, named: query.timeZone))
        if period == 1, let from = compared?.from, let to = span.from {
            clock.moved = .init(
                from: reckoner.local(from), to: reckoner.local(to),
                distance: to.microseconds - from.microseconds)
        }
        return clock
    }

    /// What facts have to hold for some metrics and all dimensions and filters.
    func needs(of parts: [Metric]) -> Set<FactNeed> {
        Set(parts.flatMap { $0.condition?.needs ?? [] }).union(
            (fields + filterFields.map(\.field)).flatMap(\.needs))
    }

    /// Whether all that is asked of times is told by half hours.
    var isToldByHalfHours: Bool {
        let ends = spans.flatMap { [$0.from, $0.to] }.compactMap(\.self)
        let distance =
            ends.isEmpty || spans.count < 2
            ? 0 : (spans[0].from?.microseconds ?? 0) - (spans[1].from?.microseconds ?? 0)
        return query.timeBasis == .event && reckoner.isOnHalfHours(ends)
            && (distance % CountsCut.span == 0 || !fields.contains { $0.span == .hour })
    }
}

/// How the facts of one span are counted.
private struct SpanCounting {
    private let plan: AnalyticsPlan
    private let span: DateSpan
    private let period: Int
    /// The dimensions' columns, each after a comma.
    private let dimensions: String
    private let filter: String
    /// The whole half hours in the span.
    private let inner: DateSpan
    /// Whether a cut can tell what is asked, if it has the columns.
    private let canBeCut: Bool

    init(_ plan: AnalyticsPlan, _ span: DateSpan, period: Int) throws(AnalyticsError) {
        (self.plan, self.span, self.period) = (plan, span, period)
        let clock = plan.clock(period)
        filter = try FilterSQL { (name, pointer) throws(AnalyticsError) in
            let field = try QueryField(name, in: plan.query, at: pointer)
            return (field.sql(clock), field.dimension.type)
        }.sql(plan.query.filters, at: "/filters")
        dimensions = zip(plan.keys, plan.fields).map { ", \($1.sql(clock)) AS \($0)" }.joined()
        let length = CountsCut.span
        inner = DateSpan(
            from: span.from.map { Timestamp(microseconds: -(-$0.microseconds).roundedDown(to: length)) },
            to: span.to.map { Timestamp(microseconds: $0.microseconds.roundedDown(to: length)) })
        let isLong = if let from = inner.from, let to = inner.to { from < to } else { true }
        canBeCut =
            plan.coverage.hasFiles && isLong && plan.isToldByHalfHours
            && (plan.fields + plan.filterFields.map(\.field)).allSatisfy {
                $0.dataset == nil && $0.needs.isSubset(of: [.verdict])
            }
    }

    /// What is counted by which cut, and what by facts.
    var parts: (counted: [(CountsCut, [Metric])], left: [Metric]) {
        var counted: [(CountsCut, [Metric])] = []
        var left = plan.parts.filter { $0.aggregate != nil }
        for cut in CountsCut.all where canBeCut && cut.has(columnsOf: dimensions + filter) {
            let parts = left.filter { $0.isCounted(by: cut) }
            if !parts.isEmpty { counted.append((cut, parts)) }
            left.removeAll { $0.isCounted(by: cut) }
        }
        return (counted, left)
    }

    /// Counts by facts.
    func select(_ parts: [Metric]) -> String { select(parts, madeBefore: nil) }

    /// Counts by a cut, and of what it lacks by facts.
    func selects(_ parts: [Metric], of cut: CountsCut) -> [String] {
        let types = plan.types(of: parts)
        let rows = """
            SELECT *\(dimensions) FROM \(CountsCut.table)
            WHERE cut = '\(cut.name)' AND \(FactScope.condition("event_at", inner, types: types)) AND \(filter)
            """
        let sums = parts.map { part in
            "coalesce(sum(counted)\(part.condition?.filter ?? ""), 0) AS \(SQL.identifier(part.name))"
        }
        let edges = [DateSpan(from: span.from, to: inner.from), DateSpan(from: inner.to, to: span.to)].filter
        { edge in
            if let from = edge.from, let to = edge.to { from < to } else { false }
        }
        let counted = select(sums, from: rows)
        guard plan.coverage.hasRest || !edges.isEmpty else { return [counted] }
        return [
            counted,
            select(parts, madeBefore: edges.map { "(\(FactScope.time("event_at", $0.from, $0.to)))" }),
        ]
    }

    /// Counts over the newest mails.
    func representativeVolume() -> String {
        let mails = """
            SELECT *\(dimensions) FROM (\(plan.enriched(FactScope(volumeOf: span, plan, period: period))))
            WHERE \(Rule.isReal) AND NOT was_list_suppressed AND \(filter)
            """
        let counts = RepresentativeSQL(
            volume: plan.query.representativeVolume,
            dimensions: Array(zip(plan.keys, plan.fields).map { (column: $0, field: $1) })
        ).sql(mails: mails, from: span.from)
        return "SELECT \(period) AS period, * FROM (\(counts))"
    }

    private func select(_ parts: [Metric], madeBefore: [String]?) -> String {
        var plan = plan
        plan.needs = plan.needs(of: parts)
        var scope = FactScope(span, plan, types: plan.types(of: parts))
        scope.madeBefore = madeBefore
        let aggregates = parts.compactMap { part in
            part.aggregate.map { "\(plan.withDue($0)) AS \(SQL.identifier(part.name))" }
        }
        return select(
            aggregates, from: "SELECT *\(dimensions) FROM (\(plan.enriched(scope))) WHERE \(filter)")
    }

    private func select(_ aggregates: [String], from rows: String) -> String {
        let keys = plan.keys
        let total = keys.isEmpty ? "true" : "grouping(\(keys[0])) = 1"
        let groups = keys.isEmpty ? "" : "GROUP BY GROUPING SETS ((\(keys.joined(separator: ", "))), ())"
        return """
            SELECT \(period) AS period, \(total) AS is_total\(plan.comma(keys)), \(aggregates.joined(separator: ", "))
            FROM (\(rows)) \(groups)
            """
    }
}

extension AnalyticsPlan {
    /// The types of the events that some metrics count; none where all are.
    fileprivate func types(of parts: [Metric]) -> Set<String> {
        let conditions = parts.compactMap(\.condition)
        return conditions.contains { $0.types.isEmpty } ? [] : Set(conditions.flatMap(\.types))
    }
}

extension Metric {
    /// Whether counts of parts of the facts add up to the count of all.
    var isAdditive: Bool {
        switch measure {
        case .mails, .events: true
        default: false
        }
    }

    /// Whether a cut knows it.
    fileprivate func isCounted(by cut: CountsCut) -> Bool {
        switch measure {
        case .mails(let condition): !cut.isOfEvents && cut.answers(condition)
        case .events(let condition): cut.isOfEvents && cut.answers(condition)
        default: false
        }
    }
}

extension Int64 {
    /// The greatest multiple of a length that is no greater.
    func roundedDown(to length: Int64) -> Int64 {
        let rest = self % length
        return self - (rest < 0 ? rest + length : rest)
    }
}

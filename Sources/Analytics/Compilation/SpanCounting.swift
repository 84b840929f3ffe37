import Primitives

/// How the facts of one span are counted.
struct SpanCounting {
    let plan: AnalyticsPlan
    let span: DateSpan
    let period: Int
    let clock: FactClock
    /// The dimensions' columns, each after a comma.
    let dimensions: String
    let filter: String
    /// The whole half hours in the span.
    let inner: DateSpan
    /// Whether filters and dimensions ask of facts alone.
    let asksFacts: Bool
    /// Whether a cut can tell what is asked, if it has the columns.
    let canBeCut: Bool

    init(_ plan: AnalyticsPlan, _ span: DateSpan, period: Int) throws(AnalyticsError) {
        (self.plan, self.span, self.period) = (plan, span, period)
        let clock = plan.clock(period)
        self.clock = clock
        filter = try FilterSQL { (name, pointer) throws(AnalyticsError) in
            let field = try QueryField(name, in: plan.query, at: pointer)
            return (field.sql(clock), field.dimension.type)
        }.sql(plan.query.filters, at: "/filters")
        dimensions = zip(plan.keys, plan.fields).map { ", \($1.sql(clock)) AS \($0)" }.joined()
        let length = CountsCut.span
        inner = DateSpan(
            from: span.from?.roundedUp(to: length),
            to: span.to.map { Timestamp(microseconds: $0.microseconds.roundedDown(to: length)) })
        let isLong = if let from = inner.from, let to = inner.to { from < to } else { true }
        asksFacts = (plan.fields + plan.filterFields.map(\.field)).allSatisfy {
            $0.dataset == nil && $0.needs.isSubset(of: [.verdict])
        }
        canBeCut = asksFacts && plan.coverage.hasFiles && isLong && plan.isToldByHalfHours
    }

    /// What is counted by which cut, of what repeats are then to be taken, and what is counted by facts.
    var parts: (counted: [(CountsCut, [Metric])], repeated: [Metric], left: [Metric]) {
        let all = plan.parts.filter { $0.condition != nil }
        let names = hasRepeats ? Set(RepeatsRollup.metrics.map(\.name)) : []
        let repeated = all.filter { names.contains($0.name) }
        var left = all.map { names.contains($0.name) ? $0.eachTime : $0 }
        var counted: [(CountsCut, [Metric])] = []
        for cut in CountsCut.all
        where canBeCut && cut.time == clock.column && cut.has(columnsOf: dimensions + filter) {
            let parts = left.filter { $0.isCounted(by: cut) }
            if !parts.isEmpty { counted.append((cut, parts)) }
            left.removeAll { $0.isCounted(by: cut) }
        }
        return (counted, repeated, left)
    }

    /// Counts by facts.
    func selects(_ parts: [Metric]) -> [String] {
        let counted = parts.filter { $0.aggregate != nil }
        return (counted.isEmpty ? [] : [select(counted, madeBefore: nil)]) + percentiles(parts)
    }

    /// Counts by a cut, and of what it lacks by facts.
    func selects(_ parts: [Metric], of cut: CountsCut) -> [String] {
        guard cut.valuesOf == nil else { return percentiles(parts, of: cut) }
        let sums = parts.map { part in
            "coalesce(sum(counted)\(part.condition?.filter ?? ""), 0) AS \(SQL.identifier(part.name))"
        }
        let counted = select(sums, from: "SELECT *\(dimensions) FROM \(rows(of: cut, parts))")
        return [counted] + (lacking(in: cut).map { [select(parts, madeBefore: $0)] } ?? [])
    }

    /// The rows of a cut that some metrics count, as a table with a condition.
    func rows(of cut: CountsCut, _ parts: [Metric]) -> String {
        let times = FactScope.condition(cut.time, inner, types: plan.types(of: parts))
        return "\(CountsCut.table)\nWHERE cut = '\(cut.name)' AND \(times) AND \(filter)"
    }

    /// The times, as SQL, of which a cut lacks facts that were made beforehand; nil where it lacks no fact at all.
    func lacking(in cut: CountsCut) -> [String]? {
        let edges = [DateSpan(from: span.from, to: inner.from), DateSpan(from: inner.to, to: span.to)]
            .filter { edge in if let from = edge.from, let to = edge.to { from < to } else { false } }
        guard plan.coverage.hasRest || !edges.isEmpty else { return nil }
        return edges.map { "(\(FactScope.time(cut.time, $0.from, $0.to)))" }
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
        let aggregates = parts.compactMap { part in
            part.aggregate.map { "\(plan.withDue($0)) AS \(SQL.identifier(part.name))" }
        }
        return select(
            aggregates,
            from: "SELECT *\(dimensions) FROM (\(facts(for: parts, madeBefore: madeBefore))) WHERE \(filter)")
    }

    /// The facts of the types that some metrics count.
    ///
    /// - Parameter isJudged: whether opens and clicks have the verdict.
    func facts(for parts: [Metric], madeBefore: [String]? = nil, isJudged: Bool = true) -> String {
        var plan = plan
        plan.needs = plan.needs(of: parts)
        if !isJudged { plan.needs.remove(.verdict) }
        var scope = FactScope(span, plan, types: plan.types(of: parts))
        scope.madeBefore = madeBefore
        return plan.enriched(scope)
    }

    /// A SELECT of aggregates, to be joined with others by the columns' names.
    func select(_ aggregates: [String], from rows: String) -> String {
        let keys = plan.keys
        let isTotal = keys.isEmpty ? "true" : "grouping(\(keys[0])) = 1"
        let groups = keys.isEmpty ? "" : "GROUP BY GROUPING SETS ((\(keys.joined(separator: ", "))), ())"
        return """
            SELECT \(period) AS period, \(isTotal) AS is_total\(plan.comma(keys)), \(aggregates.joined(separator: ", "))
            FROM (\(rows)) \(groups)
            """
    }
}

extension AnalyticsPlan {
    /// The types of the events that some metrics count; none where all are.
    func types(of parts: [Metric]) -> Set<String> {
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

    /// Whether counts of its facts add up to it, be it less the repeats.
    var isSummed: Bool { if case .distinct = measure { true } else { isAdditive } }

    /// Whether a cut knows it.
    fileprivate func isCounted(by cut: CountsCut) -> Bool {
        switch measure {
        case .mails(let condition): !cut.isOfEvents && cut.answers(condition)
        case .events(let condition): cut.isOfEvents && cut.answers(condition)
        case .quantile(_, let value, let condition, _): cut.counts(value, condition)
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

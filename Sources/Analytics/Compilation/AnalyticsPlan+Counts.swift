import Primitives

extension AnalyticsPlan {
    /// The columns that hold dimensions within the statement.
    var keys: [String] { fields.indices.map { "d\($0 + 1)" } }

    func comma(_ columns: [String]) -> String { columns.map { ", " + $0 }.joined() }

    /// SELECTs that count one span; where several count the same, they are to be added.
    func counts(of span: DateSpan, period: Int) throws(AnalyticsError) -> [String] {
        let counting = try SpanCounting(self, span, period: period)
        let (counted, repeated, left) = counting.parts
        var selects = counted.flatMap { counting.selects($1, of: $0) }
        if !repeated.isEmpty { selects += counting.lessRepeats(repeated) }
        selects += counting.selects(left)
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
            column: query.timeBasis.column, clock: reckoner.clock(for: spans, named: query.timeZone))
        if period == 1, let from = compared?.from, let to = span.from {
            clock.moved = .init(
                from: reckoner.local(from), to: reckoner.local(to),
                distance: to.microseconds - from.microseconds)
        }
        return clock
    }

    /// What facts have to hold for some metrics and all dimensions and filters.
    func needs(of parts: [Metric]) -> Set<FactNeed> {
        fieldNeeds.union(parts.flatMap { $0.condition?.needs ?? [] })
    }

    /// The same for dimensions and filters alone.
    var fieldNeeds: Set<FactNeed> { Set((fields + filterFields.map(\.field)).flatMap(\.needs)) }

    /// Whether all that is asked of times is told by half hours.
    var isToldByHalfHours: Bool {
        let ends = spans.flatMap { [$0.from, $0.to] }.compactMap(\.self)
        let distance =
            ends.isEmpty || spans.count < 2
            ? 0 : (spans[0].from?.microseconds ?? 0) - (spans[1].from?.microseconds ?? 0)
        return reckoner.isOnHalfHours(ends)
            && (distance % CountsCut.span == 0 || !fields.contains { $0.span?.microseconds != nil })
    }
}

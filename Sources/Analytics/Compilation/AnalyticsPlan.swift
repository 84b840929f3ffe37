import Primitives

/// A query that was checked, with a clock: what it counts, of which time, and what it has to read for that.
///
/// A plan is made before anything is read; ``compiled(columns:)`` makes SQL of it once it is known what datasets hold.
public struct AnalyticsPlan: Sendable {
    /// The question.
    public let query: AnalyticsQuery
    /// The present, for ranges that end now and for what is due: the end of the running minute, so that who asks the same within it asks the same
    /// statement.
    public let now: Timestamp
    /// The time asked for.
    public let span: DateSpan
    /// The time it is compared with.
    public let compared: DateSpan?
    /// The metrics in the order of the query.
    public let metrics: [Metric]
    let fields: [QueryField]
    /// The fields of filters, with the places of their names.
    let filterFields: [(field: QueryField, pointer: String)]
    /// What has to be counted: metrics that are computed of nothing else.
    let parts: [Metric]
    var needs: Set<FactNeed>
    let reckoner: DateReckoner
    /// Which facts were made beforehand.
    var coverage = FactCoverage.none
    /// When the mails of each span's representative volume were sent, where counts told.
    var volumeTimes: [VolumeTimes]?

    /// Checks a query.
    ///
    /// - Throws: ``AnalyticsError``.
    public init(_ query: AnalyticsQuery, now: Timestamp) throws(AnalyticsError) {
        let now = now.roundedUp(to: 60_000_000)
        (self.query, self.now) = (query, now)
        guard let reckoner = DateReckoner(now: now, timeZone: query.timeZone) else {
            throw AnalyticsError(
                .unknownTimeZone, at: "/time_zone", "there is no time zone '\(query.timeZone)'",
                hint: "write UTC, or a name of the IANA database such as Europe/Berlin")
        }
        self.reckoner = reckoner
        (span, compared) = try Self.spans(query, reckoner)
        metrics = try Self.metrics(query.metrics, at: "/metrics")
        guard (1...AnalyticsQuery.mostMetrics).contains(metrics.count) else {
            throw AnalyticsError(
                .badValue, at: "/metrics", "metrics are 1 to \(AnalyticsQuery.mostMetrics)",
                hint: "sesame metrics and GET /api/v1/metrics list them")
        }
        fields = try Self.fields(query)
        filterFields = try Self.filterFields(query.filters, in: query, at: "/filters")
        let compared = try Self.having(query.having, at: "/having")
        let wanted = metrics + compared + metrics.compactMap { $0.sample.flatMap(Metric.named) }
        var names: Set<String> = []
        parts = wanted.flatMap(\.parts).filter { names.insert($0.name).inserted }
        needs = Set(parts.flatMap { $0.condition?.needs ?? [] })
            .union((fields + filterFields.map(\.field)).flatMap(\.needs))
        try checkOrder()
    }

    private static func spans(_ query: AnalyticsQuery, _ reckoner: DateReckoner) throws(AnalyticsError)
        -> (DateSpan, DateSpan?)
    {
        func check(_ span: DateSpan, at pointer: String) throws(AnalyticsError) {
            if let from = span.from, let to = span.to, from >= to {
                throw AnalyticsError(
                    .badDateRange, at: pointer,
                    "the range begins at \(from.iso8601) and ends at \(to.iso8601), before it begins",
                    hint: "a day as the end is in with all of it; a time as the end is not")
            }
        }
        let span = reckoner.span(of: query.dateRange)
        try check(span, at: "/date_range")
        guard let compare = query.compare else { return (span, nil) }
        guard let compared = reckoner.span(of: compare, to: query.dateRange), compared.from != nil else {
            throw AnalyticsError(
                .badComparison, at: "/compare", "a comparison needs two ranges with a beginning",
                hint: "give date_range a beginning")
        }
        try check(compared, at: "/compare")
        return (span, compared)
    }

    private static func metrics(_ names: [String], at pointer: String) throws(AnalyticsError) -> [Metric] {
        var metrics: [Metric] = []
        for (index, name) in names.enumerated() {
            let metric = try metric(name, at: "\(pointer)/\(index)")
            guard !metrics.contains(where: { $0.name == name }) else {
                throw AnalyticsError(.badValue, at: "\(pointer)/\(index)", "'\(name)' is asked for twice")
            }
            metrics.append(metric)
        }
        return metrics
    }

    private static func metric(_ name: String, at pointer: String) throws(AnalyticsError) -> Metric {
        if let metric = Metric.named(name) { return metric }
        throw AnalyticsError(
            .unknownMetric, at: pointer, "there is no metric '\(name.prefix(100))'",
            hint: AnalyticsError.hint(
                for: name, among: Metric.all.map(\.name),
                see: "sesame metrics and GET /api/v1/metrics list them"))
    }

    private static func fields(_ query: AnalyticsQuery) throws(AnalyticsError) -> [QueryField] {
        guard query.dimensions.count <= AnalyticsQuery.mostDimensions else {
            throw AnalyticsError(
                .badValue, at: "/dimensions", "dimensions are \(AnalyticsQuery.mostDimensions) at most")
        }
        var fields: [QueryField] = []
        for (index, name) in query.dimensions.enumerated() {
            let field = try QueryField(name, in: query, at: "/dimensions/\(index)")
            guard !fields.contains(where: { $0.reference == name }) else {
                throw AnalyticsError(.badValue, at: "/dimensions/\(index)", "'\(name)' is asked for twice")
            }
            fields.append(field)
        }
        return fields
    }

    private static func filterFields(
        _ filters: [AnalyticsFilter], in query: AnalyticsQuery, at pointer: String
    )
        throws(AnalyticsError) -> [(field: QueryField, pointer: String)]
    {
        var found: [(field: QueryField, pointer: String)] = []
        for (condition, place) in filters.conditions(at: pointer) {
            guard Metric.named(condition.field) == nil else {
                throw AnalyticsError(
                    .unknownDimension, at: place + "/field", "'\(condition.field)' is a metric",
                    hint: "put conditions on metrics into having")
            }
            found.append((try QueryField(condition.field, in: query, at: place + "/field"), place + "/field"))
        }
        return found
    }

    private static func having(_ filters: [AnalyticsFilter], at pointer: String) throws(AnalyticsError)
        -> [Metric]
    {
        var metrics: [Metric] = []
        for (condition, place) in filters.conditions(at: pointer) {
            metrics.append(try metric(condition.field, at: place + "/field"))
        }
        return metrics
    }

    private func checkOrder() throws(AnalyticsError) {
        let names = query.metrics + query.dimensions
        for (index, order) in query.order.enumerated() where !names.contains(order.field) {
            throw AnalyticsError(
                .badOrder, at: "/order/\(index)",
                "'\(order.field.prefix(100))' is not among the query's metrics and dimensions",
                hint: "order by one of: " + names.joined(separator: ", "))
        }
    }
}

extension [AnalyticsFilter] {
    /// The conditions with their places.
    fileprivate func conditions(at pointer: String) -> [(AnalyticsFilter.Condition, String)] {
        enumerated().flatMap { index, filter in
            let place = "\(pointer)/\(index)"
            return switch filter {
            case .and(let filters): filters.conditions(at: place + "/and")
            case .or(let filters): filters.conditions(at: place + "/or")
            case .not(let filter):
                [filter].conditions(at: place + "/not").map { ($0, $1.replacing("/not/0", with: "/not")) }
            case .condition(let condition): [(condition, place)]
            }
        }
    }
}

import Foundation
import Primitives

/// What somebody may ask who was shown one page and nothing else: the page's filters and time hold for all that they ask, and
/// nothing that tells one person from another can be asked at all.
///
///     {"filters":[{"field":"isp","op":"is","values":["Gmail"]}],"date_range":"30d","time_zone":"Europe/Berlin","compare":"previous"}
public struct QueryBounds: Codable, Hashable, Sendable {
    /// Hold besides those of a query.
    public var filters: [AnalyticsFilter]
    /// No other time is counted. A range such as `30d` moves with the days.
    public var dateRange: DateRange
    /// By whose clocks days begin.
    public var timeZone: String
    /// The one comparison that may be made; it reaches behind the range.
    public var compare: Comparison?

    /// Bounds of a query's filters, time and comparison.
    ///
    /// - Throws: ``AnalyticsError`` where no query could have them, or they tell one person from others.
    public init(_ query: AnalyticsQuery, now: Timestamp = .now) throws(AnalyticsError) {
        var check = query
        check.metrics = ["events"]
        _ = try AnalyticsPlan(check, now: now)
        if let name = query.filters.flatMap(\.fields).first(where: { !Self.isOpen($0) }) {
            throw AnalyticsError(
                .badValue, at: "/filters",
                "what is filtered by \(name) cannot be shared: it is about people one by one",
                hint: "take this filter away first")
        }
        (filters, dateRange) = (query.filters, query.dateRange)
        (timeZone, compare) = (query.timeZone, query.compare)
    }

    enum CodingKeys: String, CodingKey {
        case filters, compare
        case dateRange = "date_range"
        case timeZone = "time_zone"
    }

    /// A query as far as it stays within; a time that goes beyond is cut, another comparison is left out.
    ///
    /// - Throws: ``Failure`` of kind refused for what tells people apart or is in a dataset, and for a time that has nothing in common.
    public func applied(to query: AnalyticsQuery, now: Timestamp = .now) throws(Failure) -> AnalyticsQuery {
        for name in query.dimensions + query.filters.flatMap(\.fields) where !Self.isOpen(name) {
            throw Failure(.refused, "'\(name.prefix(100))' is not part of what was shared")
        }
        guard query.join.isEmpty else { throw Failure(.refused, "datasets are not part of what was shared") }
        var bounded = query
        bounded.filters += filters
        bounded.timeZone = timeZone
        if query.compare != compare { bounded.compare = nil }
        bounded.dateRange = try cut(query.dateRange, now)
        return bounded
    }

    /// Dimensions that tell one person from another, or may.
    private static func isOpen(_ name: String) -> Bool {
        if name.hasPrefix("tag:") || name.hasPrefix("link_tag:") { return true }
        return Dimension.named(name) != nil && !["recipient", "message"].contains(name)
            && !name.hasPrefix("header:")
    }

    /// As much of a range as lies within.
    private func cut(_ range: DateRange, _ now: Timestamp) throws(Failure) -> DateRange {
        guard range != dateRange else { return range }
        guard let reckoner = DateReckoner(now: now, timeZone: timeZone) else { return dateRange }
        let (own, wanted) = (reckoner.span(of: dateRange), reckoner.span(of: range))
        let from = [own.from, wanted.from].compactMap { $0 }.max()
        let to = [own.to, wanted.to].compactMap { $0 }.min()
        if from == wanted.from, to == wanted.to { return range }
        if from == own.from, to == own.to { return dateRange }
        guard let from else { return dateRange }
        guard from < to ?? now else {
            throw Failure(.refused, "the time asked for is not part of what was shared")
        }
        return .between(.time(from), to.map { .time($0) })
    }
}

extension AnalyticsFilter {
    /// The fields that it looks at.
    fileprivate var fields: [String] {
        switch self {
        case .and(let filters), .or(let filters): filters.flatMap(\.fields)
        case .not(let filter): filter.fields
        case .condition(let condition): [condition.field]
        }
    }
}

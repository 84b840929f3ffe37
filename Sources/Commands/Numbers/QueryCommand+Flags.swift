import Analytics
import ArgumentParser

extension QueryCommand {
    /// The query that the options say.
    func flags() throws -> AnalyticsQuery {
        guard let metrics else {
            throw ValidationError("give a query in JSON, or --metrics; sesame metrics lists them")
        }
        var query = AnalyticsQuery(metrics: Self.names(metrics), dimensions: Self.names(by ?? ""))
        query.filters = try conditions.map(Self.filter)
        query.order = Self.names(order ?? "").map(AnalyticsQuery.Order.init)
        if let range = try range() { query.dateRange = range }
        if let timeZone { query.timeZone = timeZone }
        if let limit {
            guard (1...AnalyticsQuery.mostRows).contains(limit) else {
                throw ValidationError("--limit must be 1 to \(AnalyticsQuery.mostRows)")
            }
            query.limit = limit
        }
        if let compare {
            guard let known = Comparison(compare) else {
                throw ValidationError("--compare is previous, year or weekday")
            }
            query.compare = known
        }
        return query
    }

    private func range() throws -> DateRange? {
        guard let since else {
            if until != nil { throw ValidationError("--until needs --since") }
            return nil
        }
        let to = try until.map { text in
            guard let moment = DateRange.Moment(text) else {
                throw ValidationError("--until is a day or a time, such as 2026-08-31")
            }
            return moment
        }
        if to == nil, let range = DateRange(since) { return range }
        guard let from = DateRange.Moment(since) else {
            throw ValidationError(
                "--since is a length such as 7d, a name such as last_month, or a day such as 2026-08-01")
        }
        return .between(from, to)
    }

    private static func names(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }

    /// The operators as people write them, the longer before those that they begin with.
    private static let signs: [(sign: String, comparison: AnalyticsFilter.Operator)] = [
        ("!=", .isNot), (">=", .atLeast), ("<=", .atMost), ("!~", .notContains), ("=~", .matches), ("=", .is),
        ("~", .contains), (">", .greater),
        ("<", .less),
    ]

    /// Reads a condition such as `isp=Gmail|Yahoo`. The first sign in it counts, so that values may have others.
    static func filter(_ text: String) throws -> AnalyticsFilter {
        let place = text.firstIndex { "!=<>~".contains($0) }
        guard let place, place > text.startIndex,
            let (sign, comparison) = signs.first(where: { text[place...].hasPrefix($0.sign) })
        else { throw ValidationError("'\(text)' is no condition; write for example isp=Gmail") }
        let rest = text[place...].dropFirst(sign.count)
        let texts =
            comparison == .matches ? [rest] : rest.split(separator: "|", omittingEmptySubsequences: false)
        return .condition(
            .init(
                String(text[..<place]), comparison,
                texts.map { value(String($0), ordered: "<>".contains(sign.prefix(1))) }))
    }

    /// A word of the shell as the value that it looks like; nothing is null.
    private static func value(_ text: String, ordered: Bool) -> AnalyticsValue {
        if text.isEmpty { return .null }
        if text == "true" || text == "false" { return .flag(text == "true") }
        // An account such as 012345678901 is no number.
        if let integer = Int64(text), String(integer) == text { return .integer(integer) }
        return ordered ? Double(text).map { .number($0) } ?? .text(text) : .text(text)
    }
}

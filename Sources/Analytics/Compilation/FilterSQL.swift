import Primitives

/// Filters as SQL that is true or false and never null.
struct FilterSQL {
    /// SQL and type of a field; throws where there is no such field.
    let resolve:
        (_ field: String, _ pointer: String) throws(AnalyticsError) -> (
            sql: String, type: Dimension.ValueType
        )

    /// All of the filters.
    func sql(_ filters: [AnalyticsFilter], at pointer: String) throws(AnalyticsError) -> String {
        guard !filters.isEmpty else { return "true" }
        return try joined(filters, " AND ", at: pointer)
    }

    private func joined(_ filters: [AnalyticsFilter], _ word: String, at pointer: String)
        throws(AnalyticsError) -> String
    {
        var parts: [String] = []
        for (index, filter) in filters.enumerated() {
            parts.append(try sql(filter, at: "\(pointer)/\(index)"))
        }
        return "(" + parts.joined(separator: word) + ")"
    }

    private func sql(_ filter: AnalyticsFilter, at pointer: String) throws(AnalyticsError) -> String {
        switch filter {
        case .and(let filters):
            return filters.isEmpty ? "true" : try joined(filters, " AND ", at: pointer + "/and")
        case .or(let filters):
            return filters.isEmpty ? "false" : try joined(filters, " OR ", at: pointer + "/or")
        case .not(let filter): return "NOT \(try sql(filter, at: pointer + "/not"))"
        case .condition(let condition): return try sql(condition, at: pointer)
        }
    }

    private func sql(_ condition: AnalyticsFilter.Condition, at pointer: String) throws(AnalyticsError)
        -> String
    {
        let (field, type) = try resolve(condition.field, pointer + "/field")
        let comparison = condition.comparison
        guard !comparison.isForTexts || type == .text else {
            throw AnalyticsError(
                .badOperator, at: pointer + "/op",
                "'\(comparison.rawValue)' is for texts, and \(condition.field) is none",
                hint: "use is, gt, gte, lt or lte")
        }
        var tests: [String] = []
        for (index, value) in condition.values.enumerated() {
            let place = condition.values.count == 1 ? pointer + "/value" : pointer + "/values/\(index)"
            tests.append(try test(field, type, comparison, value, at: place))
        }
        let any = tests.count == 1 ? tests[0] : "(" + tests.joined(separator: " OR ") + ")"
        return comparison.isNegative ? "(NOT \(any))" : any
    }

    /// One comparison, without its "not".
    private func test(
        _ field: String, _ type: Dimension.ValueType, _ comparison: AnalyticsFilter.Operator,
        _ value: AnalyticsValue,
        at pointer: String
    ) throws(AnalyticsError) -> String {
        if let sign = comparison.sign {
            guard value != .null else {
                throw AnalyticsError(
                    .badValue, at: pointer, "nothing is greater or less than null", hint: "use is or is_not")
            }
            if type == .text, value.isNumber {
                return "coalesce(TRY_CAST(\(field) AS DOUBLE) \(sign) \(value.sql), false)"
            }
            return "coalesce(\(field) \(sign) \(try literal(value, type, at: pointer)), false)"
        }
        guard comparison.isForTexts else {
            return "(\(field) IS NOT DISTINCT FROM \(try literal(value, type, at: pointer)))"
        }
        guard case .text(let text) = value, value.isPlain else {
            throw AnalyticsError(
                .badValue, at: pointer, "a text is wanted, without U+0000 and 16 KiB at most")
        }
        let isPattern = comparison == .matches || comparison == .notMatches
        return isPattern
            ? "coalesce(regexp_matches(\(field), \(SQL.value(text))), false)"
            : "coalesce(contains(lower(\(field)), lower(\(SQL.value(text)))), false)"
    }

    /// A value as the field's type has it.
    private func literal(_ value: AnalyticsValue, _ type: Dimension.ValueType, at pointer: String)
        throws(AnalyticsError)
        -> String
    {
        guard value.isPlain else {
            throw AnalyticsError(
                .badValue, at: pointer, "a text without U+0000 and of 16 KiB at most is wanted, or a number")
        }
        switch (type, value) {
        case (_, .null): return "NULL"
        case (.text, .text), (.integer, .integer), (.integer, .number), (.flag, .flag): return value.sql
        case (.text, .integer(let number)): return SQL.literal(String(number))
        case (.text, .flag(let flag)): return SQL.literal(flag ? "true" : "false")
        case (.date, .text(let text)):
            if case .day(let day)? = DateRange.Moment(text) { return "DATE '\(day)'" }
            throw AnalyticsError(.badValue, at: pointer, "'\(text)' is no day", hint: "write 2026-08-01")
        case (.time, .text(let text)):
            switch DateRange.Moment(text) {
            case .time(let time): return SQL.instant(time)
            case .day(let day): return SQL.instant(day.start)
            case nil:
                throw AnalyticsError(
                    .badValue, at: pointer, "'\(text)' is no time", hint: "write 2026-08-01T12:00:00Z")
            }
        default:
            throw AnalyticsError(.badValue, at: pointer, "the value is no \(type.rawValue)")
        }
    }
}

extension AnalyticsValue {
    fileprivate var isNumber: Bool {
        switch self {
        case .integer: true
        case .number(let number): number.isFinite
        default: false
        }
    }
}

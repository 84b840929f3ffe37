/// A property by which numbers are broken down and filtered.
public struct Dimension: Sendable {
    /// What its values are.
    public enum ValueType: String, Sendable, CaseIterable {
        /// Text.
        case text
        /// An instant in UTC, such as `2026-08-01T12:00:00.000Z`.
        case time
        /// A day, such as `2026-08-01`: the first of a week or month.
        case date
        /// A whole number.
        case integer
        /// True or false.
        case flag
    }

    /// The name in queries; `tag:NAME` and the like stand for any name.
    public let name: String
    /// The name for people.
    public let title: String
    /// What it is, in a sentence.
    public let meaning: String
    /// What its values are.
    public let type: ValueType
    let source: Source

    /// Where a value comes from.
    enum Source: Sendable {
        /// SQL over the columns of facts.
        case fact(String, needs: Set<FactNeed>)
        /// A span of time in the query's time zone.
        case span(TimeSpan)
        /// SQL of the local time `$local`.
        case local(String)
        /// An entry of a map or list; `$name` stands for its name as a literal.
        case entry(String)
        /// A column of a dataset.
        case dataset
    }

    init(
        _ name: String, _ title: String, _ meaning: String, type: ValueType = .text, _ source: Source
    ) {
        (self.name, self.title, self.meaning, self.type, self.source) = (name, title, meaning, type, source)
    }

    /// A dimension that is a column of facts.
    init(
        _ name: String, _ title: String, _ meaning: String, type: ValueType = .text, column: String,
        needs: Set<FactNeed> = []
    ) {
        self.init(name, title, meaning, type: type, .fact(column, needs: needs))
    }
}

/// Spans of time by which events are grouped.
enum TimeSpan: String, Sendable, CaseIterable {
    case halfHour = "half_hour"
    case hour, day, week, month, quarter, year

    /// The length of one that has always the same, and whose beginning is an instant and no date; nil for those of a calendar.
    var microseconds: Int64? {
        switch self {
        case .halfHour: CountsCut.span
        case .hour: 2 * CountsCut.span
        case .day, .week, .month, .quarter, .year: nil
        }
    }
}

/// A query as SQL: one statement that gives all rows, the total and the comparison from one snapshot.
public struct CompiledQuery: Sendable {
    /// What was asked.
    public let plan: AnalyticsPlan
    /// The statement. Its columns: `is_total`, `row_count`, the dimensions, the metrics, `compare:` and `sample:` with metrics' names.
    public let sql: String
    /// A statement for the rows alone, with the columns of ``columns``: for files.
    public let rowsSQL: String
    /// The columns of the answer.
    public let columns: [AnalyticsColumn]
}

/// A column of an answer.
public struct AnalyticsColumn: Hashable, Sendable {
    /// What it holds.
    public enum Kind: String, Hashable, Sendable {
        /// A dimension's values.
        case dimension
        /// A metric's values.
        case metric
        /// The metric's values in the time compared with.
        case comparison
    }

    /// The name: the dimension's or metric's, with `compare:` before it in a comparison.
    public var name: String
    /// The name for people.
    public var title: String
    /// What it holds.
    public var kind: Kind
    /// What its values are.
    public var type: AnalyticsColumn.ValueType
    /// What its numbers are; nil for a dimension.
    public var unit: Metric.Unit?

    /// What values are.
    public enum ValueType: String, Hashable, Sendable {
        /// As those of dimensions.
        case text, time, date, integer, flag
        /// A number with a fraction.
        case number
    }
}

extension Metric.Unit {
    /// What values in it are.
    var valueType: AnalyticsColumn.ValueType { self == .count ? .integer : .number }
}

extension Dimension.ValueType {
    var valueType: AnalyticsColumn.ValueType { AnalyticsColumn.ValueType(rawValue: rawValue) ?? .text }
}

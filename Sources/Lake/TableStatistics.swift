// Statistics of one data file, as Delta keeps them in `add.stats`:
//   {"numRecords":n,"minValues":{column:…},"maxValues":{column:…},"nullCount":{column:n}}
// Timestamps are ISO 8601 with milliseconds, so a minimum is rounded down and a maximum up. Strings are cut: a minimum to
// its first 64 scalars (a prefix sorts first), a maximum is left out when longer. Dates are `2026-08-01`. Floating point,
// boolean, binary and nested columns have no minimum and maximum here: NaN has no order, and the others prune nothing.

import Primitives

/// A value of a column that files are chosen by.
public enum ColumnValue: Hashable, Sendable {
    /// An instant.
    case timestamp(Timestamp)
    /// A day.
    case date(CivilDay)
    /// A whole number of 32 or 64 bits.
    case integer(Int64)
    /// Text, ordered by its UTF-8 bytes as Parquet orders it.
    case string(String)

    /// Whether this sorts before `other`; false for values of two kinds.
    public func isLess(than other: ColumnValue) -> Bool {
        switch (self, other) {
        case (.timestamp(let left), .timestamp(let right)): left < right
        case (.date(let left), .date(let right)): left < right
        case (.integer(let left), .integer(let right)): left < right
        case (.string(let left), .string(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
        default: false
        }
    }

    /// Whether the two are values of one kind, so that they have an order.
    public func isComparable(to other: ColumnValue) -> Bool {
        switch (self, other) {
        case (.timestamp, .timestamp), (.date, .date), (.integer, .integer), (.string, .string): true
        default: false
        }
    }

    /// Reads a value from the text that DuckDB, a partition or Delta's JSON gives; nil for types without an order here.
    init?(parsing text: String, as type: TableColumnType) {
        switch type {
        case .string: self = .string(text)
        case .long, .integer:
            guard let value = Int64(text) else { return nil }
            self = .integer(value)
        case .timestamp:
            guard let value = Timestamp(parsing: text) else { return nil }
            self = .timestamp(value)
        case .date:
            guard let value = Timestamp(parsing: text + "T00:00:00Z") else { return nil }
            self = .date(value.day)
        default: return nil
        }
    }
}

/// What is known of one column of one file.
public struct ColumnStatistics: Hashable, Sendable {
    /// No value of the column is less; nil where unknown or all are NULL.
    public var minimum: ColumnValue?
    /// No value of the column is greater; nil where unknown or all are NULL.
    public var maximum: ColumnValue?
    /// How many rows have NULL; nil where unknown.
    public var nullCount: Int64?

    /// Statistics of a column; what is left out is unknown.
    public init(minimum: ColumnValue? = nil, maximum: ColumnValue? = nil, nullCount: Int64? = nil) {
        self.minimum = minimum
        self.maximum = maximum
        self.nullCount = nullCount
    }
}

/// What is known of one file.
public struct FileStatistics: Hashable, Sendable {
    /// Rows; nil where unknown.
    public var rowCount: Int64?
    /// Column → its statistics.
    public var columns: [String: ColumnStatistics] = [:]

    /// The longest string, in Unicode scalars, that is kept whole.
    static let longestString = 64
    /// How many columns, from the first, get statistics; Delta's own default.
    static let indexedColumns = 32

    /// Statistics of a file.
    public init(rowCount: Int64? = nil, columns: [String: ColumnStatistics] = [:]) {
        self.rowCount = rowCount
        self.columns = columns
    }

    /// The times in a column; nil where the log does not say. A maximum that another writer cut to milliseconds stands for all of one.
    func times(_ column: String) -> ClosedRange<Timestamp>? {
        guard let known = columns[column], case .timestamp(let minimum)? = known.minimum,
            case .timestamp(let maximum)? = known.maximum?.upperLimit, minimum <= maximum
        else { return nil }
        return minimum...maximum
    }
}

// MARK: - Delta JSON

extension FileStatistics {
    /// Reads the text of `add.stats`. Statistics are a help and never a must, so what cannot be read is unknown.
    init(parsing text: String?, schema: TableSchema) {
        guard let text, let json = try? DeltaJSON(parsing: text) else { return }
        rowCount = json["numRecords"]?.int64
        let (minima, maxima, nulls) = (json["minValues"], json["maxValues"], json["nullCount"])
        for column in schema.columns {
            func value(_ source: DeltaJSON?) -> ColumnValue? {
                guard let found = source?[column.name] else { return nil }
                if case .number(let digits) = found { return ColumnValue(parsing: digits, as: column.type) }
                return found.text.flatMap { ColumnValue(parsing: $0, as: column.type) }
            }
            let statistics = ColumnStatistics(
                minimum: value(minima), maximum: value(maxima), nullCount: nulls?[column.name]?.int64)
            if statistics != ColumnStatistics() { columns[column.name] = statistics }
        }
    }

    /// The text for `add.stats`, with bounds rounded and cut as Delta wants.
    var json: String {
        var members: [String: DeltaJSON] = [:]
        if let rowCount { members["numRecords"] = .integer(rowCount) }
        members["minValues"] = .object(columns.compactMapValues { $0.minimum?.deltaMinimum })
        members["maxValues"] = .object(columns.compactMapValues { $0.maximum?.deltaMaximum })
        members["nullCount"] = .object(columns.compactMapValues { $0.nullCount.map { .integer($0) } })
        return DeltaJSON.object(members).line
    }
}

extension ColumnValue {
    /// The value as a lower bound in `minValues`.
    var deltaMinimum: DeltaJSON? {
        switch self {
        case .timestamp(let time):
            .string(Timestamp(microseconds: time.microseconds.floorDivided(by: 1_000) * 1_000).iso8601)
        case .string(let text):
            .string(
                String(String.UnicodeScalarView(text.unicodeScalars.prefix(FileStatistics.longestString))))
        case .date(let day): .string(day.description)
        case .integer(let value): .integer(value)
        }
    }

    /// The value as an upper bound in `maxValues`; nil where no short one is known.
    var deltaMaximum: DeltaJSON? {
        switch self {
        case .timestamp(let time):
            .string(Timestamp(microseconds: -(-time.microseconds).floorDivided(by: 1_000) * 1_000).iso8601)
        case .string(let text):
            text.unicodeScalars.count <= FileStatistics.longestString ? .string(text) : nil
        case .date(let day): .string(day.description)
        case .integer(let value): .integer(value)
        }
    }
}

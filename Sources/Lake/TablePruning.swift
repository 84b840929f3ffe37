import Primitives

/// A condition that a column's value lies between two bounds, both inside the range, or between those of one of several. NULL never does.
public struct ColumnRange: Hashable, Sendable {
    /// The column.
    public var column: String
    /// The bounds.
    public var bounds: [Bounds]

    /// Two bounds.
    public struct Bounds: Hashable, Sendable {
        /// The least value wanted; nil for no bound.
        public var lower: ColumnValue?
        /// The greatest value wanted; nil for no bound.
        public var upper: ColumnValue?

        /// Values from `lower` to `upper`, both included.
        public init(from lower: ColumnValue? = nil, through upper: ColumnValue? = nil) {
            (self.lower, self.upper) = (lower, upper)
        }
    }

    /// Values of `column` from `lower` to `upper`, both included.
    public init(_ column: String, from lower: ColumnValue? = nil, through upper: ColumnValue? = nil) {
        self.init(column, anyOf: [Bounds(from: lower, through: upper)])
    }

    /// Values of `column` between the bounds of one of several; of none, nothing.
    public init(_ column: String, anyOf bounds: [Bounds]) { (self.column, self.bounds) = (column, bounds) }
}

extension TableSnapshot {
    /// The files that may hold a row for which every range is true, by partition values and statistics.
    ///
    /// A file is left out only where the log proves it empty of such rows; a column without statistics, or a bound of
    /// another kind than the column, proves nothing.
    public func files(where ranges: [ColumnRange]) -> [DataFile] {
        let kept = filesByPath.values.filter { file in ranges.allSatisfy { mayMatch(file, $0) } }
        return kept.sorted { $0.path < $1.path }
    }

    private func mayMatch(_ file: DataFile, _ range: ColumnRange) -> Bool {
        if range.bounds.contains(where: { $0.lower == nil && $0.upper == nil }) { return true }
        guard let column = schema.column(range.column) else { return true }
        if schema.partitionColumns.contains(range.column) {
            guard let value = file.partitionValues[range.column] else { return true }
            guard let value, !value.isEmpty else { return false }
            guard let typed = ColumnValue(parsing: value, as: column.type) else { return true }
            return range.overlaps(typed, typed)
        }
        guard let known = file.statistics.columns[range.column] else { return true }
        if let nulls = known.nullCount, let rows = file.rowCount, rows == nulls { return false }
        return range.overlaps(known.minimum, known.maximum?.upperLimit)
    }
}

extension ColumnRange {
    /// Whether a value from `minimum` to `maximum` may lie in the range.
    fileprivate func overlaps(_ minimum: ColumnValue?, _ maximum: ColumnValue?) -> Bool {
        bounds.contains { $0.overlap(minimum, maximum) }
    }
}

extension ColumnRange.Bounds {
    fileprivate func overlap(_ minimum: ColumnValue?, _ maximum: ColumnValue?) -> Bool {
        if let lower, let maximum, maximum.isLess(than: lower) { return false }
        if let upper, let minimum, upper.isLess(than: minimum) { return false }
        return true
    }
}

extension ColumnValue {
    /// The greatest value that a maximum in the log may stand for: other writers cut timestamps to milliseconds.
    var upperLimit: ColumnValue {
        guard case .timestamp(let time) = self, time.microseconds % 1_000 == 0 else { return self }
        return .timestamp(Timestamp(microseconds: time.microseconds + 999))
    }
}

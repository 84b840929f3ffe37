import Primitives
import Scanning

/// The answer to a query.
public struct AnalyticsResult: Sendable {
    /// A row of values.
    public struct Row: Hashable, Sendable {
        /// A value for each column.
        public var values: [AnalyticsValue]
        /// The metrics, by name, whose sample is too small to lean on.
        public var smallSamples: [String]
    }

    /// How new the numbers are.
    public struct Freshness: Hashable, Sendable {
        /// The version of `events` that was read.
        public var snapshotVersion: Int64
        /// The last event in it; nil where there is none.
        public var lastEventAt: Timestamp?

        /// The state of a lake.
        public init(snapshotVersion: Int64, lastEventAt: Timestamp?) {
            (self.snapshotVersion, self.lastEventAt) = (snapshotVersion, lastEventAt)
        }
    }

    /// The columns.
    public let columns: [AnalyticsColumn]
    /// The rows.
    public let rows: [Row]
    /// The same over all that the filters let through, whatever the limit. Its dimensions are null. Not the sum of the rows: who opened in two
    /// months is one.
    public let totals: Row
    /// How many rows there are without limit and offset.
    public let rowCount: Int
    /// The query with its clock.
    public let plan: AnalyticsPlan
    /// How new the numbers are.
    public let freshness: Freshness

    /// Reads what the statement of a query gave.
    ///
    /// - Parameter lines: an object a line, its members in the order of the statement's columns.
    /// - Throws: ``Failure`` of kind storage where they are not what the statement gives.
    public init(_ compiled: CompiledQuery, lines: [UInt8], freshness: Freshness) throws(Failure) {
        (columns, plan, self.freshness) = (compiled.columns, compiled.plan, freshness)
        var (rows, totals, count): ([Row], Row?, Int) = ([], nil, 0)
        for line in lines.split(separator: UInt8(ascii: "\n")) {
            guard let values = Self.values(line), values.count >= 2 + compiled.columns.count,
                case .flag(let isTotal) = values[0], case .integer(let rowCount) = values[1]
            else { throw Failure(.storage, "the answer of the query worker cannot be read") }
            count = Int(rowCount)
            let row = Self.row(Array(values.dropFirst(2)), compiled)
            if isTotal { totals = row } else { rows.append(row) }
        }
        guard let totals else { throw Failure(.storage, "the answer of the query worker has no totals") }
        self.totals = totals
        let isOne = compiled.plan.fields.isEmpty
        (self.rows, rowCount) = isOne ? ([totals], 1) : (rows, count)
    }

    /// The value of a column in a row; null where there is no such column.
    func value(_ column: String, in row: Row) -> AnalyticsValue {
        columns.firstIndex { $0.name == column }.map { row.values[$0] } ?? .null
    }

    /// A row of what the statement gives: the columns, then the samples of the metrics that have one.
    private static func row(_ values: [AnalyticsValue], _ compiled: CompiledQuery) -> Row {
        let sampled = compiled.plan.metrics.filter { $0.sample != nil }
        let samples = values.dropFirst(compiled.columns.count)
        let small = zip(sampled, samples).filter { $1.count < Double(Metric.smallSample) }.map(\.0.name)
        let typed = zip(values, compiled.columns).map { $0.typed($1.type) }
        return Row(values: typed, smallSamples: small)
    }

    /// The values of a JSON object in their order.
    private static func values(_ line: ArraySlice<UInt8>) -> [AnalyticsValue]? {
        line.withUnsafeBytes { bytes in
            var values: [AnalyticsValue] = []
            let isWhole = JSONScanner.members(of: bytes) { _, value in
                values.append(AnalyticsValue(value))
                return true
            }
            return isWhole ? values : nil
        }
    }
}

extension AnalyticsValue {
    /// A scalar of JSON. Foundation's reader would round a number's last digit.
    fileprivate init(_ value: JSONScanner.Value) {
        if let text = value.string() {
            self = .text(text)
            return
        }
        let word = String(decoding: value.bytes, as: UTF8.self)
        switch word {
        case "true": self = .flag(true)
        case "false": self = .flag(false)
        default: self = Int64(word).map { .integer($0) } ?? Double(word).map { .number($0) } ?? .null
        }
    }

    /// The value in a column of a type: a fraction may have been written as a whole number.
    fileprivate func typed(_ type: AnalyticsColumn.ValueType) -> AnalyticsValue {
        if case .integer(let integer) = self, type == .number { return .number(Double(integer)) }
        return self
    }

    /// The value as a number of mails; nothing is none.
    fileprivate var count: Double {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        default: 0
        }
    }
}

import Foundation
import Primitives

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
    /// - Parameter lines: an object a line.
    /// - Throws: ``Failure`` of kind storage where they are not what the statement gives.
    public init(_ compiled: CompiledQuery, lines: [UInt8], freshness: Freshness) throws(Failure) {
        (columns, plan, self.freshness) = (compiled.columns, compiled.plan, freshness)
        var (rows, totals, count): ([Row], Row?, Int) = ([], nil, 0)
        for line in lines.split(separator: UInt8(ascii: "\n")) {
            guard let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any],
                let isTotal = object["is_total"] as? Bool
            else { throw Failure(.storage, "the answer of the query worker cannot be read") }
            count = (object["row_count"] as? Int) ?? count
            let row = Self.row(object, compiled)
            if isTotal { totals = row } else { rows.append(row) }
        }
        guard let totals else { throw Failure(.storage, "the answer of the query worker has no totals") }
        self.totals = totals
        let isOne = compiled.plan.fields.isEmpty
        (self.rows, rowCount) = isOne ? ([totals], 1) : (rows, count)
    }

    private static func row(_ object: [String: Any], _ compiled: CompiledQuery) -> Row {
        let names = compiled.plan.labels + compiled.columns.dropFirst(compiled.plan.labels.count).map(\.name)
        let values = zip(names, compiled.columns).map { value(object[$0], $1.type) }
        let small = compiled.plan.metrics.filter { metric in
            guard metric.sample != nil else { return false }
            let sample = (object["sample:\(metric.name)"] as? NSNumber)?.doubleValue ?? 0
            return sample < Double(Metric.smallSample)
        }
        return Row(values: values, smallSamples: small.map(\.name))
    }

    private static func value(_ value: Any?, _ type: AnalyticsColumn.ValueType) -> AnalyticsValue {
        switch (type, value) {
        case (.text, let text as String), (.date, let text as String), (.time, let text as String):
            .text(text)
        case (.flag, let number as NSNumber): .flag(number.boolValue)
        case (.integer, let number as NSNumber): .integer(number.int64Value)
        case (.number, let number as NSNumber): .number(number.doubleValue)
        default: .null
        }
    }
}

import Primitives

/// How long the spans are that the events of one folder come from.
public enum PartitionUnit: String, CaseIterable, Sendable {
    /// A day of UTC: what most senders want.
    case day
    /// An hour: for those who send so much that a day is too large to read.
    case hour

    /// Names of the partition columns, outermost first.
    var columns: [String] {
        switch self {
        case .day: TableSchema.dayPartition
        case .hour: TableSchema.dayPartition + ["hour"]
        }
    }

    fileprivate var microseconds: Int64 { self == .day ? 86_400_000_000 : 3_600_000_000 }
}

/// A span of time whose events lie in one folder.
public struct TimePartition: Hashable, Comparable, Sendable {
    /// Its length.
    public let unit: PartitionUnit
    /// Its first microsecond, since 1970.
    let start: Int64

    /// The span that a time, in microseconds since 1970, falls into.
    init(containing time: Int64, unit: PartitionUnit) {
        self.unit = unit
        let length = unit.microseconds
        start = time - ((time % length) + length) % length
    }

    /// The first microsecond behind it.
    var end: Int64 { start + unit.microseconds }

    /// Its folder, such as `year=2026/month=08/day=01/hour=09`.
    var folder: String {
        let day = Timestamp(microseconds: start).day
        guard unit == .hour else { return day.partitionFolder }
        let hour = (start - day.start.microseconds) / unit.microseconds
        return day.partitionFolder + "/hour=\(hour < 10 ? "0" : "")\(hour)"
    }

    /// Whether it comes before another.
    public static func < (left: TimePartition, right: TimePartition) -> Bool { left.start < right.start }
}

import Primitives

extension Value: CustomStringConvertible {
    /// The value as DuckDB's command line prints it; NULL is empty at the top and `NULL` inside others.
    public var description: String {
        if case .null = self { "" } else { nestedText }
    }

    private var nestedText: String {
        switch self {
        case .null: "NULL"
        case .boolean(let flag): flag ? "true" : "false"
        case .integer(let number): String(number)
        case .hugeint(let number): String(number)
        case .double(let number): Value.doubleText(number)
        case .decimal(let unscaled, let scale): Value.decimalText(unscaled, scale)
        case .text(let text): text
        case .blob(let bytes): bytes.map(Value.blobText).joined()
        case .timestamp(let time): time.iso8601
        case .date(let day): day.description
        case .time(let microseconds): Value.timeText(microseconds)
        case .interval(let months, let days, let microseconds): Value.intervalText(months, days, microseconds)
        case .list(let values): "[" + values.map(\.nestedText).joined(separator: ", ") + "]"
        case .map(let pairs):
            "{" + pairs.map { "\($0.key.nestedText)=\($0.value.nestedText)" }.joined(separator: ", ") + "}"
        case .structure(let fields):
            "{" + fields.map { "'\($0.name)': \($0.value.nestedText)" }.joined(separator: ", ") + "}"
        }
    }

    /// Swift's shortest form, with DuckDB's words for what is no number.
    static func doubleText(_ number: Double) -> String {
        if number.isNaN { return "nan" }
        if number.isInfinite { return number < 0 ? "-inf" : "inf" }
        return "\(number)"
    }

    private static func blobText(_ byte: UInt8) -> String {
        if (32..<127).contains(byte), byte != 92, byte != 39, byte != 34 {
            return String(UnicodeScalar(byte))
        }
        let digits = String(byte, radix: 16, uppercase: true)
        return "\\x" + (digits.count == 1 ? "0" : "") + digits
    }

    /// `HH:MM:SS`, with microseconds where there are any.
    static func timeText(_ microseconds: Int64) -> String {
        let (total, fraction) = (microseconds.magnitude / 1_000_000, microseconds.magnitude % 1_000_000)
        let parts = [total / 3600, total / 60 % 60, total % 60].map { twoDigits($0) }
        let digits = String(fraction + 1_000_000).dropFirst()
        return (microseconds < 0 ? "-" : "") + parts.joined(separator: ":")
            + (fraction == 0 ? "" : "." + digits)
    }

    private static func twoDigits(_ number: UInt64) -> String {
        number < 10 ? "0\(number)" : String(number)
    }

    private static func intervalText(_ months: Int32, _ days: Int32, _ microseconds: Int64) -> String {
        func part(_ count: Int32, _ unit: String) -> String? {
            count == 0 ? nil : "\(count) \(unit)\(count == 1 || count == -1 ? "" : "s")"
        }
        let parts = [part(months / 12, "year"), part(months % 12, "month"), part(days, "day")].compactMap {
            $0
        }
        let time = microseconds != 0 || parts.isEmpty ? [timeText(microseconds)] : []
        return (parts + time).joined(separator: " ")
    }
}

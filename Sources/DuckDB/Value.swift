import Primitives

/// One value of a result or a parameter, in Swift's terms.
///
/// Types that lose nothing in a wider one share a case; those that no Swift type holds are given as DuckDB prints them.
public indirect enum Value: Hashable, Sendable {
    /// SQL's NULL.
    case null
    /// BOOLEAN.
    case boolean(Bool)
    /// Every integer type up to 64 bits, as far as the value fits.
    case integer(Int64)
    /// HUGEINT, and UBIGINT above the range of ``integer(_:)``.
    case hugeint(Int128)
    /// FLOAT and DOUBLE.
    case double(Double)
    /// DECIMAL: the digits without the point, and how many of them stand behind it.
    case decimal(unscaled: Int128, scale: Int)
    /// VARCHAR, ENUM, JSON, UUID, BIT, and what has no case of its own.
    case text(String)
    /// BLOB.
    case blob([UInt8])
    /// TIMESTAMP, with and without zone.
    case timestamp(Timestamp)
    /// DATE.
    case date(CivilDay)
    /// TIME: microseconds since midnight.
    case time(Int64)
    /// INTERVAL, whose three parts do not convert into each other.
    case interval(months: Int32, days: Int32, microseconds: Int64)
    /// LIST and ARRAY.
    case list([Value])
    /// MAP, in its own order.
    case map([Pair])
    /// STRUCT, in its own order.
    case structure([Field])

    /// One entry of a MAP.
    public struct Pair: Hashable, Sendable {
        /// The entry's key.
        public var key: Value
        /// The entry's value.
        public var value: Value

        /// An entry.
        public init(key: Value, value: Value) {
            (self.key, self.value) = (key, value)
        }
    }

    /// One field of a STRUCT.
    public struct Field: Hashable, Sendable {
        /// The field's name.
        public var name: String
        /// The field's value.
        public var value: Value

        /// A field.
        public init(name: String, value: Value) {
            (self.name, self.value) = (name, value)
        }
    }

    /// The text of a ``text(_:)``, else nil.
    public var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// The number of an ``integer(_:)`` or of a ``hugeint(_:)`` that fits, else nil.
    public var integer: Int64? {
        switch self {
        case .integer(let number): number
        case .hugeint(let number): Int64(exactly: number)
        default: nil
        }
    }

    /// The value of any numeric case, else nil.
    public var double: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .hugeint(let number): Double(number)
        case .double(let number): number
        case .decimal(let unscaled, let scale): Double(Value.decimalText(unscaled, scale))
        default: nil
        }
    }

    /// Digits with the point put where `scale` says.
    static func decimalText(_ unscaled: Int128, _ scale: Int) -> String {
        guard scale > 0 else { return String(unscaled) }
        let digits = String(unscaled.magnitude)
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        return (unscaled < 0 ? "-" : "") + padded.dropLast(scale) + "." + padded.suffix(scale)
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral
{
    /// A text, written as a literal.
    public init(stringLiteral text: String) { self = .text(text) }
    /// An integer, written as a literal.
    public init(integerLiteral number: Int64) { self = .integer(number) }
    /// A truth value, written as a literal.
    public init(booleanLiteral flag: Bool) { self = .boolean(flag) }
    /// A double, written as a literal.
    public init(floatLiteral number: Double) { self = .double(number) }
    /// NULL, written as `nil`.
    public init(nilLiteral: ()) { self = .null }
    /// A list, written as a literal.
    public init(arrayLiteral values: Value...) { self = .list(values) }
}

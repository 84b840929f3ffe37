/// A condition on dimensions, or on metrics in `having`.
///
///     {"field": "isp", "op": "is", "value": "Gmail"}          or "values": ["Gmail", "Yahoo"], any of which will do
///     {"and": […]}   {"or": […]}   {"not": {…}}
///
/// Null is a value like others: `is not Gmail` is true of it.
public indirect enum AnalyticsFilter: Hashable, Sendable {
    /// All hold.
    case and([AnalyticsFilter])
    /// One holds at least.
    case or([AnalyticsFilter])
    /// It does not hold.
    case not(AnalyticsFilter)
    /// A field compared with values.
    case condition(Condition)

    /// A field compared with values.
    public struct Condition: Hashable, Sendable {
        /// A dimension or metric.
        public var field: String
        /// How it is compared.
        public var comparison: Operator
        /// With what; any of them will do.
        public var values: [AnalyticsValue]

        /// A condition.
        public init(_ field: String, _ comparison: Operator, _ values: [AnalyticsValue]) {
            (self.field, self.comparison, self.values) = (field, comparison, values)
        }
    }

    /// How a field is compared.
    public enum Operator: String, Hashable, Sendable, CaseIterable {
        /// Equal to a value; null is equal to null.
        case `is`
        /// Equal to none of the values.
        case isNot = "is_not"
        /// The same as ``is``.
        case `in`
        /// The same as ``isNot``.
        case notIn = "not_in"
        /// A part of the text, in any case of letters.
        case contains
        /// No such part.
        case notContains = "not_contains"
        /// A regular expression (RE2) that fits a part of the text.
        case matches
        /// It fits no part.
        case notMatches = "not_matches"
        /// Greater.
        case greater = "gt"
        /// Greater or equal.
        case atLeast = "gte"
        /// Less.
        case less = "lt"
        /// Less or equal.
        case atMost = "lte"

        /// Whether it is the opposite of another.
        var isNegative: Bool { [.isNot, .notIn, .notContains, .notMatches].contains(self) }
        /// Whether it looks into texts.
        var isForTexts: Bool { [.contains, .notContains, .matches, .notMatches].contains(self) }
        /// The sign of an order, as in SQL.
        var sign: String? {
            switch self {
            case .greater: ">"
            case .atLeast: ">="
            case .less: "<"
            case .atMost: "<="
            default: nil
            }
        }
    }

    /// How deep filters may nest.
    static let deepest = 16
    /// The most values in one condition.
    static let mostValues = 1_000
}

extension AnalyticsFilter: Codable {
    private enum Key: String, CodingKey, CaseIterable {
        case and, or, not, field, op, value, values
    }

    /// Reads a filter.
    ///
    /// - Throws: ``AnalyticsError``.
    public init(from decoder: any Decoder) throws {
        let members = try KnownMembers<Key>(decoder, of: "a filter")
        guard decoder.codingPath.count <= Self.deepest * 2 else {
            throw members.error(.badValue, nil, "filters nest deeper than \(Self.deepest)")
        }
        let (container, given) = (members.container, members.given)
        if given == [.and] {
            self = .and(try container.decode([AnalyticsFilter].self, forKey: .and))
        } else if given == [.or] {
            self = .or(try container.decode([AnalyticsFilter].self, forKey: .or))
        } else if given == [.not] {
            self = .not(try container.decode(AnalyticsFilter.self, forKey: .not))
        } else {
            self = .condition(try Self.condition(members))
        }
    }

    private static func condition(_ members: KnownMembers<Key>) throws -> Condition {
        let (container, given) = (members.container, members.given)
        guard given.isSubset(of: [.field, .op, .value, .values]), given.contains(.field),
            given.contains(.value) != given.contains(.values)
        else {
            throw members.error(
                .badValue, nil,
                "a filter is one of and, or, not, or has field, op and either value or values",
                hint: #"for example {"field":"isp","op":"is","value":"Gmail"}"#)
        }
        let name = try container.decodeIfPresent(String.self, forKey: .op) ?? Operator.is.rawValue
        guard let comparison = Operator(rawValue: name) else {
            throw members.error(
                .badOperator, .op, "there is no operator '\(name)'",
                hint: "there are: " + Operator.allCases.map(\.rawValue).joined(separator: ", "))
        }
        let values =
            given.contains(.values)
            ? try container.decode([AnalyticsValue].self, forKey: .values)
            : [try container.decode(AnalyticsValue.self, forKey: .value)]
        guard (1...mostValues).contains(values.count) else {
            throw members.error(.badValue, .values, "values are 1 to \(mostValues)")
        }
        return Condition(try container.decode(String.self, forKey: .field), comparison, values)
    }

    /// Writes a filter.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .and(let filters): try container.encode(filters, forKey: .and)
        case .or(let filters): try container.encode(filters, forKey: .or)
        case .not(let filter): try container.encode(filter, forKey: .not)
        case .condition(let condition):
            try container.encode(condition.field, forKey: .field)
            try container.encode(condition.comparison.rawValue, forKey: .op)
            try container.encode(condition.values, forKey: .values)
        }
    }
}

/// The members of a JSON object, of which none is unknown: a misspelt one would be silently without effect.
struct KnownMembers<Key: CodingKey & CaseIterable & Hashable> {
    let container: KeyedDecodingContainer<Key>
    let given: Set<Key>
    private let path: [any CodingKey]

    private struct AnyKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(_ decoder: any Decoder, of what: String) throws {
        path = decoder.codingPath
        let all = try decoder.container(keyedBy: AnyKey.self).allKeys
        let names = Key.allCases.map(\.stringValue)
        for key in all where !names.contains(key.stringValue) {
            throw AnalyticsError(
                .unknownMember, at: AnalyticsError.pointer(path + [key]),
                "\(what) has no member '\(key.stringValue)'",
                hint: AnalyticsError.hint(
                    for: key.stringValue, among: names, see: "there are: " + names.joined(separator: ", ")))
        }
        container = try decoder.container(keyedBy: Key.self)
        given = Set(container.allKeys)
    }

    func error(_ code: AnalyticsError.Code, _ key: Key?, _ message: String, hint: String? = nil)
        -> AnalyticsError
    {
        AnalyticsError(
            code, at: AnalyticsError.pointer(path + [key].compactMap { $0 }), message, hint: hint)
    }
}

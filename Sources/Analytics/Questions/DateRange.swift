import Primitives

/// A range of time as a query asks for it, before a clock and a time zone say when that is.
public enum DateRange: Hashable, Sendable {
    /// Whatever there is.
    case all
    /// So long, up to now: `24h` and `30m` to the minute; `7d`, `4w`, `3mo`, `1y` whole days of the calendar, today the last.
    case last(Int, Unit)
    /// A span of the calendar by its name.
    case named(Name)
    /// From a moment up to, and not with, another. Of a day that is given as the end, all is in.
    case between(Moment, Moment?)

    /// Units of ``last``.
    public enum Unit: String, Hashable, Sendable, CaseIterable {
        /// Minutes.
        case minute = "m"
        /// Hours.
        case hour = "h"
        /// Days.
        case day = "d"
        /// Weeks.
        case week = "w"
        /// Months.
        case month = "mo"
        /// Years.
        case year = "y"
    }

    /// Names of spans. Those of the present end now.
    public enum Name: String, Hashable, Sendable, CaseIterable {
        /// Today.
        case today
        /// Yesterday.
        case yesterday
        /// Since Monday.
        case thisWeek = "this_week"
        /// The week before, from Monday to Sunday.
        case lastWeek = "last_week"
        /// Since the first.
        case thisMonth = "this_month"
        /// The month before.
        case lastMonth = "last_month"
        /// Since 1 January.
        case thisYear = "this_year"
        /// The year before.
        case lastYear = "last_year"
    }

    /// A day of the calendar or an instant.
    public enum Moment: Hashable, Sendable {
        /// A day in the query's time zone.
        case day(CivilDay)
        /// An instant.
        case time(Timestamp)

        /// Reads `2026-08-01` or `2026-08-01T12:00:00Z`.
        public init?(_ text: String) {
            if text.utf8.count == 10 {
                guard let time = Timestamp(parsing: text + "T00:00:00Z") else { return nil }
                self = .day(time.day)
            } else {
                guard let time = Timestamp(parsing: text) else { return nil }
                self = .time(time)
            }
        }

        /// The moment as it is read.
        public var text: String {
            switch self {
            case .day(let day): day.description
            case .time(let time): time.iso8601
            }
        }
    }

    /// Reads a range in one word: `all`, `7d`, `today`.
    public init?(_ text: String) {
        if text == "all" {
            self = .all
        } else if let name = Name(rawValue: text) {
            self = .named(name)
        } else {
            let digits = text.prefix { $0.isASCII && $0.isNumber }
            guard let count = Int(digits), (1...10_000).contains(count),
                let unit = Unit(rawValue: String(text.dropFirst(digits.count)))
            else { return nil }
            self = .last(count, unit)
        }
    }

    /// The words that are read, for people.
    static let words =
        "all, a length such as 24h, 7d, 4w, 3mo or 1y, one of "
        + Name.allCases.map(\.rawValue).joined(separator: ", ")
        + #", or {"from":"2026-08-01","to":"2026-08-31"}"#
}

/// What a range is compared with.
public enum Comparison: Hashable, Sendable {
    /// The span of the same length before it.
    case previous
    /// The same a year before.
    case year
    /// The same so many whole weeks before that the two do not overlap: weekdays meet their like.
    case weekday
    /// Another range.
    case range(DateRange)
}

extension DateRange: Codable {
    enum Key: String, CodingKey, CaseIterable { case from, to }

    /// Reads a word, or an object of `from` and `to`.
    public init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            guard let range = DateRange(text) else {
                throw AnalyticsError(
                    .badDateRange, at: AnalyticsError.pointer(decoder.codingPath),
                    "'\(text)' is no range of time",
                    hint: "there are: \(Self.words)")
            }
            self = range
            return
        }
        let members = try KnownMembers<Key>(decoder, of: "a range of time")
        func moment(_ key: Key) throws -> Moment? {
            guard let text = try members.container.decodeIfPresent(String.self, forKey: key) else {
                return nil
            }
            guard let moment = Moment(text) else {
                throw members.error(
                    .badDateRange, key, "'\(text)' is no day and no time",
                    hint: "write 2026-08-01 or 2026-08-01T12:00:00Z")
            }
            return moment
        }
        guard let from = try moment(.from) else {
            throw members.error(
                .badDateRange, nil, "a range of time needs from", hint: "there are: \(Self.words)")
        }
        self = .between(from, try moment(.to))
    }

    /// Writes what is read.
    public func encode(to encoder: any Encoder) throws {
        var single = encoder.singleValueContainer()
        switch self {
        case .all: try single.encode("all")
        case .last(let count, let unit): try single.encode("\(count)\(unit.rawValue)")
        case .named(let name): try single.encode(name.rawValue)
        case .between(let from, let to):
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(from.text, forKey: .from)
            try container.encodeIfPresent(to?.text, forKey: .to)
        }
    }
}

extension Comparison: Codable {
    private static let names: [String: Comparison] = [
        "previous": .previous, "year": .year, "weekday": .weekday,
    ]

    /// Reads a comparison of a name, nil if there is none.
    public init?(_ text: String) {
        guard let known = Self.names[text] else { return nil }
        self = known
    }

    /// Reads a word, or an object of `from` and `to`.
    public init(from decoder: any Decoder) throws {
        guard let text = try? decoder.singleValueContainer().decode(String.self) else {
            self = .range(try DateRange(from: decoder))
            return
        }
        guard let known = Comparison(text) else {
            throw AnalyticsError(
                .badComparison, at: AnalyticsError.pointer(decoder.codingPath),
                "there is no comparison '\(text)'",
                hint: #"there are: previous, year, weekday, or {"from":"2026-08-01","to":"2026-08-31"}"#)
        }
        self = known
    }

    /// Writes what is read.
    public func encode(to encoder: any Encoder) throws {
        if case .range(let range) = self { return try range.encode(to: encoder) }
        var container = encoder.singleValueContainer()
        try container.encode(Self.names.first { $0.value == self }?.key)
    }
}

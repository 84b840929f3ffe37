import Primitives

/// What to simulate. Equal options give equal bytes, on every machine and at every time.
public struct SimulationOptions: Equatable, Sendable {
    /// How many messages are handed to SES; about four times as many events follow from them.
    public var messages: Int
    /// Over how many days before ``end`` the messages are sent.
    public var days: Int
    /// Chooses the one of 2⁶⁴ histories.
    public var seed: UInt64
    /// The share of events, 0 to 1, that is repeated later, byte for byte.
    public var duplicates: Double
    /// The share of events, 0 to 1, that comes after events younger than itself.
    public var outOfOrder: Double
    /// The day before which the last message is sent. A fixed default, because a clock would make every run another.
    public var end: CivilDay
    /// Leaves out what would happen after ``end``. Without it opens and complaints trail for up to 60 days more.
    public var stopsAtEnd: Bool

    /// 2026-08-01.
    public static let defaultEnd = CivilDay(daysSinceEpoch: 20_666)

    /// Options with the defaults of `sesame simulate`.
    public init(
        messages: Int = 100_000, days: Int = 30, seed: UInt64 = 7, duplicates: Double = 0,
        outOfOrder: Double = 0,
        end: CivilDay = SimulationOptions.defaultEnd, stopsAtEnd: Bool = false
    ) {
        self.messages = messages
        self.days = days
        self.seed = seed
        self.duplicates = duplicates
        self.outOfOrder = outOfOrder
        self.end = end
        self.stopsAtEnd = stopsAtEnd
    }

    /// Throws a ``Failure`` that names the first option out of its range.
    public func validate() throws {
        // An event id holds 48 bits of ordinal and a recipient 31; a billion messages leave room in both.
        guard (1...1_000_000_000).contains(messages) else {
            throw Failure(.usage, "the number of messages is \(messages); give 1 to 1000000000")
        }
        guard (1...3_660).contains(days) else {
            throw Failure(.usage, "the number of days is \(days); give 1 to 3660")
        }
        guard (0...1).contains(duplicates) else {
            throw Failure(.usage, "the share of duplicates is \(duplicates); give 0 to 1")
        }
        guard (0...1).contains(outOfOrder) else {
            throw Failure(.usage, "the share out of order is \(outOfOrder); give 0 to 1")
        }
        guard (2_000...9_000).contains(end.components.year) else {
            throw Failure(.usage, "the end is \(end); give a day from 2000 on")
        }
    }

    var firstDay: Int { end.daysSinceEpoch - days }
    var endMilliseconds: Int64 { Int64(end.daysSinceEpoch) * Span.day }
}

/// Lengths of time in milliseconds, the unit of every time in the simulation as it is SES's.
enum Span {
    static let second: Int64 = 1_000
    static let minute: Int64 = 60_000
    static let hour: Int64 = 3_600_000
    static let day: Int64 = 86_400_000
    /// How long SES counts opens and clicks.
    static let engagement: Int64 = 60 * day
    /// How long SES retries before a soft failure becomes a bounce.
    static let retry: Int64 = 14 * hour
}

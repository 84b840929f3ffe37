#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// An instant in UTC, counted in microseconds from 1970-01-01T00:00:00Z.
///
/// SES speaks in milliseconds; the lake's column type (Delta `timestamp`) holds microseconds. Parsing and printing are
/// written out here because a formatter costs tens of microseconds a call and an event has two or more times.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Microseconds since the Unix epoch; negative before it.
    public var microseconds: Int64

    /// An instant from its count of microseconds since the Unix epoch.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The present instant, by the system's clock.
    public static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    /// Whole days since the Unix epoch, rounded down.
    public var day: CivilDay { CivilDay(daysSinceEpoch: Int(microseconds.floorDivided(by: 86_400_000_000))) }

    /// Whether one instant is before the other.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }
}

/// A day of the proleptic Gregorian calendar in UTC.
public struct CivilDay: Hashable, Comparable, Sendable {
    /// Days since 1970-01-01.
    public var daysSinceEpoch: Int

    /// A day from its distance to 1970-01-01.
    public init(daysSinceEpoch: Int) {
        self.daysSinceEpoch = daysSinceEpoch
    }

    /// A day from its date; nil if there is no such date.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...12).contains(month), (1...9999).contains(year) else { return nil }
        guard (1...CivilDay.length(ofMonth: month, year: year)).contains(day) else { return nil }
        // Days-from-civil: count years from 1 March, so that the leap day ends a year.
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        daysSinceEpoch = era * 146_097 + dayOfEra - 719_468
    }

    /// The day after it.
    public var next: CivilDay { CivilDay(daysSinceEpoch: daysSinceEpoch + 1) }

    /// The instant at which the next day begins.
    public var end: Timestamp { next.start }

    /// All instants of the day.
    public var times: ClosedRange<Timestamp> { start...Timestamp(microseconds: end.microseconds - 1) }

    /// The date as numbers.
    public var components: (year: Int, month: Int, day: Int) {
        let shifted = daysSinceEpoch + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }

    /// Midnight at the start of the day.
    public var start: Timestamp { Timestamp(microseconds: Int64(daysSinceEpoch) * 86_400_000_000) }

    /// Whether one day is before the other.
    public static func < (left: CivilDay, right: CivilDay) -> Bool {
        left.daysSinceEpoch < right.daysSinceEpoch
    }

    private static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension FixedWidthInteger {
    /// The quotient rounded towards negative infinity, so that times before 1970 fall into the right day.
    public func floorDivided(by divisor: Self) -> Self {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

import Foundation
import Primitives

/// A range of time as a clock and a time zone have it.
public struct DateSpan: Hashable, Sendable {
    /// The first instant; nil for no bound.
    public var from: Timestamp?
    /// The instant after the last; nil for no bound.
    public var to: Timestamp?

    /// A span.
    public init(from: Timestamp?, to: Timestamp?) { (self.from, self.to) = (from, to) }
}

/// Reckons ranges of time in one time zone at one moment.
struct DateReckoner {
    let now: Timestamp
    private let calendar: Calendar

    /// - Returns: nil if there is no such time zone.
    init?(now: Timestamp, timeZone name: String) {
        // The name goes into SQL and to another library: letters as in Europe/Berlin and Etc/GMT+3 only.
        guard !name.isEmpty, name.utf8.count <= 64,
            name.unicodeScalars.allSatisfy({
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789/_+-".unicodeScalars.contains($0))
            }),
            let zone = TimeZone(identifier: name)
        else { return nil }
        self.now = now
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        self.calendar = calendar
    }

    /// Whether days and hours begin at whole half hours of UTC, at these times and now.
    func isOnHalfHours(_ times: [Timestamp]) -> Bool {
        (times + [now]).allSatisfy { time in
            calendar.timeZone.secondsFromGMT(for: time.instant) % 1_800 == 0
        }
    }

    /// When a range is.
    func span(of range: DateRange) -> DateSpan {
        switch range {
        case .all: return DateSpan(from: nil, to: nil)
        case .last(let count, let unit): return DateSpan(from: start(of: count, unit), to: now)
        case .named(let name): return span(named: name)
        case .between(let from, let to):
            let end: Timestamp? = to.map { moment in
                switch moment {
                case .time(let time): time
                case .day(let day): midnight(of: day.next)
                }
            }
            return DateSpan(from: instant(of: from), to: end ?? now)
        }
    }

    /// The span that a comparison means.
    func span(of comparison: Comparison, to range: DateRange) -> DateSpan? {
        let span = span(of: range)
        guard let from = span.from, let to = span.to else { return nil }
        switch comparison {
        case .range(let other): return self.span(of: other)
        case .previous: return shift(span, by: length(of: range, from, to))
        case .year: return shift(span, by: (.year, 1))
        case .weekday:
            let days = (to.microseconds - from.microseconds + 86_399_999_999) / 86_400_000_000
            return shift(span, by: (.day, Int((days + 6) / 7 * 7)))
        }
    }

    /// The local time of an instant as SQL's TIMESTAMP reads it.
    func local(_ time: Timestamp) -> String {
        let seconds = calendar.timeZone.secondsFromGMT(for: time.instant)
        let shifted = Timestamp(microseconds: time.microseconds + Int64(seconds) * 1_000_000)
        return shifted.iso8601.replacing("T", with: " ").replacing("Z", with: "")
    }

    /// The clocks of the zone, quick for the times of these spans.
    func clock(for spans: [DateSpan], named name: String) -> LocalClock {
        let twoYears: Int64 = 730 * 86_400_000_000
        let end = spans.map { $0.to ?? now }.max() ?? now
        let start = spans.map { $0.from ?? end.moved(by: -twoYears) }.min() ?? end
        return LocalClock(calendar.timeZone, named: name, in: start..<max(start, end))
    }

    // MARK: - Parts

    private func start(of count: Int, _ unit: DateRange.Unit) -> Timestamp {
        let today = calendar.startOfDay(for: now.instant)
        switch unit {
        case .minute: return Timestamp(microseconds: now.microseconds - Int64(count) * 60_000_000)
        case .hour: return Timestamp(microseconds: now.microseconds - Int64(count) * 3_600_000_000)
        case .day: return added(.day, 1 - count, to: today)
        case .week: return added(.day, 1 - 7 * count, to: today)
        case .month:
            return added(
                .month, -count, to: added(.day, 1, to: today).instant
            )
        case .year:
            return added(
                .year, -count, to: added(.day, 1, to: today).instant)
        }
    }

    private func span(named name: DateRange.Name) -> DateSpan {
        let today = calendar.startOfDay(for: now.instant)
        let monday = added(.day, -((calendar.component(.weekday, from: today) + 5) % 7), to: today).instant
        let month = beginning(today, [.year, .month])
        let year = beginning(today, [.year])
        func ended(_ unit: Calendar.Component, _ count: Int, before end: Date) -> DateSpan {
            DateSpan(from: added(unit, -count, to: end), to: Timestamp(end))
        }
        switch name {
        case .today: return DateSpan(from: Timestamp(today), to: now)
        case .yesterday: return ended(.day, 1, before: today)
        case .thisWeek: return DateSpan(from: Timestamp(monday), to: now)
        case .lastWeek: return ended(.day, 7, before: monday)
        case .thisMonth: return DateSpan(from: Timestamp(month), to: now)
        case .lastMonth: return ended(.month, 1, before: month)
        case .thisYear: return DateSpan(from: Timestamp(year), to: now)
        case .lastYear: return ended(.year, 1, before: year)
        }
    }

    /// By how much a range goes back to lie before itself.
    private func length(of range: DateRange, _ from: Timestamp, _ to: Timestamp) -> (Calendar.Component, Int)
    {
        switch range {
        case .last(let count, .day): return (.day, count)
        case .last(let count, .week): return (.day, 7 * count)
        case .last(let count, .month): return (.month, count)
        case .last(let count, .year): return (.year, count)
        case .named(.today), .named(.yesterday): return (.day, 1)
        case .named(.thisWeek), .named(.lastWeek): return (.day, 7)
        case .named(.thisMonth), .named(.lastMonth): return (.month, 1)
        case .named(.thisYear), .named(.lastYear): return (.year, 1)
        case .between(.day, .day?):
            let (first, end) = (from.instant, to.instant)
            if calendar.component(.day, from: first) == 1, calendar.component(.day, from: end) == 1,
                let months = calendar.dateComponents([.month], from: first, to: end).month, months > 0
            {
                return (.month, months)
            }
            return (.day, calendar.dateComponents([.day], from: first, to: end).day ?? 1)
        case .all, .last, .between:
            return (.nanosecond, Int(to.microseconds - from.microseconds))
        }
    }

    private func shift(_ span: DateSpan, by distance: (unit: Calendar.Component, count: Int)) -> DateSpan {
        func back(_ time: Timestamp) -> Timestamp {
            // Instants are shifted by instants, whatever the clocks on the wall do.
            if distance.unit == .nanosecond {
                return Timestamp(microseconds: time.microseconds - Int64(distance.count))
            }
            return added(distance.unit, -distance.count, to: time.instant)
        }
        return DateSpan(from: span.from.map(back), to: span.to.map(back))
    }

    private func instant(of moment: DateRange.Moment) -> Timestamp {
        switch moment {
        case .time(let time): time
        case .day(let day): midnight(of: day)
        }
    }

    private func midnight(of day: CivilDay) -> Timestamp {
        let (year, month, date) = day.components
        let parts = DateComponents(year: year, month: month, day: date)
        return calendar.date(from: parts).map { Timestamp(calendar.startOfDay(for: $0)) } ?? day.start
    }

    private func beginning(_ date: Date, _ parts: Set<Calendar.Component>) -> Date {
        calendar.date(from: calendar.dateComponents(parts, from: date)) ?? date
    }

    private func added(_ unit: Calendar.Component, _ count: Int, to date: Date) -> Timestamp {
        Timestamp(calendar.date(byAdding: unit, value: count, to: date) ?? date)
    }
}

extension Timestamp {
    /// The same as Foundation has it.
    var instant: Date { Date(timeIntervalSince1970: Double(microseconds) / 1_000_000) }

    init(_ instant: Date) {
        self.init(microseconds: Int64((instant.timeIntervalSince1970 * 1_000_000).rounded()))
    }
}

import Primitives

/// The time that a file tells of: a day of UTC, or an hour of one to which events still come.
struct RollupSpan: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The day.
    let day: CivilDay
    /// The hour of the day, 0 to 23; nil for the whole day.
    let hour: Int?

    /// Microseconds of an hour.
    static let hourLength: Int64 = 3_600_000_000

    /// A whole day.
    init(_ day: CivilDay) { (self.day, hour) = (day, nil) }

    private init(_ day: CivilDay, hour: Int) { (self.day, self.hour) = (day, hour) }

    /// The hours of a day.
    static func hours(of day: CivilDay) -> [RollupSpan] { (0..<24).map { RollupSpan(day, hour: $0) } }

    /// Its first instant.
    var start: Timestamp {
        Timestamp(microseconds: day.start.microseconds + Int64(hour ?? 0) * Self.hourLength)
    }

    /// The instant behind its last.
    var end: Timestamp {
        hour == nil ? day.end : Timestamp(microseconds: start.microseconds + Self.hourLength)
    }

    /// All its instants.
    var times: ClosedRange<Timestamp> { start...Timestamp(microseconds: end.microseconds - 1) }

    /// Whether another is of this time.
    func contains(_ other: RollupSpan) -> Bool { day == other.day && (hour == nil || hour == other.hour) }

    /// SQL of the events in it.
    var condition: String {
        "event_at >= TIMESTAMPTZ '\(start.iso8601)' AND event_at < TIMESTAMPTZ '\(end.iso8601)'"
    }

    /// As in names of files: `2026-11-05` or `2026-11-05T13`.
    var description: String {
        hour.map { "\(day)T\($0 < 10 ? "0" : "")\($0)" } ?? "\(day)"
    }

    /// By their times; a day comes behind its hours, which are of no use once it has its file.
    static func < (left: RollupSpan, right: RollupSpan) -> Bool {
        (left.day, left.hour ?? 24) < (right.day, right.hour ?? 24)
    }
}

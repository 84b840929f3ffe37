import Primitives
import Testing

@testable import Analytics

@Suite("Ranges of time")
struct DateRangeTests {
    /// A Wednesday, 01:30 in Berlin on the 2nd.
    private static let now = Timestamp("2026-04-01T23:30:00Z")

    private static func text(_ span: DateSpan?) -> String {
        [span?.from, span?.to].map { $0.map { String($0.iso8601.prefix(16)) } ?? "…" }.joined(separator: " ")
    }

    @Test(
        "are reckoned by the calendar of the time zone",
        arguments: [
            ("24h", "UTC", "2026-03-31T23:30 2026-04-01T23:30"),
            ("30m", "UTC", "2026-04-01T23:00 2026-04-01T23:30"),
            ("7d", "UTC", "2026-03-26T00:00 2026-04-01T23:30"),
            ("7d", "Europe/Berlin", "2026-03-26T23:00 2026-04-01T23:30"),
            ("1d", "Europe/Berlin", "2026-04-01T22:00 2026-04-01T23:30"),
            ("2w", "UTC", "2026-03-19T00:00 2026-04-01T23:30"),
            ("1mo", "UTC", "2026-03-02T00:00 2026-04-01T23:30"),
            ("1y", "UTC", "2025-04-02T00:00 2026-04-01T23:30"),
            ("today", "Asia/Kolkata", "2026-04-01T18:30 2026-04-01T23:30"),
            ("yesterday", "Europe/Berlin", "2026-03-31T22:00 2026-04-01T22:00"),
            ("this_week", "UTC", "2026-03-30T00:00 2026-04-01T23:30"),
            ("last_week", "UTC", "2026-03-23T00:00 2026-03-30T00:00"),
            ("last_week", "Europe/Berlin", "2026-03-22T23:00 2026-03-29T22:00"),
            ("this_month", "UTC", "2026-04-01T00:00 2026-04-01T23:30"),
            ("last_month", "UTC", "2026-03-01T00:00 2026-04-01T00:00"),
            ("this_year", "UTC", "2026-01-01T00:00 2026-04-01T23:30"),
            ("last_year", "UTC", "2025-01-01T00:00 2026-01-01T00:00"),
            ("all", "UTC", "… …"),
        ])
    func relative(range: String, zone: String, expected: String) throws {
        let reckoner = try #require(DateReckoner(now: Self.now, timeZone: zone))
        #expect(Self.text(reckoner.span(of: try #require(DateRange(range)))) == expected)
    }

    @Test("a day as the end is in; a time as the end is not")
    func absolute() throws {
        let reckoner = try #require(DateReckoner(now: Self.now, timeZone: "Europe/Berlin"))
        let from = try #require(DateRange.Moment("2026-03-28")),
            to = try #require(DateRange.Moment("2026-03-29"))
        #expect(Self.text(reckoner.span(of: .between(from, to))) == "2026-03-27T23:00 2026-03-29T22:00")
        let time = try #require(DateRange.Moment("2026-03-29T12:00:00Z"))
        #expect(Self.text(reckoner.span(of: .between(from, time))) == "2026-03-27T23:00 2026-03-29T12:00")
        #expect(Self.text(reckoner.span(of: .between(from, nil))) == "2026-03-27T23:00 2026-04-01T23:30")
    }

    @Test(
        "are compared with their like",
        arguments: [
            ("7d", Comparison.previous, "2026-03-19T00:00 2026-03-25T23:30"),
            ("24h", .previous, "2026-03-30T23:30 2026-03-31T23:30"),
            ("this_month", .previous, "2026-03-01T00:00 2026-03-01T23:30"),
            ("last_month", .previous, "2026-02-01T00:00 2026-03-01T00:00"),
            ("last_month", .year, "2025-03-01T00:00 2025-04-01T00:00"),
            ("30d", .weekday, "2026-01-27T00:00 2026-02-25T23:30"),
            ("today", .weekday, "2026-03-25T00:00 2026-03-25T23:30"),
        ])
    func comparisons(range: String, comparison: Comparison, expected: String) throws {
        let reckoner = try #require(DateReckoner(now: Self.now, timeZone: "UTC"))
        #expect(Self.text(reckoner.span(of: comparison, to: try #require(DateRange(range)))) == expected)
    }

    @Test("whole months are compared with whole months, other days with as many days")
    func lengths() throws {
        let reckoner = try #require(DateReckoner(now: Self.now, timeZone: "UTC"))
        func previous(_ from: String, _ to: String) throws -> String {
            let start = try #require(DateRange.Moment(from))
            let end = try #require(DateRange.Moment(to))
            let range = DateRange.between(start, end)
            return Self.text(reckoner.span(of: .previous, to: range))
        }
        #expect(try previous("2026-03-01", "2026-03-31") == "2026-02-01T00:00 2026-03-01T00:00")
        #expect(try previous("2026-03-01", "2026-03-30") == "2026-01-30T00:00 2026-03-01T00:00")
        #expect(
            try previous("2026-03-01T10:00:00Z", "2026-03-01T12:00:00Z")
                == "2026-03-01T08:00 2026-03-01T10:00")
    }

    @Test(
        "no other words are read",
        arguments: ["", "7", "d", "-7d", "0d", "7 d", "7D", "tomorrow", "99999d", "７d"])
    func unread(text: String) { #expect(DateRange(text) == nil) }

    @Test(
        "no other time zones are known",
        arguments: ["", "Mars/Base", "Europe/Berlin'", "UTC; DROP", String(repeating: "A", count: 100)])
    func zones(name: String) { #expect(DateReckoner(now: Self.now, timeZone: name) == nil) }
}

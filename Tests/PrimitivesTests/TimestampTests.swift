import Primitives
import Testing

@Suite("Timestamp")
struct TimestampTests {
    @Test(
        "every form SES has been seen to write is read",
        arguments: [
            ("2026-08-01T12:00:00.123Z", "2026-08-01T12:00:00.123Z"),
            ("2021-08-23 06:56:30.37", "2021-08-23T06:56:30.370Z"),
            ("2021-08-23 06:56:30.499", "2021-08-23T06:56:30.499Z"),
            ("2018-10-08T14:05:45 +0000", "2018-10-08T14:05:45.000Z"),
            ("2026-08-01T12:00:00Z", "2026-08-01T12:00:00.000Z"),
            ("2026-08-01T14:00:00.5+02:00", "2026-08-01T12:00:00.500Z"),
            ("2026-08-01T12:00:00.123456789Z", "2026-08-01T12:00:00.123456Z"),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
            ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"),
        ])
    func reads(text: String, expected: String) {
        #expect(Timestamp(parsing: text)?.iso8601 == expected)
    }

    @Test(
        "what is no time is refused",
        arguments: [
            "", "NaN", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-08-01", "2026-08-01T25:00:00Z",
            "2026-08-01T12:00:00.Z", "2026-08-01T12:00:00Zjunk", "2026-08-01T12:00:00+2",
            "１2026-08-01T12:00:00Z",
        ])
    func refuses(text: String) {
        #expect(Timestamp(parsing: text) == nil)
    }

    @Test("every day of 800 years survives the way to numbers and back")
    func days() {
        for day in -146_097..<146_097 {
            let (year, month, dayOfMonth) = CivilDay(daysSinceEpoch: day).components
            #expect(CivilDay(year: year, month: month, day: dayOfMonth)?.daysSinceEpoch == day)
        }
    }
}

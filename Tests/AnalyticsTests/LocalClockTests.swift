import DuckDB
import Foundation
import Primitives
import Testing

@testable import Analytics

@Suite("Clocks of a time zone")
struct LocalClockTests {
    private static let zones = [
        "UTC", "Etc/UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Kathmandu",
        "Asia/Tokyo",
        "Africa/Casablanca", "Australia/Lord_Howe", "Pacific/Apia", "Etc/GMT+3",
    ]

    /// How many times of some years, each quarter of an hour and the microsecond before it, are another local time than the calendar's.
    private func differences(_ clock: LocalClock, _ zone: String, from: String, to: String) async throws
        -> Int64?
    {
        let connection = try Connection(Database())
        try await connection.execute("SET TimeZone = 'UTC'")
        return try await connection.rows(
            """
            SELECT count(*) FILTER (\(clock.local("t")) IS DISTINCT FROM (t AT TIME ZONE \(SQL.literal(zone))))
            FROM (SELECT unnest([quarter, quarter - INTERVAL 1 MICROSECOND]) AS t
                FROM range(TIMESTAMPTZ '\(from)', TIMESTAMPTZ '\(to)', INTERVAL 15 MINUTE) AS quarters(quarter))
            """)[0][0].integer
    }

    @Test("show what the engine's calendar says, in the time asked for and outside", arguments: zones)
    func agree(zone: String) async throws {
        let known = try #require(TimeZone(identifier: zone))
        let spans = [
            Timestamp("2026-07-01T00:00:00Z")..<Timestamp("2026-07-31T00:00:00Z"),
            Timestamp("2025-12-01T10:20:00Z")..<Timestamp("2026-11-22T00:00:00Z"),
            Timestamp("2026-03-29T01:00:00Z")..<Timestamp("2026-03-29T01:00:00Z"),
            Timestamp("2011-12-30T00:00:00Z")..<Timestamp("2026-01-01T00:00:00Z"),
        ]
        for span in spans {
            let clock = LocalClock(known, named: zone, in: span)
            #expect(try await differences(clock, zone, from: "2025-06-01", to: "2027-01-01") == 0)
            #expect(try await differences(clock, zone, from: "2011-12-01", to: "2012-02-01") == 0)
        }
    }

    @Test("are asked for only where they change")
    func withoutCalendar() throws {
        let span = Timestamp("2026-07-01T00:00:00Z")..<Timestamp("2026-07-31T00:00:00Z")
        func sql(_ zone: String) throws -> String {
            LocalClock(try #require(TimeZone(identifier: zone)), named: zone, in: span).local("t")
        }
        #expect(try sql("UTC") == "make_timestamp(epoch_us(t))")
        #expect(try sql("Europe/Berlin").hasSuffix("ELSE make_timestamp(epoch_us(t) + 7200000000) END)"))
    }
}

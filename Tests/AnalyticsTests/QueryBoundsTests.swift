import Foundation
import Primitives
import Testing

@testable import Analytics

@Suite("What was shared bounds what is asked")
struct QueryBoundsTests {
    private static let now = Timestamp("2026-04-10T12:00:00Z")

    private static func query(_ json: String) throws -> AnalyticsQuery { try .decode(Array(json.utf8)) }

    private static func bounds(_ json: String) throws -> QueryBounds {
        try QueryBounds(query(json), now: now)
    }

    /// The time that is counted, in UTC.
    private static func asked(_ range: String, within bounds: String) throws -> String {
        let query = try query(#"{"metrics":["sends"],"date_range":\#(range)}"#)
        let bounded = try Self.bounds(#"{"date_range":\#(bounds)}"#).applied(to: query, now: now)
        let reckoner = try #require(DateReckoner(now: now, timeZone: "UTC"))
        let span = reckoner.span(of: bounded.dateRange)
        return [span.from, span.to].map { $0.map { String($0.iso8601.prefix(16)) } ?? "…" }.joined(
            separator: " ")
    }

    @Test(
        "time that was not shared is cut off",
        arguments: [
            (#""7d""#, #""30d""#, "2026-04-04T00:00 2026-04-10T12:00"),
            (#""30d""#, #""30d""#, "2026-03-12T00:00 2026-04-10T12:00"),
            (#""all""#, #""7d""#, "2026-04-04T00:00 2026-04-10T12:00"),
            (#""7d""#, #""all""#, "2026-04-04T00:00 2026-04-10T12:00"), (#""all""#, #""all""#, "… …"),
            (#""90d""#, #""7d""#, "2026-04-04T00:00 2026-04-10T12:00"),
            (
                #"{"from":"2026-03-01","to":"2026-04-02"}"#, #"{"from":"2026-04-01","to":"2026-04-05"}"#,
                "2026-04-01T00:00 2026-04-03T00:00"
            ),
        ])
    func time(wanted: String, shared: String, result: String) throws {
        #expect(try Self.asked(wanted, within: shared) == result)
    }

    @Test("a time that has nothing in common with what was shared is refused")
    func otherTime() throws {
        for range in [#""today""#, #"{"from":"2026-01-01","to":"2026-01-31"}"#] {
            #expect(throws: Failure.self) {
                try Self.asked(range, within: #"{"from":"2026-02-01","to":"2026-02-05"}"#)
            }
        }
    }

    @Test(
        "filters hold besides those that are asked, the time zone is the shared one, and no other comparison is made"
    )
    func filters() throws {
        let bounds = try Self.bounds(
            #"{"filters":[{"field":"isp","value":"Gmail"}],"time_zone":"Europe/Berlin","compare":"previous"}"#
        )
        let query = try Self.query(
            #"{"metrics":["sends"],"filters":{"or":[{"field":"isp","value":"Yahoo"}]},"time_zone":"Asia/Tokyo","compare":"year"}"#
        )
        let bounded = try bounds.applied(to: query, now: Self.now)
        #expect(bounded.filters == query.filters + bounds.filters)
        #expect(bounded.timeZone == "Europe/Berlin" && bounded.compare == nil)
        var same = query
        same.compare = .previous
        #expect(try bounds.applied(to: same, now: Self.now).compare == .previous)
    }

    @Test(
        "what tells one person from another cannot be asked",
        arguments: [
            #"{"metrics":["sends"],"dimensions":["recipient"]}"#,
            #"{"metrics":["sends"],"dimensions":["day","message"]}"#,
            #"{"metrics":["sends"],"dimensions":["header:To"]}"#,
            #"{"metrics":["sends"],"filters":[{"not":{"and":[{"field":"recipient","op":"contains","value":"ann"}]}}]}"#,
            #"{"metrics":["sends"],"dimensions":["orders.region"],"join":{"orders":{"recipient":"email"}}}"#,
            #"{"metrics":["sends"],"join":{"orders":{"recipient":"email"}}}"#,
        ])
    func people(json: String) throws {
        let query = try Self.query(json)
        #expect(throws: Failure.self) { try Self.bounds("{}").applied(to: query, now: Self.now) }
    }

    @Test("bounds that no query could have are refused when they are made")
    func checked() throws {
        for json in [
            #"{"filters":[{"field":"nothing","value":1}]}"#,
            #"{"filters":[{"field":"recipient","value":"ann@example.com"}]}"#,
            #"{"time_zone":"Mars/Olympus"}"#,
            #"{"date_range":{"from":"2026-02-02","to":"2026-01-01"}}"#,
        ] {
            #expect(throws: AnalyticsError.self) { try Self.bounds(json) }
        }
    }

    @Test("bounds are kept as JSON")
    func kept() throws {
        let bounds = try Self.bounds(
            #"{"filters":[{"field":"isp","value":null}],"date_range":"30d","compare":"weekday"}"#)
        #expect(try JSONDecoder().decode(QueryBounds.self, from: try JSONEncoder().encode(bounds)) == bounds)
    }
}

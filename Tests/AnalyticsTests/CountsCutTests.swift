import Primitives
import Testing

@testable import Analytics

@Suite("Counts by half hours")
struct CountsCutTests {
    private static let covered = FactCoverage(hasFiles: true, rest: [])

    /// The cuts that a question is answered of, and whether facts are read, too.
    private func cuts(_ query: AnalyticsQuery) throws -> (names: Set<String>, readsFacts: Bool) {
        let sql = try AnalyticsPlan(query, now: Timestamp("2026-04-02T12:10:00Z"))
            .compiled(columns: [:], coverage: Self.covered).sql
        let names = Set(CountsCut.all.map(\.name).filter { sql.contains("cut = '\($0)'") })
        return (names, sql.contains("FROM \(FactsSQL.table) "))
    }

    private func query(_ metrics: [String], _ dimensions: [String] = [], zone: String = "UTC")
        -> AnalyticsQuery
    {
        var query = AnalyticsQuery(metrics: metrics, dimensions: dimensions)
        (query.timeZone, query.dateRange) = (zone, .all)
        return query
    }

    @Test(
        "the smallest cut that has all columns answers",
        arguments: [
            (["sends", "bounce_rate"], ["day"], "core"), (["deliveries"], ["isp", "hour"], "provider"),
            (["deliveries"], ["recipient_domain"], "domain"),
            (["complaint_rate"], ["campaign", "configuration_set"], "campaign"),
            (["sends"], ["tag:campaign"], "campaign"),
            (["human_opens"], ["weekday", "hour_of_day"], "core"), (["clicks"], ["link"], "link"),
            (["machine_opens"], ["client", "machine_rule"], "client"), (["delays"], ["identity"], "sender"),
            (["events"], ["event_type", "month"], "events"),
        ])
    func small(metrics: [String], dimensions: [String], cut: String) throws {
        let found = try cuts(query(metrics, dimensions))
        #expect(found.names == [cut])
        #expect(!found.readsFacts)
    }

    @Test(
        "what counts cannot tell is counted by facts",
        arguments: [
            (["unique_opens"], ["day"], "UTC"), (["sends"], ["isp", "campaign"], "UTC"),
            (["sends"], ["tag:team"], "UTC"),
            (["clicks"], ["link_tag:campaign"], "UTC"), (["bounces"], ["diagnostic_class"], "UTC"),
            (["sends"], ["was_opened"], "UTC"), (["events"], ["isp"], "UTC"),
            (["sends"], ["day"], "Asia/Kathmandu"), (["time_to_open_p50"], ["was_opened"], "UTC"),
        ])
    func large(metrics: [String], dimensions: [String], zone: String) throws {
        let found = try cuts(query(metrics, dimensions, zone: zone))
        #expect(found.names == [])
        #expect(found.readsFacts)
    }

    @Test(
        "a question by the time of sending is answered of the cut that has it, or of facts",
        arguments: [
            (["sends", "bounce_rate"], ["day"], true), (["deliveries"], ["campaign", "week"], true),
            (["complaints"], ["isp"], false), (["opens"], ["client"], false),
        ])
    func bySending(metrics: [String], dimensions: [String], isCut: Bool) throws {
        var asked = query(metrics, dimensions)
        asked.timeBasis = .sent
        #expect(try cuts(asked) == (isCut ? ["sent"] : [], !isCut))
    }

    @Test(
        "percentiles of the time to deliver are had of counted values where times alone are asked for",
        arguments: [(["day"], "core", true), (["isp"], "provider", false)])
    func percentiles(dimensions: [String], others: String, isCut: Bool) throws {
        let found = try cuts(query(["time_to_deliver_p50", "time_to_deliver_p99"], dimensions))
        #expect(found.names == Set([others] + (isCut ? ["delivery_time"] : [])))
        #expect(found.readsFacts == !isCut)
    }

    @Test("each metric of a question goes its own way, and one filter may send all to the facts")
    func mixed() throws {
        let metrics = ["sends", "events", "unique_opens"]
        var asked = query(metrics)
        #expect(try cuts(asked) == (["core", "events"], true))
        asked.filters = [.condition(.init("recipient", .is, [.text("ann@example.com")]))]
        #expect(try cuts(asked) == ([], true))
    }

    @Test("a range that ends amid a half hour takes its last minutes from facts")
    func edges() throws {
        var asked = query(["sends"])
        asked.dateRange = .last(7, .day)
        let found = try cuts(asked)
        #expect(found == (["core"], true))
    }
}

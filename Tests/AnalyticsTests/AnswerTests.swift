import Foundation
import Primitives
import Testing

@testable import Analytics

@Suite("Answers")
struct AnswerTests {
    private static let now = Timestamp("2026-04-01T00:00:00Z")

    private static func mails(
        _ count: Int, _ type: String, day: Int, _ change: (inout TestEvent) -> Void = { _ in }
    ) -> [TestEvent] {
        (0..<count).map { number in
            let time = (CivilDay(year: 2026, month: 3, day: day) ?? CivilDay(daysSinceEpoch: 0)).start.moved(
                by: 3_600_000_000)
            let address = "reader\(number)@gmail.com"
            var event = TestEvent(
                type: type, at: time, sentAt: time, message: "d\(day)n\(number)", destination: [address],
                recipients: [address])
            event.id = "\(type)-\(day)-\(number)"
            change(&event)
            return event
        }
    }

    @Test("an empty lake has one row of nothing, and no row by day")
    func empty() async throws {
        let lake = try await EventFixture([])
        var query = AnalyticsQuery(metrics: [
            "sends", "bounce_rate", "time_to_deliver_p50", "representative_bounce_rate",
        ])
        let all = try await lake.answer(query, now: Self.now)
        #expect(all.rows.map(\.values) == [[.integer(0), .null, .null, .null]])
        query.dimensions = ["day"]
        let byDay = try await lake.answer(query, now: Self.now)
        #expect(byDay.rows.isEmpty && byDay.totals.values == [.null, .integer(0), .null, .null, .null])
    }

    @Test("a rate of fewer than a hundred mails is marked")
    func smallSamples() async throws {
        let events = Self.mails(100, "Send", day: 10) + Self.mails(99, "Send", day: 11)
        let query = AnalyticsQuery(metrics: ["sends", "bounce_rate"], dimensions: ["day"])
        let found = try await EventFixture(events).answer(query, now: Self.now)
        #expect(found.rows.map(\.smallSamples) == [[], ["bounce_rate"]])
        #expect(found.totals.smallSamples == [])
    }

    @Test("pages follow each other, and each says how many rows there are")
    func pages() async throws {
        let events = (1...9).flatMap { Self.mails($0, "Send", day: $0) }
        let lake = try await EventFixture(events)
        var query = AnalyticsQuery(metrics: ["sends"], dimensions: ["day"])
        query.order = [.init("-sends")]
        (query.limit, query.dateRange) = (4, .all)
        var seen: [AnalyticsValue] = []
        for offset in [0, 4, 8] {
            query.offset = offset
            let page = try await lake.answer(query, now: Self.now)
            #expect(page.rowCount == 9 && page.total("sends") == .integer(45))
            seen += page.rows.map { page.value("sends", in: $0) }
        }
        #expect(seen == (1...9).reversed().map { .integer($0) })
    }

    @Test("conditions on metrics choose rows and leave the totals as they are")
    func having() async throws {
        let events = (1...5).flatMap { Self.mails($0, "Send", day: $0) }
        var query = AnalyticsQuery(metrics: ["bounce_rate"], dimensions: ["day"])
        query.having = [.condition(.init("sends", .atLeast, [.integer(4)]))]
        query.metrics.append("sends")
        query.dateRange = .all
        let found = try await EventFixture(events).answer(query, now: Self.now)
        #expect(found.rows.map { found.value("sends", in: $0) } == [.integer(4), .integer(5)])
        #expect(found.total("sends") == .integer(15))
    }

    @Test("what is compared falls on the day with the same number")
    func compare() async throws {
        let events =
            Self.mails(3, "Send", day: 1) + Self.mails(5, "Send", day: 9) + Self.mails(2, "Send", day: 10)
        var query = AnalyticsQuery(metrics: ["sends"], dimensions: ["day"])
        query.dateRange = .between(
            .day(.init(year: 2026, month: 3, day: 8)!), .day(.init(year: 2026, month: 3, day: 14)!))
        query.compare = .previous
        let found = try await EventFixture(events).answer(query, now: Self.now)
        #expect(
            found.rows.map(\.values) == [
                [.text("2026-03-08"), .integer(0), .integer(3)],
                [.text("2026-03-09"), .integer(5), .integer(0)],
                [.text("2026-03-10"), .integer(2), .integer(0)],
            ])
        #expect(found.totals.values == [.null, .integer(7), .integer(3)])
    }

    @Test("a dataset is joined by recipient, each of its keys once, whatever case it is written in")
    func datasets() async throws {
        let lake = try await EventFixture(
            Self.mails(4, "Send", day: 10),
            sql: """
                CREATE TABLE orders AS SELECT * FROM (VALUES
                    ('READER0@gmail.com', 'EU', 10), ('reader0@gmail.com', 'EU', 20), ('reader1@gmail.com', 'NA', 5)) AS v(email, region, amount)
                """)
        var query = AnalyticsQuery(metrics: ["sends"], dimensions: ["orders.region"])
        query.join = ["orders": .init(.recipient, "email")]
        let columns = ["orders": ["email", "region", "amount"]]
        let found = try await lake.answer(query, now: Self.now, datasets: columns)
        #expect(
            found.rows.map(\.values) == [
                [.null, .integer(2)], [.text("EU"), .integer(1)], [.text("NA"), .integer(1)],
            ])
        query.dimensions = []
        query.filters = [.condition(.init("orders.amount", .greater, [.integer(7)]))]
        #expect(try await lake.answer(query, now: Self.now, datasets: columns).total("sends") == .integer(1))
    }

    @Test("JSON and CSV hold the same")
    func texts() async throws {
        let events =
            Self.mails(2, "Send", day: 10) { $0["configuration_set"] = "a,\"b\"" }
            + Self.mails(1, "Send", day: 11)
        let query = AnalyticsQuery(metrics: ["sends", "delivery_rate"], dimensions: ["configuration_set"])
        let found = try await EventFixture(events).answer(query, now: Self.now)
        #expect(found.csv == "configuration_set,sends,delivery_rate\n\"a,\"\"b\"\"\",2,0.0\n,1,0.0\n")
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(found.json.utf8)) as? [String: Any])
        let rows = try #require(json["rows"] as? [[String: Any]])
        #expect(rows[0]["configuration_set"] as? String == "a,\"b\"" && rows[0]["sends"] as? Int == 2)
        #expect(rows[0]["sample_too_small"] as? [String] == ["delivery_rate"])
        #expect(rows[1]["configuration_set"] is NSNull && json["row_count"] as? Int == 2)
    }

    @Test("only the files of the time asked for are wanted")
    func reads() throws {
        func read(_ metrics: [String], _ change: (inout AnalyticsQuery) -> Void = { _ in }) throws
            -> TableRead
        {
            var query = AnalyticsQuery(
                metrics: metrics,
                dateRange: .between(
                    .time(Timestamp("2026-03-01T00:00:00Z")), .time(Timestamp("2026-03-02T00:00:00Z"))))
            change(&query)
            return try AnalyticsPlan(query, now: Self.now).reads[0]
        }
        let day = try read(["sends"])
        #expect(
            day.timeColumn == "event_at" && day.from == Timestamp("2026-02-28T23:59:50Z")
                && day.through == Timestamp("2026-03-02T00:00:10Z"))
        #expect(try read(["sends"]) { $0.compare = .previous }.from == Timestamp("2026-02-27T23:59:50Z"))
        #expect(try read(["open_delays"]).through == nil)
        #expect(try read(["sends"]) { $0.timeBasis = .sent }.through == nil)
        #expect(try read(["representative_volume"]).from == Timestamp("2025-11-30T23:59:50Z"))
        #expect(try read(["sends"]) { $0.dateRange = .all }.from == nil)
    }
}

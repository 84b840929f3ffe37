import DuckDB
import Primitives
import TestSupport
import Testing

@testable import Analytics

/// Different mails as facts less their repeats, beside loops over the events.
@Suite("Repeats")
struct RepeatsTests {
    private static let metrics = [
        "unique_opens", "unique_human_opens", "unique_clicks", "unique_human_clicks", "delayed_mails",
        "click_to_open_rate", "open_rate", "sends", "open_delays",
    ]
    private static let dimensions = [
        "hour", "day", "week", "month", "campaign", "source", "configuration_set",
        "recipient_domain", "isp", "event_type", "weekday", "is_machine",
    ]
    private static let now = Timestamp("2026-04-20T12:00:00Z")

    /// Few mails that are opened again and again for three months, some of which change what mails keep.
    private static func events(_ random: inout RandomEvents) -> [TestEvent] {
        let start = Timestamp("2026-01-20T00:00:00Z")
        return (0..<6).flatMap { number in
            let sentAt = start.moved(by: Int64.random(in: 0..<10, using: &random.random) * 4 * 86_400_000_000)
            let isFickle = random.chance(50)
            // Heard of again after more time than predecessors are looked for.
            let isForgotten = random.chance(40)
            var common = ["source_name": "one", "sender": "a@s.example", "configuration_set": "marketing"]
            return (0..<random.pick([3, 8, 24])).map { place in
                let later = random.pick(["Open", "Open", "Click", "DeliveryDelay", "Delivery"])
                let type = place == 0 ? "Send" : later
                let to = ["ann@gmail.com", "bob@example.org"].prefix(number % 3 == 0 ? 2 : 1)
                var event = TestEvent(
                    type: type, at: sentAt, sentAt: sentAt, message: "message-\(number)",
                    destination: Array(to), recipients: Array(to))
                event.id = "\(number)-\(place)"
                if isFickle, random.chance(20) {
                    common[random.pick(["source_name", "configuration_set"])] = random.pick(["two", "three"])
                }
                event.columns = common
                if !isFickle || random.chance(80) { event.tags = ["campaign": "campaign-\(number % 2)"] }
                guard place > 0 else { return event }
                // Few different days, for each has to be made.
                let days =
                    random.chance(50)
                    ? 0
                    : isForgotten
                        ? random.pick([64, 68, 72]) : Int64.random(in: 0..<16, using: &random.random) * 4
                let minutes = Int64.random(in: 0..<Int64(random.pick([30, 1_440])), using: &random.random)
                event.at = sentAt.moved(by: days * 86_400_000_000 + minutes * 60_000_000)
                if event.isEngagement {
                    event.recipients = to.count > 1 ? [] : event.recipients
                    event["is_machine"] = random.chance(30) ? "true" : "false"
                    event["machine_rule"] = event["is_machine"] == "true" ? "scanner" : nil
                }
                return event
            }
        }
    }

    private static func query(_ random: inout RandomEvents) -> AnalyticsQuery {
        func some(_ names: [String], _ most: Int) -> [String] {
            Set((0..<Int.random(in: 0...most, using: &random.random)).map { _ in random.pick(names) })
                .sorted()
        }
        var query = AnalyticsQuery(metrics: Set(some(metrics, 3) + [random.pick(metrics)]).sorted())
        query.dimensions = some(dimensions, 2)
        query.timeZone = random.pick(["UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu"])
        let days = (1...80).map {
            DateRange.Moment.day(
                CivilDay(daysSinceEpoch: Timestamp("2026-01-25T00:00:00Z").day.daysSinceEpoch + $0))
        }
        let (from, to) = (
            Int.random(in: 0..<40, using: &random.random), Int.random(in: 40..<80, using: &random.random)
        )
        let moments = [from, to].map {
            // Most begin and end amid a half hour.
            DateRange.Moment.time(
                Timestamp("2026-01-25T00:00:00Z").moved(
                    by: Int64($0) * 86_400_000_000 + random.pick([0, 1_000_000_000, 7_777_777])))
        }
        query.dateRange = random.pick([
            .between(moments[0], moments[1]),
            .all, .last(30, .day), .last(7, .week), .between(days[from], days[to]),
        ])
        if query.dateRange != .all, random.chance(40) { query.compare = .previous }
        let filters: [AnalyticsFilter.Condition] = [
            .init("campaign", .is, [.text("campaign-1")]),
            .init("event_type", .in, [.text("Open"), .text("Click")]),
            .init("configuration_set", .isNot, [.text("two")]), .init("is_machine", .is, [.flag(false)]),
        ]
        if random.chance(30) { query.filters = [.condition(random.pick(filters))] }
        query.timeBasis = random.pick([.event, .event, .sent])
        return query
    }

    @Test(
        "give the numbers that loops over the events give, however many days have theirs", arguments: 0..<4)
    func agrees(seed: Int) async throws {
        var random = RandomEvents(seed: 500 + seed)
        let events = Self.events(&random)
        let lake = try await EventFixture(events)
        let naive = NaiveCount(events, now: Self.now)
        for (facts, repeats) in [(100, 100), (90, 80)] {
            var coverage = try await lake.cover(
                { _ in random.chance(facts) }, linked: { _ in random.chance(repeats) })
            if random.chance(50) { coverage.longestShared = .max }
            for _ in 0..<6 {
                let query = Self.query(&random)
                let found = try await lake.answer(query, now: Self.now, coverage: coverage)
                naive.check(found, of: query, "seed \(seed), \(facts) and \(repeats) %: \(query)")
            }
        }
    }

    @Test("are the same whether days are made together or one by one, or a part of a day after the other")
    func together() async throws {
        var random = RandomEvents(seed: 11)
        let lake = try await EventFixture(
            Self.events(&random) + Self.events(&random).map(RandomEvents.renamed))
        _ = try await lake.cover { _ in true }
        func make(_ name: String, _ from: Timestamp, _ to: Timestamp, of facts: String = "FROM _facts")
            async throws
        {
            let (tables, select) = RepeatsRollup.sql(from: from, to: to)
            try await lake.connection.execute(
                """
                CREATE TABLE IF NOT EXISTS \(name) AS FROM _repeats LIMIT 0;
                INSERT INTO \(name) WITH facts AS (\(facts)), \(tables) \(select)
                """)
        }
        let (start, day) = (Timestamp("2026-01-20T00:00:00Z"), Int64(86_400_000_000))
        try await make("whole", start, start.moved(by: 150 * day))
        for number in 0..<30 {
            let from = start.moved(by: Int64(number) * 5 * day)
            let to = from.moved(by: 5 * day)
            let (own, past) = (FactScope.time("event_at", from, to), RepeatsRollup.past(from: from, to: to))
            let mails =
                "FROM _facts WHERE \(own) UNION ALL BY NAME (WITH facts AS (FROM _facts) \(past))"
            for (begin, end) in [(0, 2 * day), (2 * day, 2 * day + day / 3), (2 * day + day / 3, 5 * day)] {
                try await make("parts", from.moved(by: begin), from.moved(by: end))
                try await make("few", from.moved(by: begin), from.moved(by: end), of: mails)
            }
        }
        for name in ["whole", "parts", "few"] {
            let differing = try await lake.connection.rows(
                """
                SELECT (SELECT count(*) FROM _repeats), (SELECT count(*) FROM \(name)),
                    (SELECT count(*) FROM (FROM _repeats EXCEPT ALL FROM \(name)))
                """)[0].map(\.integer)
            #expect(differing[0] ?? 0 > 50 && differing[0] == differing[1] && differing[2] == 0, "\(name)")
        }
    }

    private func sql(
        _ metrics: [String], _ dimensions: [String], _ range: DateRange = .last(7, .day),
        by basis: AnalyticsQuery.TimeBasis = .event
    ) throws -> String {
        var query = AnalyticsQuery(metrics: metrics, dimensions: dimensions)
        (query.dateRange, query.timeBasis) = (range, basis)
        return try AnalyticsPlan(query, now: Timestamp("2026-04-02T12:00:00Z"))
            .compiled(columns: [:], coverage: FactCoverage(hasFiles: true, rest: [], unlinked: [])).sql
    }

    @Test("spare to tell mails apart", arguments: [[], ["day"], ["campaign"], ["week", "isp"]])
    func counts(dimensions: [String]) throws {
        let sql = try sql(["open_rate", "click_rate", "delay_rate"], dimensions)
        #expect(sql.contains("_repeat"))
        // By what mails keep, those few are looked at that do not.
        #expect(sql.contains("count(DISTINCT mail)") == sql.contains("is_odd"))
        #expect(sql.contains("is_odd") == !Set(dimensions).isDisjoint(with: ["campaign", "isp"]))
    }

    @Test(
        "are counted beforehand by half hours and by campaign, and by the time of sending",
        arguments: [
            (["day"], .event, "times"), (["campaign"], .event, "campaigns"),
            (["campaign", "hour"], .event, "campaigns"),
            ([], .sent, "sent"), (["campaign", "week"], .sent, "sent"), (["isp"], .event, nil),
            (["isp"], .sent, nil),
        ] as [([String], AnalyticsQuery.TimeBasis, String?)])
    func cuts(dimensions: [String], basis: AnalyticsQuery.TimeBasis, cut: String?) throws {
        let sql = try sql(["open_rate"], dimensions, by: basis)
        #expect(
            RepeatsCut.allCases.map(\.rawValue).filter { sql.contains("cut = '\($0)' AND metric IN") }
                == [cut].compactMap(\.self))
        #expect(sql.contains("AND since IS NOT NULL)") == (cut == nil))
    }

    @Test(
        "do not tell of what changes from fact to fact",
        arguments: ["is_machine", "weekday", "client", "link"])
    func changes(dimension: String) throws {
        #expect(!(try sql(["unique_opens"], [dimension]).contains(RepeatsRollup.table)))
    }

    @Test("of more than two months look at mails by themselves that were sent before all that was looked at")
    func long() throws {
        #expect(try sql(["unique_opens"], [], .last(90, .day)).contains(RepeatsRollup.isOdd))
        #expect(!(try sql(["unique_opens"], [], .last(30, .day)).contains("is_odd")))
    }

    @Test("tell what was heard of delayed mails, which is not looked for among the deliveries of all")
    func delays() throws {
        let sql = try sql(["open_delays"], ["day"])
        #expect(sql.contains("'\(RepeatsRollup.delayEnds)'"))
        #expect(!sql.contains("'Delivery'"))
        #expect(try self.sql(["open_delays", "settled_sends"], ["day"]).contains("'Delivery'"))
    }

    @Test("that do not fit their facts are found")
    func faults() async throws {
        var random = RandomEvents(seed: 7)
        let lake = try await EventFixture(Self.events(&random))
        _ = try await lake.cover { _ in true }
        let found = try await lake.connection.rows(
            """
            SELECT epoch_us(event_at) // 86400000000 FROM _repeats WHERE since::DATE = event_at::DATE
            GROUP BY 1 ORDER BY bool_or(metric = 'delayed_mails') DESC, count(*) DESC LIMIT 1
            """
        )
        let day = CivilDay(daysSinceEpoch: Int(try #require(found[0][0].integer)))
        func faults(where condition: String, in changed: String) async throws -> Int64? {
            let isOfDay = "event_at::DATE = '\(day)'"
            let tables = [
                ("facts", "FROM _facts WHERE \(isOfDay)"), ("repeats", "FROM _repeats WHERE \(isOfDay)"),
                (
                    "repeat_counts",
                    "WITH repeats AS (FROM _repeats WHERE \(isOfDay)) \(RepeatsRollup.counts)"
                ),
            ]
            let sources = tables.map { name, rows in
                "\(name) AS (FROM (\(rows)) WHERE \(name == changed ? condition : "true"))"
            }
            return try await lake.connection.rows(
                "WITH \(sources.joined(separator: ", ")) \(RepeatsRollup.faults(from: day.start))")[0][0]
                .integer
        }
        #expect(try await faults(where: "true", in: "repeats") == 0)
        #expect(try await faults(where: "metric <> '\(RepeatsRollup.delayEnds)'", in: "repeats") != 0)
        for table in ["facts", "repeats", "repeat_counts"] {
            #expect(try await faults(where: "event_at::DATE <> '\(day)'", in: table) != 0)
        }
    }
}

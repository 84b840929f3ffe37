import Primitives
import Testing

@testable import Analytics

@Suite("The representative volume")
struct RepresentativeVolumeTests {
    private static let now = Timestamp("2026-04-03T12:00:00Z")
    private static let metrics = [
        "representative_volume", "representative_bounces", "representative_complaints",
        "representative_bounce_rate",
    ]

    private static func counts(_ naive: NaiveCount, _ facts: [NaiveCount.Fact], _ most: Int)
        -> [AnalyticsValue]
    {
        let (volume, bounces, complaints) = naive.representative(facts, most)
        return [
            .integer(Int64(volume)), .integer(Int64(bounces)), .integer(Int64(complaints)),
            volume == 0 ? .null : .number(Double(bounces) / Double(volume)),
        ]
    }

    @Test("is the newest eligible mails of each group, and of all", arguments: 0..<10)
    func newest(seed: Int) async throws {
        var random = RandomEvents(seed: seed)
        let events = random.events()
        let (lake, naive) = (try await EventFixture(events), NaiveCount(events, now: Self.now))
        for most in [1, 3, 7, 1_000] {
            var query = AnalyticsQuery(metrics: Self.metrics, dimensions: ["configuration_set"])
            query.representativeVolume = most
            let found = try await lake.answer(query, now: Self.now)
            #expect(found.totals.values.dropFirst() == Self.counts(naive, naive.judged, most)[...])
            for row in found.rows {
                let facts = naive.judged.filter { fact in
                    fact.event["configuration_set"].map { .text($0) } ?? .null == row.values[0]
                }
                #expect(row.values.dropFirst() == Self.counts(naive, facts, most)[...], "seed \(seed)")
            }
        }
    }

    @Test("by day, is as it stood after the day's last mail", arguments: 0..<10)
    func moving(seed: Int) async throws {
        var random = RandomEvents(seed: seed)
        let events = random.events()
        let (lake, naive) = (try await EventFixture(events), NaiveCount(events, now: Self.now))
        let cases: [(Int, DateRange)] = [
            (1, .all), (3, .all), (7, .all), (3, .last(5, .day)), (7, .last(100, .hour)),
        ]
        for (most, range) in cases {
            var query = AnalyticsQuery(metrics: Self.metrics, dimensions: ["day"], dateRange: range)
            query.representativeVolume = most
            for row in try await lake.answer(query, now: Self.now).rows {
                guard case .text(let day) = row.values[0] else { continue }
                let facts = naive.judged.filter { $0.event.sentAt.day.description <= day }
                #expect(
                    row.values.dropFirst() == Self.counts(naive, facts, most)[...], "\(day), seed \(seed)")
            }
        }
    }

    @Test("is the same where counts of hours told when to look", arguments: 0..<5)
    func narrowed(seed: Int) async throws {
        var random = RandomEvents(seed: seed)
        var events: [TestEvent] = []
        while events.count < 150 { events = events.map(RandomEvents.renamed) + random.events() }
        let lake = try await EventFixture(events)
        let ranges: [DateRange] = [.all, .last(5, .day), .last(100, .hour)]
        var narrowed = 0
        for share in [100, 60] {
            var coverage = try await lake.cover { _ in random.chance(share) }
            if random.chance(50) { coverage.longestShared = .max }
            for (most, range) in zip([1, 2, 3], ranges) {
                var query = AnalyticsQuery(metrics: Self.metrics + ["sends"], dateRange: range)
                (query.representativeVolume, query.compare) = (most, range == .all ? nil : .previous)
                query.dimensions = random.pick([[], ["day"], ["week"], ["hour"], ["half_hour"]])
                query.timeZone = random.pick(["UTC", "Asia/Kolkata", "Asia/Kathmandu"])
                if random.chance(40) {
                    query.filters = [.condition(.init("configuration_set", .is, [.text("marketing")]))]
                }
                let plan = try AnalyticsPlan(query, now: Self.now)
                var counts: [AnalyticsResult] = []
                for question in plan.volumeQuestions {
                    counts.append(try await lake.answer(question, now: Self.now, coverage: coverage))
                }
                let found = try await lake.answer(plan.narrowed(by: counts), coverage: coverage)
                let whole = try await lake.answer(plan, coverage: coverage)
                #expect(found.rows == whole.rows && found.totals == whole.totals, "\(query)")
                narrowed += plan.narrowed(by: counts).volumeStart > plan.volumeStart ? 1 : 0
            }
        }
        #expect(narrowed > 0)
    }

    @Test("of groups is looked for in all of the time, for one of them may send seldom")
    func groups() throws {
        let query = AnalyticsQuery(metrics: Self.metrics, dimensions: ["day", "isp"])
        #expect(try AnalyticsPlan(query, now: Self.now).volumeQuestions.isEmpty)
    }

    @Test("looks back beyond the time asked for, and no further than 90 days")
    func looksBack() async throws {
        let days: [Int64] = [1, 30, 89, 91]
        let events = days.map { days in
            let time = Self.now.moved(by: -days * 86_400_000_000)
            return TestEvent(
                type: "Send", at: time, sentAt: time, message: "m\(days)", destination: ["a@x.org"],
                recipients: ["a@x.org"])
        }
        let query = AnalyticsQuery(metrics: ["representative_volume", "sends"], dateRange: .last(7, .day))
        let found = try await EventFixture(events).answer(query, now: Self.now)
        #expect(found.totals.values == [.integer(3), .integer(1)])
    }
}

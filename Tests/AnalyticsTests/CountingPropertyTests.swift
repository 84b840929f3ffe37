import Foundation
import Primitives
import TestSupport
import Testing

@testable import Analytics

/// Numbers by SQL beside numbers by loops, over random events and random questions.
@Suite("Counting")
struct CountingPropertyTests {
    private static let metrics = [
        "sends", "deliveries", "delivery_rate", "events", "mails", "messages", "senders", "bounces",
        "hard_bounces",
        "soft_bounces", "undetermined_bounces", "list_suppressed", "suppressed", "eligible_sends",
        "counted_bounces",
        "bounce_rate", "complaints", "counted_complaints", "complaint_rate", "opens", "human_opens",
        "machine_clicks",
        "unique_opens", "unique_human_opens", "unique_human_clicks", "click_to_open_rate", "unsubscribes",
        "delayed_mails", "delay_rate", "open_delays", "reach", "frequency", "settled_sends", "due_sends",
        "intake_completeness", "time_to_deliver_p50", "time_to_deliver_p90", "time_to_open_p50",
    ]
    private static let dimensions = [
        "event_type", "source", "configuration_set", "recipient", "recipient_domain", "isp", "campaign",
        "tag:campaign",
        "subject", "message", "bounce_type", "half_hour", "hour", "day", "week", "week", "month", "weekday",
        "hour_of_day",
        "is_machine",
        "was_opened", "was_clicked", "was_bounced", "was_complained", "was_opened_by_person",
    ]
    private static let zones = [
        "UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "America/New_York",
    ]

    @Test("gives the numbers that loops over the events give", arguments: 0..<12)
    func agrees(seed: Int) async throws {
        var random = RandomEvents(seed: seed)
        let events = random.events() + random.events().map(RandomEvents.renamed)
        let now = Timestamp("2026-04-02T12:00:00Z")
        let lake = try await EventFixture(events)
        let naive = NaiveCount(events, now: now)
        for _ in 0..<12 {
            var query = Self.query(&random)
            if random.chance(40), let cut = Self.cut(events, &random) {
                (query.dateRange, query.compare) = (cut, random.chance(50) ? .previous : nil)
            }
            let found = try await lake.answer(query, now: now)
            naive.check(found, of: query, "seed \(seed): \(query)")
        }
    }

    @Test("gives them, too, where the facts of some days or of all were made beforehand", arguments: 0..<8)
    func agreesWhereCovered(seed: Int) async throws {
        var random = RandomEvents(seed: 100 + seed)
        let events = random.events() + random.events().map(RandomEvents.renamed)
        let now = Timestamp("2026-04-02T12:00:00Z")
        let lake = try await EventFixture(events)
        let naive = NaiveCount(events, now: now)
        for share in [100, 50, 80] {
            var coverage = try await lake.cover(
                { _ in random.chance(share) }, linked: { _ in random.chance(share) })
            // What is not covered is made once for the statement, or for each of its parts.
            if random.chance(50) { coverage.longestShared = .max }
            for _ in 0..<5 {
                let query = Self.query(&random)
                let found = try await lake.answer(query, now: now, coverage: coverage)
                naive.check(found, of: query, "seed \(seed), \(share) %: \(query)")
            }
        }
    }

    @Test("every metric and dimension can be had of facts that were made beforehand")
    func everything() async throws {
        var random = RandomEvents(seed: 3)
        let now = Timestamp("2026-04-02T12:00:00Z")
        let lake = try await EventFixture(random.events() + random.events().map(RandomEvents.renamed))
        let metrics = Metric.all.map(\.name)
        let names = Dimension.all.map(\.name).filter { $0 != "DATASET.COLUMN" }
        let queries = names.enumerated().map { place, name in
            let few = (0..<6).map { metrics[($0 + 6 * place) % metrics.count] }
            var query = AnalyticsQuery(metrics: few, dimensions: [name.replacing("NAME", with: "campaign")])
            query.dateRange = .all
            return query
        }
        var plain: [AnalyticsResult] = []
        for query in queries { plain.append(try await lake.answer(query, now: now)) }
        let covered = try await lake.cover { _ in true }
        // Headers are in no file, and such a query asks for all of `events`.
        for (query, one) in zip(queries, plain) where query.dimensions != ["header:campaign"] {
            let other = try await lake.answer(query, now: now, coverage: covered)
            #expect(one.rows.map(\.values) == other.rows.map(\.values), "\(query)")
            #expect(one.totals.values == other.totals.values, "\(query)")
        }
    }

    /// A range that begins and ends where something happens.
    private static func cut(_ events: [TestEvent], _ random: inout RandomEvents) -> DateRange? {
        guard !events.isEmpty else { return nil }
        let ends = [random.pick(events).at, random.pick(events).at.moved(by: 3_000_000)].sorted()
        return ends[0] < ends[1] ? .between(.time(ends[0]), .time(ends[1])) : nil
    }

    private static func sorted(_ names: Set<String>) -> [String] { names.sorted() }

    private static func query(_ random: inout RandomEvents) -> AnalyticsQuery {
        let count = Int.random(in: 1...6, using: &random.random)
        var query = AnalyticsQuery(metrics: sorted(Set((0..<count).map { _ in random.pick(metrics) })))
        query.dimensions = sorted(
            Set((0..<Int.random(in: 0...3, using: &random.random)).map { _ in random.pick(dimensions) }))
        query.timeZone = random.pick(zones)
        query.timeBasis = random.pick([.event, .event, .sent])
        func day(_ number: Int) -> DateRange.Moment {
            .day(CivilDay(year: 2026, month: 3, day: number) ?? CivilDay(daysSinceEpoch: 0))
        }
        let ranges: [DateRange] = [
            .all, .last(6, .day), .last(2, .week), .last(100, .hour), .between(day(28), day(30)),
            .between(.time(Timestamp("2026-03-27T10:00:00Z")), .time(Timestamp("2026-03-29T10:30:00Z"))),
        ]
        query.dateRange = random.pick(ranges)
        if query.dateRange != .all, random.chance(30) {
            let comparisons: [Comparison] = [.previous, .weekday, .range(.between(day(22), day(28)))]
            query.compare = random.pick(comparisons)
        }
        if random.chance(40) { query.filters = [filter(&random)] }
        query.limit = 10_000
        return query
    }

    private static func filter(_ random: inout RandomEvents, depth: Int = 0) -> AnalyticsFilter {
        if depth < 2, random.chance(40) {
            let two = [filter(&random, depth: depth + 1), filter(&random, depth: depth + 1)]
            let joined: [AnalyticsFilter] = [.and(two), .or(two), .not(two[0])]
            return random.pick(joined)
        }
        let conditions: [AnalyticsFilter.Condition] = [
            .init("source", .is, [.text("one")]), .init("configuration_set", .isNot, [.text("system")]),
            .init("campaign", .is, [.null]), .init("subject", .contains, [.text("ELL"), .text("zzz")]),
            .init("recipient", .matches, [.text("^a.*gmail")]), .init("was_clicked", .is, [.flag(false)]),
            .init("isp", .notIn, [.text("Gmail"), .text("Other")]), .init("weekday", .atLeast, [.integer(5)]),
            .init("recipient_domain", .less, [.text("gz")]), .init("subject", .notContains, [.text("off")]),
        ]
        return .condition(random.pick(conditions))
    }
}

extension NaiveCount {
    /// Compares what was found with what loops find.
    func check(_ found: AnalyticsResult, of query: AnalyticsQuery, _ comment: String) {
        for (period, span) in found.plan.spans.enumerated() {
            NaiveRows(self, query, span, plan: found.plan, period: period).check(
                found, period: period, comment)
        }
    }
}

/// The rows that a question should have.
struct NaiveRows {
    private var rows: [[AnalyticsValue]: [NaiveCount.Fact]] = [:]
    private var all: [NaiveCount.Fact] = []
    private let naive: NaiveCount
    private let query: AnalyticsQuery
    private let dimensions: NaiveDimensions

    init(_ naive: NaiveCount, _ query: AnalyticsQuery, _ span: DateSpan, plan: AnalyticsPlan, period: Int) {
        (self.naive, self.query) = (naive, query)
        dimensions = NaiveDimensions(naive, query, plan, period: period)
        let types = Set(query.metrics.compactMap(Metric.named).flatMap(\.types))
        for fact in naive.judged {
            let time = query.timeBasis == .event ? fact.event.at : fact.event.sentAt
            guard span.from.map({ time >= $0 }) ?? true, span.to.map({ time < $0 }) ?? true else { continue }
            guard types.contains("*") || types.contains(fact.event.type) else { continue }
            guard query.filters.allSatisfy({ dimensions.holds($0, fact) }) else { continue }
            all.append(fact)
            rows[query.dimensions.map { dimensions.value($0, fact) }, default: []].append(fact)
        }
    }

    /// Compares with what was found.
    func check(_ found: AnalyticsResult, period: Int, _ comment: String) {
        let prefix = period == 0 ? "" : "compare:"
        for name in query.metrics {
            expect(found.total(prefix + name), naive.value(name, all), "total of \(name) in \(comment)")
        }
        guard !query.dimensions.isEmpty else { return }
        var seen: Set<[AnalyticsValue]> = []
        for row in found.rows {
            let key = Array(row.values.prefix(query.dimensions.count))
            #expect(seen.insert(key).inserted, "\(key) twice in \(comment)")
            for name in query.metrics {
                expect(
                    found.value(prefix + name, in: row), naive.value(name, rows[key] ?? []),
                    "\(name) of \(key) in \(comment)")
            }
        }
        #expect(Set(rows.keys).isSubset(of: seen), "rows are missing in \(comment)")
        if found.plan.compared == nil {
            #expect(seen.isSubset(of: Set(rows.keys)), "rows too many in \(comment)")
        }
        #expect(found.rowCount == found.rows.count)
    }

    private func expect(_ found: AnalyticsValue, _ expected: Double?, _ comment: String) {
        switch (found, expected) {
        case (.null, nil): break
        case (.integer(let one), let other?): #expect(Double(one) == other, "\(comment)")
        case (.number(let one), let other?): #expect(abs(one - other) < 1e-9, "\(comment)")
        default: Issue.record("\(found) is not \(String(describing: expected)): \(comment)")
        }
    }
}

extension Metric {
    /// The event types that bring rows about; `*` for all. A percentile of deliveries is marked by their number.
    fileprivate var types: [String] {
        let all = parts + (sample.flatMap(Metric.named)?.parts ?? [])
        return all.flatMap { part in part.condition.map { $0.types.isEmpty ? ["*"] : $0.types } ?? [] }
    }
}

/// Dimensions and filters by plain Swift.
struct NaiveDimensions {
    private let naive: NaiveCount
    private let query: AnalyticsQuery
    private let calendar: Calendar
    private let spans: [DateSpan]
    private let period: Int

    init(_ naive: NaiveCount, _ query: AnalyticsQuery, _ plan: AnalyticsPlan, period: Int) {
        (self.naive, self.query, self.period, spans) = (naive, query, period, plan.spans)
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = TimeZone(identifier: query.timeZone) ?? .gmt
        self.calendar = calendar
    }

    func value(_ name: String, _ fact: NaiveCount.Fact) -> AnalyticsValue {
        func text(_ value: String?) -> AnalyticsValue { value.map { .text($0) } ?? .null }
        let event = fact.event
        switch name {
        case "event_type": return .text(event.type)
        case "source": return text(event["source_name"])
        case "configuration_set", "bounce_type": return text(event[name])
        case "message": return .text(event.message)
        case "recipient": return text(fact.recipient)
        case "recipient_domain": return text(fact.domain)
        case "isp": return text(fact.domain.map(MailboxProviders.provider))
        case "campaign", "tag:campaign": return text(event.tags["campaign"])
        case "subject":
            return text(
                event["subject"]
                    ?? naive.events.first { $0.message == event.message && $0["subject"] != nil }?["subject"])
        case "is_machine": return fact.isMachine.map { .flag($0) } ?? .null
        case _ where name.hasPrefix("was_"): return .flag(naive.was(name, fact))
        default: return time(name, query.timeBasis == .event ? event.at : event.sentAt)
        }
    }

    private func time(_ name: String, _ time: Timestamp) -> AnalyticsValue {
        let date = Date(timeIntervalSince1970: Double(time.microseconds) / 1e6)
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .weekday], from: date)
        switch name {
        case "weekday": return .integer(Int64(((parts.weekday ?? 1) + 5) % 7 + 1))
        case "hour_of_day": return .integer(Int64(parts.hour ?? 0))
        case "hour", "half_hour":
            var moved = date
            if period == 1, let from = spans[1].from, let to = spans[0].from {
                moved = Date(
                    timeIntervalSince1970: Double(time.microseconds + to.microseconds - from.microseconds)
                        / 1e6)
            }
            var start = calendar.dateInterval(of: .hour, for: moved)?.start ?? moved
            if name == "half_hour", moved.timeIntervalSince(start) >= 1_800 { start += 1_800 }
            return .text(
                Timestamp(microseconds: Int64((start.timeIntervalSince1970 * 1e6).rounded())).iso8601)
        default:
            let unit: Calendar.Component = name == "day" ? .day : name == "week" ? .weekOfYear : .month
            return .text(beginning(of: unit, date))
        }
    }

    private func beginning(of unit: Calendar.Component, _ date: Date) -> String {
        func start(_ date: Date) -> Date { calendar.dateInterval(of: unit, for: date)?.start ?? date }
        var shown = start(date)
        if period == 1, let from = spans[1].from, let to = spans[0].from {
            // As many spans after the beginning as there it is after its own.
            let (first, other) = [from, to].map {
                start(Date(timeIntervalSince1970: Double($0.microseconds) / 1e6))
            }.pair
            var steps = 0
            var walker = first
            while walker < shown {
                walker = start(calendar.date(byAdding: unit, value: 1, to: walker) ?? walker)
                steps += 1
            }
            while walker > shown {
                walker = start(calendar.date(byAdding: unit, value: -1, to: walker) ?? walker)
                steps -= 1
            }
            shown = start(calendar.date(byAdding: unit, value: steps, to: other) ?? other)
        }
        let parts = calendar.dateComponents([.year, .month, .day], from: shown)
        return CivilDay(year: parts.year ?? 1, month: parts.month ?? 1, day: parts.day ?? 1)?.description
            ?? ""
    }

    func holds(_ filter: AnalyticsFilter, _ fact: NaiveCount.Fact) -> Bool {
        switch filter {
        case .and(let filters): return filters.allSatisfy { holds($0, fact) }
        case .or(let filters): return filters.contains { holds($0, fact) }
        case .not(let filter): return !holds(filter, fact)
        case .condition(let condition):
            let value = value(condition.field, fact)
            let holds = condition.values.contains { Self.holds(condition.comparison, value, $0) }
            return [.isNot, .notIn, .notContains, .notMatches].contains(condition.comparison) ? !holds : holds
        }
    }

    private static func holds(
        _ comparison: AnalyticsFilter.Operator, _ one: AnalyticsValue, _ other: AnalyticsValue
    ) -> Bool {
        switch (comparison, one, other) {
        case (.contains, .text(let one), .text(let other)), (.notContains, .text(let one), .text(let other)):
            one.lowercased().contains(other.lowercased())
        case (.matches, .text(let one), _): one.hasPrefix("a") && one.contains("gmail")
        case (.less, .text(let one), .text(let other)): one < other
        case (.atLeast, .integer(let one), .integer(let other)): one >= other
        case (.is, _, _), (.isNot, _, _), (.in, _, _), (.notIn, _, _): one == other
        default: false
        }
    }
}

extension [Date] {
    fileprivate var pair: (Date, Date) { (self[0], self[1]) }
}

import DuckDB
import Foundation
import Primitives
import Testing

@testable import Analytics

/// A number leads to its events: as many rows as the metric says, each once, page by page.
@Suite("Events behind a number")
struct EventListTests {
    private static let now = Timestamp("2026-04-02T12:00:00Z")
    private static let metrics = [
        "sends", "deliveries", "hard_bounces", "soft_bounces", "counted_bounces",
        "counted_complaints",
        "opens", "human_opens", "machine_clicks", "clicks", "list_suppressed", "unsubscribes",
    ]

    private struct Page {
        var rows: [(at: Timestamp?, cursor: String)] = []
    }

    private static func page(_ lake: EventFixture, _ query: AnalyticsQuery, after: String? = nil) async throws
        -> Page
    {
        let lookup = try AnalyticsPlan(query, now: now).events(
            columns: [:], after: try after.map { text throws(AnalyticsError) in try EventCursor(text) })
        let names = try await lake.connection.columns(lookup.sql).map(\.name)
        let (at, cursor) = (names.firstIndex(of: "event_at") ?? 0, names.firstIndex(of: "cursor") ?? 0)
        return Page(
            rows: try await lake.connection.rows(lookup.sql).map { row in
                var time: Timestamp?
                if case .timestamp(let found) = row[at] { time = found }
                return (time, row[cursor].text ?? "")
            })
    }

    private static func events(seed: Int) -> [TestEvent] {
        var random = RandomEvents(seed: seed)
        return (0..<4).flatMap { _ in random.events() }.map { event in
            var event = event
            event.id = UUID().uuidString.replacing("-", with: "").lowercased()
            return event
        }
    }

    @Test("are as many as the number says, newest first, and no page misses or repeats one", arguments: 0..<6)
    func count(seed: Int) async throws {
        let lake = try await EventFixture(Self.events(seed: seed))
        for metric in Self.metrics {
            var query = AnalyticsQuery(metrics: [metric], dateRange: .all)
            let number = try await lake.answer(query, now: Self.now).total(metric)
            let all = try await Self.page(lake, query).rows
            #expect(number == .integer(Int64(all.count)), "\(metric) of seed \(seed)")
            #expect(all.compactMap(\.at) == all.compactMap(\.at).sorted(by: >))
            query.limit = 3
            var seen: [String] = []
            var after: String?
            while true {
                let page = try await Self.page(lake, query, after: after).rows
                seen += page.map(\.cursor)
                guard page.count == 3, let last = page.last else { break }
                after = last.cursor
            }
            #expect(seen == all.map(\.cursor), "\(metric) of seed \(seed)")
        }
    }

    @Test("of a rate are those above its line, and filters hold for them")
    func rate() async throws {
        let lake = try await EventFixture(Self.events(seed: 3))
        let filter = AnalyticsFilter.condition(.init("isp", .is, [.text("Gmail")]))
        let bounces = AnalyticsQuery(metrics: ["counted_bounces"], filters: [filter], dateRange: .all)
        let rate = AnalyticsQuery(metrics: ["bounce_rate"], filters: [filter], dateRange: .all)
        let (above, all) = (try await Self.page(lake, bounces), try await Self.page(lake, rate))
        #expect(above.rows.map(\.cursor) == all.rows.map(\.cursor))
    }

    @Test("are not grouped, not compared and begin behind no text that is no cursor")
    func refuses() throws {
        var query = AnalyticsQuery(metrics: ["sends"], dimensions: ["day"])
        #expect(throws: AnalyticsError.self) { try AnalyticsPlan(query, now: Self.now).events(columns: [:]) }
        query = AnalyticsQuery(metrics: ["sends"])
        query.compare = .previous
        #expect(throws: AnalyticsError.self) { try AnalyticsPlan(query, now: Self.now).events(columns: [:]) }
        for text in [
            "", "1", "1.2.3", "x.\(String(repeating: "0", count: 32)).\(String(repeating: "0", count: 32))",
            "1.'.'",
        ] {
            #expect(throws: AnalyticsError.self) { try EventCursor(text) }
        }
    }
}

import DuckDB
import Foundation
import Primitives
import Synchronization
import Testing

@testable import Lake

@Suite("Days of more events or messages than are worked on at once")
struct LargeDayTests {
    private let lake: TestLake

    init() async throws { lake = try await TestLake() }

    /// How many rows `messages` has, and how many are not what SQL makes of all events at once.
    private func rows() async throws -> [Int64?] {
        let expected = MessagesModel.withState(
            MessagesModel.aggregate(events: try await lake.lake.eventsRelation()))
        let found = "SELECT * FROM \(try await lake.lake.messagesRelation())"
        return try await lake.lake.connection.rows(
            """
            SELECT (SELECT count(*) FROM (\(found))),
                (SELECT count(*) FROM ((\(found)) EXCEPT ALL (\(expected)))) + (SELECT count(*) FROM ((\(expected)) EXCEPT ALL (\(found))))
            """)[0].map(\.integer)
    }

    /// SQL of whether an event is of a time.
    private static func isIn(_ time: Range<Timestamp>) -> String {
        "event_at >= make_timestamptz(\(time.lowerBound.microseconds)) AND event_at < make_timestamptz(\(time.upperBound.microseconds))"
    }

    private func event(_ type: String, _ number: Int, at: String) -> TestEvent {
        // Every third message has the id of the one before, and so is another recipient of it.
        TestEvent(
            type: type, at: at, message: "message-\(number - (number % 3 == 2 ? 1 : 0))",
            recipient: "Person\(number)@example.com")
    }

    @Test("messages are made of events a slice of them after the other", arguments: [1, 7, 1_000])
    func slices(atOnce: Int) async throws {
        for number in 0..<40 {
            try await lake.commit(
                event("Send", number, at: "2026-08-01 12:00:00"),
                event("Open", number, at: "2026-08-09 08:00:00"))
        }
        try await lake.lake.rebuildMessages(atOnce: atOnce)
        #expect(try await rows() == [40, 0])
        let folder = lake.lake.home.table("messages").path
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder).filter {
            $0.hasSuffix(".parquet")
        }
        #expect(files.count == 1, "what was set aside is gone")
        try await lake.commit(
            event("Click", 3, at: "2026-08-10 08:00:00"), event("Click", 41, at: "2026-08-10 08:00:00"))
        try await lake.lake.rebuildMessages(atOnce: atOnce)
        #expect(try await rows() == [41, 0])
    }

    @Test("are rolled up a part of their time after the other", arguments: [(1, 14), (7, 6), (1_000, 1)])
    func parts(atOnce: Int, count: Int) async throws {
        let asked = Mutex<[Range<Timestamp>]>([])
        var recipe = RollupRecipe(name: "ids") { from, to in
            asked.withLock { $0.append(from..<to) }
            return (
                "_day AS (FROM events WHERE \(Self.isIn(from..<to)))",
                "SELECT event_id, NULL::VARCHAR AS shared_event_id FROM _day ORDER BY event_id"
            )
        }
        recipe.eventsAtOnce = atOnce
        for number in 0..<39 {
            // Of each instant there are three events, which no part of the time can tell apart.
            try await lake.commit(event("Send", number, at: "2026-08-01 12:00:\(10 + number / 3)"))
        }
        asked.withLock { $0 = [] }
        #expect(try await lake.lake.updateRollups(recipe) == 1)
        let parts = asked.withLock { $0 }
        #expect(parts.count == count)
        let day = try #require(Timestamp(parsing: "2026-08-01T00:00:00Z")).day
        #expect(
            parts.first?.lowerBound == day.start
                && parts.last?.upperBound.day.daysSinceEpoch == day.daysSinceEpoch + 1)
        #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        #expect(try await lake.lake.verify(recipe) == [])
        let folder = RollupFolder(lake.lake.home, recipe.name)
        #expect(try TableDisk.names(in: folder.path).count == 1, "what was set aside is gone")
        let file = SQL.literal(folder.location(try #require(try folder.names().first)))
        let ids = try await lake.lake.connection.rows("SELECT event_id FROM read_parquet(\(file))")
        #expect(ids.count == 39 && Set(ids.map { $0[0].text }).count == 39)
    }

    @Test("have the groups of all parts next to each other")
    func groups() async throws {
        var recipe = RollupRecipe(name: "rows", order: .init(group: "kind", columns: "kind")) { from, to in
            (
                "_day AS (FROM events WHERE \(Self.isIn(from..<to)))",
                "SELECT range % 10 AS kind FROM _day, range(10_000)"
            )
        }
        recipe.eventsAtOnce = 1
        for number in 0..<24 {
            try await lake.commit(event("Send", number, at: "2026-08-01 12:00:\(10 + number)"))
        }
        #expect(try await lake.lake.updateRollups(recipe) == 1)
        let folder = RollupFolder(lake.lake.home, recipe.name)
        let file = SQL.literal(folder.location(try #require(try folder.names().first)))
        let counts = try await lake.lake.connection.rows(
            """
            SELECT count(*), count(*) FILTER (kind <> before),
                (SELECT count(DISTINCT row_group_id) FROM parquet_metadata(\(file)))
            FROM (SELECT kind, lag(kind) OVER (ORDER BY file_row_number) AS before FROM read_parquet(\(file)))
            """)[0].map { $0.integer ?? 0 }
        // Each thread goes through the groups once, and writes a row group when it has one: parts that are sorted and put behind each
        // other would change 239 times.
        let threads = Int64(ProcessInfo.processInfo.activeProcessorCount)
        #expect(counts[0] == 240_000 && counts[1] < min(10 * threads + counts[2], 239))
    }

    @Test("look back once for all of their parts")
    func lookingBack() async throws {
        let events = RollupRecipe(name: "ids") { from, to in
            return (
                "_day AS (FROM events WHERE \(Self.isIn(from..<to)))",
                "SELECT event_id, event_at, NULL AS shared_event_id FROM _day"
            )
        }
        // Of the events before a day, every other one has a say.
        let past: @Sendable (Timestamp, Timestamp) -> String = { from, _ in
            "SELECT event_at FROM ids WHERE event_at < make_timestamptz(\(from.microseconds)) AND second(event_at) % 2 = 0"
        }
        var history = RollupRecipe(
            name: "history", of: .rows(of: events, past: past, faults: { _ in "SELECT 0" })
        ) {
            (
                "_seen AS (FROM ids WHERE event_at < make_timestamptz(\($1.microseconds)))",
                "SELECT count(*) AS count FROM _seen"
            )
        }
        history.eventsAtOnce = 2
        for number in 0..<6 {
            try await lake.commit(
                event("Send", number, at: "2026-08-01 12:00:1\(number)"),
                event("Send", 10 + number, at: "2026-08-02 12:00:1\(number)"))
        }
        #expect(try await lake.lake.updateRollups(events) == 2)
        #expect(try await lake.lake.updateRollups(history) == 2)
        let folder = RollupFolder(lake.lake.home, history.name)
        #expect(try TableDisk.names(in: folder.path).count == 2, "what was set aside is gone")
        let newest = SQL.literal(folder.location(try #require(try folder.names().max())))
        let counts = try await lake.lake.connection.rows(
            "SELECT count FROM read_parquet(\(newest)) ORDER BY 1")
        // Three of the day before, and those of the day up to the end of each part.
        #expect(counts.count > 1 && counts.last == [.integer(3 + 6)])
    }

    @Test("are rolled up in smaller parts where the engine lacks memory")
    func lacksMemory() async throws {
        var recipe = RollupRecipe(name: "ids") { from, to in
            // As a whole a day takes more than the engine may have.
            let isWhole = to.microseconds - from.microseconds == 86_400_000_000
            return (
                "_day AS (FROM events WHERE \(Self.isIn(from..<to)))",
                isWhole
                    ? "SELECT list(range)::VARCHAR AS event_id, NULL::VARCHAR AS shared_event_id FROM range(200_000_000)"
                    : "SELECT event_id, NULL::VARCHAR AS shared_event_id FROM _day"
            )
        }
        recipe.eventsAtOnce = 16
        for number in 0..<12 {
            try await lake.commit(event("Send", number, at: "2026-08-01 12:00:\(10 + number)"))
        }
        #expect(try await lake.lake.updateRollups(recipe) == 1)
        #expect(try await lake.lake.verify(recipe) == [])
    }
}

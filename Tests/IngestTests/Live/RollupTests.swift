import DuckDB
import Foundation
import Primitives
import TestSupport
import Testing

@testable import Ingest
@testable import Lake

@Suite("Days rolled up beside commits")
struct RollupTests {
    /// Of each event its identity and its time.
    private static let recipe = RollupRecipe(name: "ids") { from, to in
        (
            "_day AS (FROM events WHERE \(isIn(from..<to)))",
            "SELECT event_id, event_at, NULL::VARCHAR AS shared_event_id FROM _day"
        )
    }

    /// How many rows of the other recipe there were at the end of a time.
    private static let history = RollupRecipe(
        name: "history",
        of: .rows(
            of: recipe,
            faults: { _ in "SELECT count(*) FROM history WHERE count < (SELECT count(*) FROM ids)" })
    ) { _, to in
        (
            "_seen AS (FROM ids WHERE event_at < make_timestamptz(\(to.microseconds)))",
            "SELECT count(*) AS count FROM _seen"
        )
    }

    /// SQL of whether an event is of a time.
    private static func isIn(_ time: Range<Timestamp>) -> String {
        "event_at >= make_timestamptz(\(time.lowerBound.microseconds)) AND event_at < make_timestamptz(\(time.upperBound.microseconds))"
    }

    private static var policy: UpkeepPolicy {
        var policy = UpkeepPolicy()
        policy.compaction.fan = 3
        return policy
    }

    private func files(_ lake: KeptLake) throws -> Set<String> {
        try RollupFolder(lake.live.home, Self.recipe.name).names()
    }

    /// Sees that files and rest are all events, each once.
    ///
    /// - Returns: the files.
    private func filesOfAWhole(_ lake: KeptLake) async throws -> [String] {
        let live = lake.live
        let view = try await live.lake.view(of: ["events"], rolledUpBy: [Self.recipe])
        guard let rolled = view.rolledUp["ids"] else { return [] }
        let relation = try #require(view.relations.first)
        let isFresh = (["false"] + rolled.rest.map(Self.isIn)).joined(separator: " OR ")
        let fresh =
            relation.files.isEmpty
            ? "SELECT NULL::VARCHAR AS event_id WHERE false"
            : "SELECT event_id FROM read_parquet(\(SQL.list(relation.files)), hive_partitioning = false) WHERE \(isFresh)"
        let counts = try await live.rows(
            """
            SELECT count(*), count(DISTINCT event_id) FROM (
                SELECT event_id FROM read_parquet(\(SQL.list(rolled.files))) UNION ALL \(fresh))
            """)[0].map(\.integer)
        #expect(try await live.events() == counts)
        return rolled.files
    }

    /// Sees that each file knows of all that was before its end.
    ///
    /// - Returns: the files.
    private func filesOfHistory(_ lake: KeptLake) async throws -> [String] {
        let live = lake.live
        let view = try await live.lake.view(of: ["events"], rolledUpBy: [Self.recipe, Self.history])
        let files = view.rolledUp["history"]?.files ?? []
        for file in files {
            let name = URL(filePath: file).lastPathComponent
            let day = name.prefix(10)
            let end =
                isOfHour(file)
                ? "'\(day) \(name.dropFirst(11).prefix(2)):59:59.999999Z'" : "'\(day) 23:59:59.999999Z'"
            let counts = try await live.rows(
                """
                SELECT (SELECT count FROM read_parquet('\(file)')),
                    (SELECT count(*) FROM \(try await live.lake.eventsRelation()) WHERE event_at::DATE >= '\(day)'::DATE - 32 AND event_at <= \(end))
                """)[0].map(\.integer)
            #expect(counts[0] == counts[1], "\(name)")
        }
        return files
    }

    private func isOfHour(_ file: String) -> Bool {
        URL(filePath: file).lastPathComponent.dropFirst(10).hasPrefix("T")
    }

    /// Brings events in a few at a time; the keeper passes after each, a minute apart.
    private func grow(
        _ lake: KeptLake, by events: [String], passes: ClosedRange<Int>, _ random: inout SeededGenerator,
        then check: () async throws -> Void = {}
    ) async throws {
        var rest = events[...]
        while !rest.isEmpty {
            let part = rest.prefix(Int.random(in: 1...60, using: &random))
            rest = rest.dropFirst(part.count)
            try await lake.commit(part)
            for _ in 0..<Int.random(in: passes, using: &random) { try await lake.pass(after: 61) }
            try await check()
        }
    }

    @Test("at any moment files and rest are all events, each once", arguments: 1...3)
    func isWhole(seed: Int) async throws {
        let lake = try await KeptLake(Self.policy, rollingUpBy: [Self.recipe])
        var random = SeededGenerator(seed: seed)
        let events = try traffic(120, seed: UInt64(seed), days: 5)
        var used = 0
        try await grow(lake, by: events, passes: 0...4, &random) {
            used += try await filesOfAWhole(lake).count
        }
        #expect(used > 0)
        #expect(try await lake.live.lake.verify(Self.recipe) == [])
    }

    @Test("hours that are over have their files while events come to their day", arguments: 1...3)
    func hours(seed: Int) async throws {
        let recipes = [Self.recipe, Self.history]
        let lake = try await KeptLake(Self.policy, rollingUpBy: recipes)
        var random = SeededGenerator(seed: seed)
        var (second, hours) = (0, [0, 0])
        while second < 26 * 3_600 {
            let events = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                second += Int.random(in: 1...900, using: &random)
                // One in fifty comes late.
                return openEvent(
                    second - (Int.random(in: 0..<50, using: &random) == 0 ? 4_000 : 0), message: "m-\(second)"
                )
            }
            try await lake.commit(events)
            try await lake.pass(after: 61)
            guard Int.random(in: 0..<6, using: &random) == 0 else { continue }
            hours[0] += try await filesOfAWhole(lake).filter(isOfHour).count
            hours[1] += try await filesOfHistory(lake).filter(isOfHour).count
        }
        #expect(hours[0] > 20 && hours[1] > 5, "\(hours)")
        for recipe in recipes { #expect(try await lake.live.lake.verify(recipe) == []) }
        // A purge leaves what is still valid; once the days are at rest, nobody wants their hours.
        let names = try files(lake)
        try await lake.live.lake.purgeRollups()
        #expect(try files(lake).count > 10 && files(lake).isSubset(of: names))
        try await lake.live.lake.updateRollups(Self.recipe)
        #expect(try await filesOfAWhole(lake).allSatisfy { !isOfHour($0) })
    }

    @Test(
        "what looks back is made of whole days before, and made anew when one of them changes",
        arguments: 1...2)
    func lookback(seed: Int) async throws {
        let kept = try await KeptLake(rollingUpBy: [Self.recipe, Self.history])
        let lake = kept.live.lake
        var random = SeededGenerator(seed: seed)
        let events = try traffic(60, seed: UInt64(seed), days: 6).shuffled(using: &random)
        var used = 0
        try await grow(kept, by: events, passes: 2...20, &random) {
            used += try await filesOfHistory(kept).count
        }
        #expect(used > 0)
        #expect(try await lake.verify(Self.history) == [])
        for recipe in [Self.recipe, Self.history] { try await lake.updateRollups(recipe) }
        let info = try await lake.rollupInfo(Self.history)
        #expect(info.days == info.daysWithEvents)
        // A purge leaves what is still valid.
        try await lake.purgeRollups()
        #expect(try await lake.rollupInfo(Self.history).days == info.days)
    }

    @Test("a merge of files takes nothing away, whoever opens the lake next", arguments: 1...3)
    func merges(seed: Int) async throws {
        let kept = try await KeptLake(Self.policy)
        let lake = kept.live.lake
        let recipes = [Self.recipe, Self.history]
        var random = SeededGenerator(seed: seed)
        let events = try traffic(60, seed: UInt64(seed), days: 4).shuffled(using: &random)
        try await grow(kept, by: events, passes: 0...0, &random)
        for recipe in recipes { #expect(try await lake.updateRollups(recipe) > 2) }
        let names = try files(kept)
        try await kept.pass()
        #expect(try await lake.compact().contains { $0.table == "events" })
        try await lake.checkpointEvents()
        let other = try EventLake(home: kept.live.home, options: .live)
        for recipe in recipes {
            #expect(try await other.updateRollups(recipe) == 0)
            #expect(try await other.verify(recipe) == [])
        }
        #expect(try files(kept) == names)
    }

    @Test("a day at rest gets its file; what no snapshot wants goes at the second cleaning")
    func upkeep() async throws {
        let lake = try await KeptLake(rollingUpBy: [Self.recipe])
        try await lake.commit([openEvent(1)])
        try await lake.pass()
        try await lake.pass(after: 59)
        #expect(try files(lake).isEmpty)
        try await lake.pass(after: 1)
        let first = try files(lake)
        #expect(first.count == 1)
        try await lake.commit([openEvent(2)])
        try await lake.pass(after: 1)
        #expect(try await lake.live.lake.view(of: ["events"], rolledUpBy: [Self.recipe]).rolledUp.isEmpty)
        try await lake.pass(after: 60)
        #expect(try files(lake).count == 2)
        try await lake.pass(after: 600)
        #expect(try files(lake).isSuperset(of: first))
        try await lake.pass(after: 600)
        #expect(try files(lake).isDisjoint(with: first))
        #expect(try files(lake).count == 1)
    }

    @Test("a purge takes what was derived of files that went, and what was left half written")
    func purge() async throws {
        let kept = try await KeptLake()
        let lake = kept.live.lake
        try await kept.commit([openEvent(1)])
        try await lake.updateRollups(Self.recipe)
        let first = try files(kept)
        try await lake.purgeRollups()
        #expect(try files(kept) == first)
        try await kept.commit([openEvent(2)])
        let folder = RollupFolder(kept.live.home, Self.recipe.name)
        let temporary = try folder.makeTemporary()
        try Data([1]).write(to: URL(filePath: temporary))
        try await lake.purgeRollups()
        #expect(try files(kept).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: temporary))
    }
}

import DuckDB
import EventLog
import Foundation
import Primitives
import Synchronization
import TestSupport
import Testing

@testable import Ingest
@testable import Lake

@Suite("Days rolled up beside commits")
struct RollupTests {
    /// Of each event its identity.
    private static let recipe = RollupRecipe(name: "ids") { from, to in
        (
            "_day AS (SELECT * FROM events WHERE event_at >= make_timestamptz(\(from.microseconds)) AND event_at < make_timestamptz(\(to.microseconds)))",
            "SELECT event_id, NULL::VARCHAR AS shared_event_id FROM _day"
        )
    }

    private func files(_ live: LiveFixture) throws -> Set<String> {
        try RollupFolder(live.home, Self.recipe.name).names()
    }

    /// Sees that files and rest are all events, each once.
    ///
    /// - Returns: the files.
    private func filesOfAWhole(_ live: LiveFixture) async throws -> [String] {
        let view = try await live.lake.view(of: ["events"], rolledUpBy: [Self.recipe])
        guard let rolled = view.rolledUp["ids"] else { return [] }
        let relation = try #require(view.relations.first)
        let times = rolled.rest.map {
            "event_at >= make_timestamptz(\($0.lowerBound.microseconds)) AND event_at < make_timestamptz(\($0.upperBound.microseconds))"
        }
        let fresh =
            relation.files.isEmpty
            ? "SELECT NULL::VARCHAR AS event_id WHERE false"
            : "SELECT event_id FROM read_parquet(\(SQL.list(relation.files)), hive_partitioning = false) WHERE \((["false"] + times).joined(separator: " OR "))"
        let counts = try await live.rows(
            """
            SELECT count(*), count(DISTINCT event_id) FROM (
                SELECT event_id FROM read_parquet(\(SQL.list(rolled.files))) UNION ALL \(fresh))
            """)[0].map(\.integer)
        #expect(try await live.events() == counts)
        return rolled.files
    }

    @Test("at any moment files and rest are all events, each once", arguments: 1...3)
    func isWhole(seed: Int) async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog()
        let time = Mutex<Duration>(.zero)
        var policy = UpkeepPolicy()
        policy.compaction.fan = 3
        let keeper = try await LakeKeeper(
            live.lake, policy, rollingUpBy: [Self.recipe], now: { time.withLock { $0 } })
        var random = SeededGenerator(seed: seed)
        var rest = try traffic(120, seed: UInt64(seed), days: 5)[...]
        var used = 0
        while !rest.isEmpty {
            let part = rest.prefix(Int.random(in: 1...60, using: &random))
            rest = rest.dropFirst(part.count)
            try await live.commit(part, through: log)
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                time.withLock { $0 += .seconds(61) }
                try await keeper.pass()
            }
            used += try await filesOfAWhole(live).count
        }
        #expect(used > 0)
        #expect(try await live.lake.verify(Self.recipe) == [])
    }

    /// How many of the first recipe's rows there were at the end of a day.
    private static let history = RollupRecipe(
        name: "history",
        of: .rows(
            of: timed,
            faults: { _ in "SELECT count(*) FROM history WHERE count < (SELECT count(*) FROM timed)" })
    ) { from, to in
        (
            "_seen AS (FROM timed WHERE event_at < make_timestamptz(\(to.microseconds)))",
            "SELECT count(*) AS count FROM _seen"
        )
    }

    private static let timed = RollupRecipe(name: "timed") { from, to in
        (
            "_day AS (FROM events WHERE event_at >= make_timestamptz(\(from.microseconds)) AND event_at < make_timestamptz(\(to.microseconds)))",
            "SELECT event_at, NULL::VARCHAR AS shared_event_id FROM _day"
        )
    }

    /// Sees that each file knows of all that was before its end.
    ///
    /// - Returns: the files.
    private func filesOfHistory(_ live: LiveFixture) async throws -> [String] {
        let view = try await live.lake.view(of: ["events"], rolledUpBy: [Self.timed, Self.history])
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

    @Test("hours that are over have their files while events come to their day", arguments: 1...3)
    func hours(seed: Int) async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog()
        let time = Mutex<Duration>(.zero)
        var policy = UpkeepPolicy()
        policy.compaction.fan = 3
        let keeper = try await LakeKeeper(
            live.lake, policy, rollingUpBy: [Self.recipe, Self.timed, Self.history],
            now: { time.withLock { $0 } })
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
            try await live.commit(events, through: log)
            time.withLock { $0 += .seconds(61) }
            try await keeper.pass()
            guard Int.random(in: 0..<6, using: &random) == 0 else { continue }
            hours[0] += try await filesOfAWhole(live).filter(isOfHour).count
            hours[1] += try await filesOfHistory(live).filter(isOfHour).count
        }
        #expect(hours[0] > 20 && hours[1] > 5, "\(hours)")
        for recipe in [Self.recipe, Self.timed, Self.history] {
            #expect(try await live.lake.verify(recipe) == [])
        }
        // A purge leaves what is still valid; once the days are at rest, nobody wants their hours.
        let names = try files(live)
        try await live.lake.purgeRollups()
        #expect(try files(live).count > 10 && files(live).isSubset(of: names))
        try await live.lake.updateRollups(Self.recipe)
        #expect(try await filesOfAWhole(live).allSatisfy { !isOfHour($0) })
    }

    @Test(
        "what looks back is made of whole days before, and made anew when one of them changes",
        arguments: 1...2)
    func lookback(seed: Int) async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog()
        let time = Mutex<Duration>(.zero)
        let keeper = try await LakeKeeper(
            live.lake, rollingUpBy: [Self.timed, Self.history], now: { time.withLock { $0 } })
        var random = SeededGenerator(seed: seed)
        var rest = try traffic(60, seed: UInt64(seed), days: 6).shuffled(using: &random)[...]
        var used = 0
        while !rest.isEmpty {
            let part = rest.prefix(Int.random(in: 1...60, using: &random))
            rest = rest.dropFirst(part.count)
            try await live.commit(part, through: log)
            for _ in 0..<Int.random(in: 2...20, using: &random) {
                time.withLock { $0 += .seconds(61) }
                try await keeper.pass()
            }
            used += try await filesOfHistory(live).count
        }
        #expect(used > 0)
        #expect(try await live.lake.verify(Self.history) == [])
        try await live.lake.updateRollups(Self.timed)
        try await live.lake.updateRollups(Self.history)
        let info = try await live.lake.rollupInfo(Self.history)
        #expect(info.days == info.daysWithEvents)
        // A purge leaves what is still valid.
        try await live.lake.purgeRollups()
        #expect(try await live.lake.rollupInfo(Self.history).days == info.days)
    }

    @Test("a day at rest gets its file; what no snapshot wants goes at the second cleaning")
    func upkeep() async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog()
        let time = Mutex<Duration>(.zero)
        let keeper = try await LakeKeeper(
            live.lake, rollingUpBy: [Self.recipe], now: { time.withLock { $0 } })
        func pass(after seconds: Int) async throws {
            time.withLock { $0 += .seconds(seconds) }
            try await keeper.pass()
        }
        func add(_ number: Int) async throws {
            try await live.commit([openEvent(number)], through: log)
        }
        try await add(1)
        try await pass(after: 0)
        try await pass(after: 59)
        #expect(try files(live).isEmpty)
        try await pass(after: 1)
        let first = try files(live)
        #expect(first.count == 1)
        try await add(2)
        try await pass(after: 1)
        #expect(try await live.lake.view(of: ["events"], rolledUpBy: [Self.recipe]).rolledUp.isEmpty)
        try await pass(after: 60)
        #expect(try files(live).count == 2)
        try await pass(after: 600)
        #expect(try files(live).isSuperset(of: first))
        try await pass(after: 600)
        #expect(try files(live).isDisjoint(with: first))
        #expect(try files(live).count == 1)
    }

    @Test("a purge takes what was derived of files that went, and what was left half written")
    func purge() async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog()
        try await live.commit([openEvent(1)], through: log)
        try await live.lake.updateRollups(Self.recipe)
        let first = try files(live)
        try await live.lake.purgeRollups()
        #expect(try files(live) == first)
        try await live.commit([openEvent(2)], through: log)
        let folder = RollupFolder(live.home, Self.recipe.name)
        let temporary = try folder.makeTemporary()
        try Data([1]).write(to: URL(filePath: temporary))
        try await live.lake.purgeRollups()
        #expect(try files(live).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: temporary))
    }
}

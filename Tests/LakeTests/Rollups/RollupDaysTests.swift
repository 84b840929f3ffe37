import Primitives
import Testing

@testable import Lake

@Suite("Days that are rolled up")
struct RollupDaysTests {
    private static let recipe = RollupRecipe(name: "test") {
        (tables: "x AS (\($0) \($1))", select: "FROM x")
    }

    /// A file of events between two times.
    private func file(_ name: String, _ from: String, _ through: String, bounds: Bool = true) -> DataFile {
        let times = #""minValues":{"event_at":"\#(from)"},"maxValues":{"event_at":"\#(through)"}"#
        return DataFile(
            AddFile(
                path: name, partitionValues: [:], size: 1, modificationTime: 0, dataChange: true,
                stats: bounds ? #"{"numRecords":1,\#(times)}"# : #"{"numRecords":1}"#),
            schema: LakeTables.events)
    }

    private func day(_ text: String) throws -> CivilDay {
        try #require(Timestamp(parsing: text + "T00:00:00Z")).day
    }

    @Test(
        "a day's name changes with its files, and with those of its neighbours that reach within ten seconds")
    func names() throws {
        let calm = file("a", "2026-08-02T08:00:00.000Z", "2026-08-02T20:00:00.000Z")
        let before = file("b", "2026-08-01T08:00:00.000Z", "2026-08-01T20:00:00.000Z")
        let near = file("c", "2026-08-01T08:00:00.000Z", "2026-08-01T23:59:50.000Z")
        let far = file("d", "2026-08-01T08:00:00.000Z", "2026-08-01T23:59:49.998Z")
        let second = try day("2026-08-02")
        let key = RollupDays([calm]).key(of: second)
        #expect(key != nil)
        #expect(RollupDays([before, calm]).key(of: second) == key)
        #expect(RollupDays([far, calm]).key(of: second) == key)
        #expect(RollupDays([near, calm]).key(of: second) != key)
        #expect(
            RollupDays([calm, file("e", "2026-08-02T09:00:00.000Z", "2026-08-02T09:00:00.000Z")]).key(
                of: second) != key)
        #expect(RollupDays([before]).key(of: second) == nil)
    }

    @Test("to who looks back, a day changes with the files of 32 days before, and of none further")
    func lookback() throws {
        let own = file("a", "2026-08-20T08:00:00.000Z", "2026-08-20T20:00:00.000Z")
        let first = file("b", "2026-07-19T08:00:00.000Z", "2026-07-19T20:00:00.000Z")
        let older = file("c", "2026-07-18T08:00:00.000Z", "2026-07-18T20:00:00.000Z")
        let later = file("d", "2026-08-21T08:00:00.000Z", "2026-08-21T20:00:00.000Z")
        let day = try day("2026-08-20")
        func key(_ files: [DataFile]) -> String? { RollupDays(files).key(of: day, looksBack: true) }
        #expect(key([own]) != nil)
        #expect(key([own, older, later]) == key([own]))
        #expect(key([own, first]) != key([own]))
        #expect(RollupDays([own, first]).key(of: day) == RollupDays([own]).key(of: day))
        #expect(key([first]) == nil)
        #expect(RollupDays([own, first, older]).history(of: day).count == 2)
        // What cannot be said of a day before cannot be said of the day.
        #expect(key([own, file("e", "", "", bounds: false)]) == nil)
        #expect(key([own, file("f", "2026-05-01T00:00:00.000Z", "2026-08-01T00:00:00.000Z")]) == nil)
    }

    @Test("the order in which a log names files is no matter; the recipe is")
    func recipes() throws {
        let one = file("a", "2026-08-02T08:00:00.000Z", "2026-08-02T20:00:00.000Z")
        let two = file("b", "2026-08-02T08:00:00.000Z", "2026-08-02T20:00:00.000Z")
        let second = try day("2026-08-02")
        #expect(
            RollupDays([one, two]).name(of: second, Self.recipe)
                == RollupDays([two, one]).name(of: second, Self.recipe))
        let other = RollupRecipe(name: "test") { (tables: "y AS (\($0) \($1))", select: "FROM y") }
        #expect(RollupDays([one]).name(of: second, other) != RollupDays([one]).name(of: second, Self.recipe))
        // And that of the rows which it is made of.
        func following(_ recipe: RollupRecipe) -> RollupRecipe {
            RollupRecipe(name: "more", of: .rows(of: recipe, faults: { _ in "SELECT 0" })) { _, _ in
                ("x AS (FROM test)", "FROM x")
            }
        }
        let names = [Self.recipe, other].map { RollupDays([one]).name(of: second, following($0)) }
        #expect(names[0] != nil && names[0] != names[1])
    }

    @Test("a file whose times nobody knows, or that spans months, keeps its days out")
    func foreign() throws {
        let calm = file("a", "2026-08-02T08:00:00.000Z", "2026-08-02T20:00:00.000Z")
        let unknown = file("b", "", "", bounds: false)
        #expect(RollupDays([calm, unknown]).days.isEmpty)
        let year = file("c", "2026-01-01T00:00:00.000Z", "2026-06-30T00:00:00.000Z")
        #expect(RollupDays([calm, year]).days == [try day("2026-08-02")])
        #expect(RollupDays([calm, year]).others.count == 1)
    }

    @Test("a day is due once it has been as it is for a while, the newest first; then there is a rest")
    func queue() throws {
        var queue = RollupQueue()
        let (first, second) = (try day("2026-08-01"), try day("2026-08-02"))
        let quiet = Duration.seconds(60)
        #expect(queue.next([first: "a", second: "b"], quiet: quiet, now: .seconds(0)) == nil)
        #expect(queue.next([first: "a", second: "c"], quiet: quiet, now: .seconds(30)) == nil)
        #expect(queue.next([first: "a", second: "c"], quiet: quiet, now: .seconds(60)) == first)
        #expect(queue.next([first: "a", second: "c"], quiet: quiet, now: .seconds(90)) == second)
        queue.rolledUp(second, from: .seconds(90), to: .seconds(95), rest: 4)
        #expect(queue.next([first: "a"], quiet: quiet, now: .seconds(114)) == nil)
        #expect(queue.next([first: "a"], quiet: quiet, now: .seconds(115)) == first)
    }
}

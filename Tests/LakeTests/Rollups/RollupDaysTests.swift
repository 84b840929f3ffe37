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

    private func day(_ text: String) throws -> RollupSpan {
        RollupSpan(try #require(Timestamp(parsing: text + "T00:00:00Z")).day)
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

    @Test("to who looks back, a day changes with the files of 61 days before, and of none further")
    func lookback() throws {
        let own = file("a", "2026-08-20T08:00:00.000Z", "2026-08-20T20:00:00.000Z")
        let first = file("b", "2026-06-20T08:00:00.000Z", "2026-06-20T20:00:00.000Z")
        let older = file("c", "2026-06-19T08:00:00.000Z", "2026-06-19T20:00:00.000Z")
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
        #expect(RollupDays([calm, year]).days == [try day("2026-08-02").day])
        #expect(RollupDays([calm, year]).others.count == 1)
    }

    @Test(
        "the two newest days have hours with events, whose names change with the files of ten seconds around them"
    )
    func hours() throws {
        let old = file("a", "2026-07-30T08:00:00.000Z", "2026-07-31T20:00:00.000Z")
        let before = file("b", "2026-08-01T22:00:00.000Z", "2026-08-01T23:10:00.000Z")
        let morning = file("c", "2026-08-02T08:00:00.000Z", "2026-08-02T08:59:49.000Z")
        let noon = file("d", "2026-08-02T09:00:09.000Z", "2026-08-02T09:30:00.000Z")
        let days = RollupDays([old, before, morning, noon])
        #expect(
            days.spans.map(\.description) == [
                "2026-07-30", "2026-07-31", "2026-08-01T22", "2026-08-01T23", "2026-08-01", "2026-08-02T08",
                "2026-08-02T09", "2026-08-02",
            ])
        #expect(days.hours(of: try day("2026-07-31").day).isEmpty)
        let hours = days.hours(of: try day("2026-08-02").day)
        #expect(hours.map { days.files(of: $0).map(\.path) } == [["c", "d"], ["d"]])
        #expect(
            hours.map(\.condition).last
                == "event_at >= TIMESTAMPTZ '2026-08-02T09:00:00.000Z' AND event_at < TIMESTAMPTZ '2026-08-02T10:00:00.000Z'"
        )
        // A later event leaves them as they are, and to who looks back as well.
        let later = RollupDays([
            old, before, morning, noon, file("e", "2026-08-02T12:00:00.000Z", "2026-08-02T12:00:01.000Z"),
        ])
        for looksBack in [false, true] {
            #expect(
                hours.map { later.key(of: $0, looksBack: looksBack) }
                    == hours.map { days.key(of: $0, looksBack: looksBack) })
        }
        // One of an hour before changes what looks back, and nothing else.
        let earlier = RollupDays([
            old, before, morning, noon, file("f", "2026-08-02T07:00:00.000Z", "2026-08-02T07:00:01.000Z"),
        ])
        #expect(hours.map { earlier.key(of: $0) } == hours.map { days.key(of: $0) })
        #expect(
            zip(hours, hours).allSatisfy {
                earlier.key(of: $0, looksBack: true) != days.key(of: $1, looksBack: true)
            })
    }

    @Test("what looks back over a day without a file is made of those of its hours, if all are there")
    func history() throws {
        let days = RollupDays([
            file("a", "2026-08-01T08:00:00.000Z", "2026-08-01T09:30:00.000Z"),
            file("b", "2026-08-02T08:00:00.000Z", "2026-08-02T10:30:00.000Z"),
        ])
        let (first, second) = (days.days[0], days.days[1])
        let own = Array(days.hours(of: second).prefix(2))
        let before = days.hours(of: first)
        let names = { (spans: [RollupSpan]) in spans.compactMap { days.name(of: $0, Self.recipe) } }
        func sources(_ present: [RollupSpan]) -> [String]? {
            days.names(for: own[1], by: Self.recipe, among: Set(names(present)))
        }
        #expect(days.history(of: own[1]) == [RollupSpan(first)] + own)
        #expect(sources(before + own) == names(before + own))
        #expect(sources([RollupSpan(first)] + before + own) == names([RollupSpan(first)] + own))
        #expect(sources(before.suffix(1) + own) == nil)
        #expect(sources(before + own.suffix(1)) == nil)
        // A whole day is made of whole days and the hours of the other.
        #expect(days.history(of: RollupSpan(second)) == [RollupSpan(first), RollupSpan(second)])
    }

    @Test("an hour that is over is due while its day is not, and a day before its hours")
    func dueHours() throws {
        let days = RollupDays([file("a", "2026-08-02T08:00:00.000Z", "2026-08-02T10:30:00.000Z")])
        let (day, hours) = (RollupSpan(days.days[0]), days.hours(of: days.days[0]))
        var queue = RollupQueue()
        func next(_ last: String, _ seconds: Int) -> RollupSpan? {
            queue.next(
                [day: last, hours[0]: "a", hours[1]: "b", hours[2]: last], quiet: .seconds(60),
                now: .seconds(seconds))
        }
        #expect(next("c", 0) == nil)
        #expect(next("d", 60) == hours[1])
        #expect(next("d", 119) == hours[1])
        #expect(next("d", 120) == day)
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

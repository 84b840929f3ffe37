import Primitives
import Testing
import TestSupport

@testable import Lake

@Suite("When the events of a batch happened")
struct EventTimesTests {
    private func file(_ statistics: String?) -> DataFile {
        DataFile(addition("a", stats: statistics), schema: TableFixture.schema)
    }

    private func file(from minimum: String, to maximum: String) -> DataFile {
        file(#"{"minValues":{"event_at":"\#(minimum)"},"maxValues":{"event_at":"\#(maximum)"}}"#)
    }

    @Test("a file is asked only if one of the times lies within its own")
    func files() throws {
        let noon = try #require(Timestamp(parsing: "2026-08-01T12:00:00Z")).microseconds
        let times = EventTimes([noon, noon - 86_400_000_000, noon])
        #expect(times.sorted == [noon - 86_400_000_000, noon])
        #expect(times.mayBe(in: file(from: "2026-08-01T12:00:00.000Z", to: "2026-08-01T12:00:00.000Z")))
        #expect(times.mayBe(in: file(from: "2026-07-01T00:00:00Z", to: "2026-07-31T12:00:00Z")))
        #expect(!times.mayBe(in: file(from: "2026-07-31T12:00:00.001Z", to: "2026-08-01T11:59:59.999Z")))
        #expect(!times.mayBe(in: file(from: "2026-08-01T12:00:01Z", to: "2026-08-02T12:00:00Z")))
        #expect(times.mayBe(in: file(nil)), "statistics that are not there prove nothing")
        #expect(!EventTimes([]).mayBe(in: file(nil)))
    }

    @Test("few times are listed, many become ranges without the wide gaps")
    func condition() {
        #expect(EventTimes([5, 3]).condition == "event_at IN (make_timestamptz(3), make_timestamptz(5))")
        let many = EventTimes((0..<1_500).flatMap { [$0, 90_000_000_000 + $0] })
        #expect(many.ranges == [0...1_499, 90_000_000_000...90_000_001_499])
        #expect(
            many.condition.hasPrefix("event_at BETWEEN make_timestamptz(0) AND make_timestamptz(1499) OR "))
    }

    @Test("there are few ranges, and every time is in one", arguments: 1...50 as ClosedRange<UInt64>)
    func few(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        let times = (0..<300).map { _ in Int64.random(in: 0...5_184_000_000_000, using: &random) }
        let ranges = EventTimes(times).ranges
        #expect(ranges.count == EventTimes.mostRanges)
        #expect(times.allSatisfy { time in ranges.contains { $0.contains(time) } })
        #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
    }
}

@Suite("What was committed last")
struct RecentEventsTests {
    @Test("the oldest commits are forgotten whole")
    func forgets() {
        var recent = RecentEvents(capacity: 5)
        recent.add([1, 2, 3], in: ["a"])
        recent.add([4, 5], in: ["b", "c"])
        #expect(recent.contains(1) && recent.covers("a") && recent.count == 5)
        recent.add([6], in: ["d"])
        #expect(!recent.contains(3) && !recent.covers("a"))
        #expect(recent.contains(4) && recent.covers("c") && recent.covers("d"))
        recent.add([7, 8, 9, 10, 11, 12], in: ["e"])
        #expect(
            recent.count == 0 && !recent.covers("e"), "a commit that is too large is not remembered in part")
    }

    @Test("nothing is remembered unless wanted")
    func none() {
        var recent = RecentEvents(capacity: 0)
        recent.add([1], in: ["a"])
        #expect(!recent.contains(1) && !recent.covers("a"))
    }

    @Test("a million commits leave no more than the last ones")
    func manyCommits() {
        var recent = RecentEvents(capacity: 100)
        for number in 0..<100_000 { recent.add([UInt128(number)], in: ["\(number)"]) }
        #expect(recent.count == 100 && recent.contains(99_900) && !recent.contains(99_899))
    }
}

@Suite("Files that came since a version")
struct AddedFilesTests {
    private func added(_ commits: [[DeltaAction]]) -> [String]? {
        var files = AddedFiles(after: 0, schema: TableFixture.schema)
        for commit in commits where !files.apply(commit) { return nil }
        return files.files.map { String($0.path.dropFirst("year=2026/month=08/day=01/".count).dropLast(8)) }
    }

    private func merged(_ name: String) -> DeltaAction {
        var file = addition(name)
        file.dataChange = false
        return .add(file)
    }

    private func replaced(_ name: String, dataChange: Bool = false) -> DeltaAction {
        .remove(RemoveFile(addition(name), at: TableDisk.now(), dataChange: dataChange))
    }

    @Test("a merge of new files takes their place")
    func merges() {
        #expect(
            added([
                [.add(addition("a"))], [.add(addition("b"))], [replaced("a"), replaced("b"), merged("c")],
            ])
                == ["c"])
    }

    @Test("a merge of new files with older ones does not")
    func mixed() {
        #expect(added([[.add(addition("a"))], [replaced("a"), replaced("old"), merged("c")]]) == ["a"])
    }

    @Test("rows that left cannot be told by what came")
    func removed() { #expect(added([[.add(addition("a"))], [replaced("a", dataChange: true)]]) == nil) }
}

@Suite("When the lake is looked after")
struct UpkeepPolicyTests {
    private let policy = UpkeepPolicy()

    private func tasks(_ change: (inout UpkeepPolicy.Situation) -> Void) -> [UpkeepPolicy.Work] {
        var situation = UpkeepPolicy.Situation()
        situation.now = .seconds(1_000)
        situation.cleanedAt = .seconds(900)
        change(&situation)
        return policy.tasks(situation)
    }

    @Test("messages wait for many events or five minutes")
    func messages() {
        #expect(tasks { _ in } == [])
        #expect(
            tasks { ($0.isBehind, $0.eventsBehind, $0.behindSince) = (true, 99_999, .seconds(701)) } == [])
        #expect(
            tasks { ($0.isBehind, $0.eventsBehind, $0.behindSince) = (true, 100_000, .seconds(999)) } == [
                .updateMessages
            ])
        #expect(
            tasks { ($0.isBehind, $0.eventsBehind, $0.behindSince) = (true, 1, .seconds(700)) } == [
                .updateMessages
            ])
        #expect(
            tasks { ($0.isBehind, $0.eventsBehind) = (true, nil) } == [.updateMessages],
            "only a rebuild helps")
    }

    @Test("at the end messages are brought up to date and nothing is removed")
    func ending() {
        #expect(tasks { ($0.isBehind, $0.isEnding, $0.cleanedAt) = (true, true, .zero) } == [.updateMessages])
    }

    @Test("a checkpoint is written after a hundred commits")
    func checkpoints() {
        #expect(tasks { $0.commitsSinceCheckpoint = 99 } == [])
        #expect(tasks { $0.commitsSinceCheckpoint = 100 } == [.checkpoint])
    }

    @Test("files are removed only when messages needs none of them")
    func cleaning() {
        #expect(tasks { $0.cleanedAt = .seconds(400) } == [.clean])
        #expect(
            tasks { ($0.cleanedAt, $0.isBehind, $0.behindSince) = (.seconds(400), true, .seconds(999)) }
                == [.updateMessages, .clean])
    }
}

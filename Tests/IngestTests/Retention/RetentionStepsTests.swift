import DuckDB
import EventLog
import Foundation
import Lake
import Primitives
import TestSupport
import Testing

@testable import Ingest

@Suite("Retention, step by step")
struct RetentionStepsTests {
    private func named(before: CivilDay, _ fixture: LiveFixture) async throws -> Int64? {
        try await fixture.rows(
            """
            SELECT count(*) FROM \(try await fixture.lake.eventsRelation())
            WHERE event_at < make_timestamptz(\(before.start.microseconds)) AND NOT starts_with(recipient, 'h:')
            """)[0][0].integer
    }

    @Test(
        "what comes, and what is merged, between the preparing of a day and its commit is made anonymous with it"
    )
    func between() async throws {
        let fixture = try await LiveFixture()
        let (early, late) = ([1, 2], [3, 4])
        func write(_ numbers: [Int]) throws -> [InputPath] {
            try InputPaths.expand([
                fixture.folder.write(
                    "\(numbers).ndjson", Array(numbers.map { openEvent($0) }.joined(separator: "\n").utf8))
            ])
        }
        _ = try await EventImporter(fixture.lake).run(try write(early))
        let horizon = try #require(CivilDay(iso8601: "2026-08-02"))
        var run = RetentionRun(fixture.lake, RetentionHorizons(anonymity: horizon), purges: false)
        while run.need == .nothing { try await run.step(nil) }
        _ = try await EventImporter(fixture.lake).run(try write(late))
        _ = try await fixture.lake.compact()
        try await run.run(nil)
        #expect(try await named(before: horizon, fixture) == 0)
        #expect(try await fixture.events() == [4, 4])
        #expect(try await EventImporter(fixture.lake).run(try write(early + late)).0.events == 0)
        #expect(try await fixture.lake.verify() == [])
    }

    @Test("what lies in the log goes to raw, and is as nameless there as in the tables")
    func log() async throws {
        let fixture = try await LiveFixture(remembering: 1_000)
        let log = try await fixture.openLog()
        try await log.append([logged(openEvent(1)), logged(openEvent(2))])
        try await fixture.drain(log).run(until: log.durableEnd)
        try await log.append([logged(openEvent(2)), logged(openEvent(3))])
        var run = RetentionRun(
            fixture.lake, RetentionHorizons(anonymity: CivilDay(iso8601: "2026-08-02")), purges: true)
        try await run.run(log)
        #expect(try await fixture.events() == [3, 3])
        #expect(log.firstOffset == log.durableEnd)
        try await log.append([logged(openEvent(1)), logged(openEvent(4))])
        try await fixture.drain(log).run(until: log.durableEnd)
        #expect(try await fixture.events() == [4, 4])
        #expect(try !fixture.rawText().contains("x@y.example"))
        await log.close()
    }

    @Test("rows of streams go by the day of their receipt")
    func streams() async throws {
        let fixture = try await LiveFixture()
        try await fixture.lake.createStreamTable("clicks", try StreamSchema("id int"))
        func record(_ id: Int, _ day: String) throws -> StreamRecord {
            let received = try #require(CivilDay(iso8601: day)).start
            return StreamRecord(
                bytes: Array("{\"id\":\(id)}".utf8), receivedAt: received, sourceName: "api", origin: "test",
                byteOffset: 0, line: 1)
        }
        _ = try await fixture.lake.commit(
            [record(1, "2026-08-01"), record(2, "2026-08-02"), record(3, "2026-08-03")], toStream: "clicks",
            offset: 3)
        let horizons = RetentionHorizons(deletion: [.streams: try #require(CivilDay(iso8601: "2026-08-03"))])
        let report = try await fixture.retain(horizons)
        #expect(report.changes.map(\.table) == ["streams/clicks"])
        #expect(report.changes.map(\.days) == [2] && report.changes.map(\.rows) == [2])
        #expect(try await fixture.lake.streamTable("clicks")?.offset == 3)
        #expect(try await fixture.retain(horizons).changes == [])
    }

    @Test("a raw file that is damaged is named, and the others have their turn")
    func damagedRaw() async throws {
        let fixture = try await LiveFixture()
        let file = try fixture.folder.write("a.ndjson", Array(openEvent(1).utf8))
        _ = try await EventImporter(fixture.lake).run(try InputPaths.expand([file]))
        let bad = fixture.home.raw.appending(path: "year=2026/month=08/day=01")
        try FileManager.default.createDirectory(at: bad, withIntermediateDirectories: true)
        try Data([0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3]).write(to: bad.appending(path: "bad.ndjson.zst"))
        let report = try await fixture.retain(RetentionHorizons(anonymity: CivilDay(iso8601: "2026-08-02")))
        #expect(report.failure?.contains("bad.ndjson.zst") == true)
        #expect(report.changes.map(\.table).contains("raw"))
        try FileManager.default.removeItem(at: bad)
        #expect(try !fixture.rawText().contains("x@y.example"))
    }

    @Test("days that were begun refuse imports and are finished, whatever the policy says then")
    func unfinished() async throws {
        let fixture = try await LiveFixture()
        let file = try await fixture.importTraffic(60, seed: 8)
        let horizon = try #require(try await fixture.days().dropFirst(2).first)
        let state = fixture.home.url.path + "/workspaces/default/retention"
        _ = try fixture.lake.anonymiser()
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        try Data(#"{"anonymous_before":"\#(horizon.iso8601)"}"#.utf8).write(
            to: URL(filePath: state + "/state.json"))
        await #expect(throws: Failure.self) {
            try await EventImporter(fixture.lake).run(try InputPaths.expand([file]))
        }
        try await fixture.retain(RetentionHorizons())
        #expect(try await named(before: horizon, fixture) == 0)
        #expect(try await EventImporter(fixture.lake).run(try InputPaths.expand([file])).0.events == 0)
    }

    @Test("without the key nothing comes in once events were made anonymous")
    func missingKey() async throws {
        let fixture = try await LiveFixture()
        let file = try await fixture.importTraffic(30, seed: 9)
        try await fixture.retain(RetentionHorizons(anonymity: try await fixture.days().last))
        try FileManager.default.removeItem(atPath: fixture.home.url.path + "/secrets/privacy.key")
        let failure = await #expect(throws: Failure.self) {
            try await EventImporter(fixture.lake).run(try InputPaths.expand([file]))
        }
        #expect(failure?.message.contains("privacy.key") == true)
    }

    @Test("older versions of the tables go with the run, or when they are old enough")
    func history() async throws {
        let fixture = try await LiveFixture()
        _ = try await fixture.importTraffic(60, seed: 10)
        let days = try await fixture.days()
        try await fixture.retain(RetentionHorizons(anonymity: days[2]), purges: false)
        let kept = fixture.parquetFiles().count
        try await fixture.lake.ageOldVersions(.seconds(3_600))
        #expect(fixture.parquetFiles().count == kept)
        try await fixture.retain(RetentionHorizons(anonymity: days[3]))
        #expect(fixture.parquetFiles().count < kept)
        #expect(try await fixture.lake.verify() == [])
    }
}

import DuckDB
import EventLog
import Foundation
import Lake
import Primitives
import Simulation
import TestSupport
import Testing

@testable import Ingest

@Suite("Erasing a person")
struct EraserTests {
    private let counts = """
        SELECT event_type, CAST(event_at AS DATE), configuration_set, count(*), count(DISTINCT recipient),
        sum(len(destination)), sum(delivery_processing_ms) FROM %@ GROUP BY ALL ORDER BY ALL
        """

    private func traffic(_ messages: Int, seed: Int) throws -> [UInt8] {
        let options = SimulationOptions(
            messages: messages, days: 4, seed: UInt64(seed), duplicates: 0.05, outOfOrder: 0.1)
        var simulator = try TrafficSimulator(options)
        var bytes: [UInt8] = []
        _ = try simulator.run { bytes.append(contentsOf: $0) }
        return bytes
    }

    private func count(_ fixture: LiveFixture) async throws -> [[String]] {
        try await fixture.rows(counts.replacingOccurrences(of: "%@", with: fixture.lake.eventsRelation()))
            .map { $0.map(\.description) }
    }

    private func erase(_ recipient: String, in lake: EventLake, log: EventLog? = nil) async throws -> Erasure
    {
        let erasure = try lake.erasures.begin(recipient, reason: "test", actor: "test")
        let eraser = Eraser(lake)
        return try eraser.finish(try await eraser.run(erasure, log: log))
    }

    /// How many rows of a table name an address anywhere.
    private func rows(of relation: String, naming address: String, in fixture: LiveFixture) async throws
        -> Int64?
    {
        try await fixture.rows(
            "SELECT count(*) FROM \(relation) AS t WHERE contains(lower(t::VARCHAR), '\(address)')")[0][0]
            .integer
    }

    @Test("counts stay, no address is left, and a rebuild gives the same rows", arguments: 0..<6)
    func property(seed: Int) async throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = try await LiveFixture()
        let file = try fixture.folder.write("a.ndjson", try traffic(200, seed: seed))
        _ = try await EventImporter(fixture.lake).run(try InputPaths.expand([file]))
        let people = try await fixture.rows(
            "SELECT DISTINCT lower(recipient) FROM \(try await fixture.lake.eventsRelation()) WHERE recipient IS NOT NULL ORDER BY 1"
        ).compactMap { $0[0].text }
        let person = try #require(people.randomElement(using: &generator))
        let before = try await count(fixture)

        let erasure = try await erase(person, in: fixture.lake)
        #expect(erasure.isFinished && erasure.recipient == nil)
        #expect(try await count(fixture) == before)
        #expect(try await fixture.messagesThatDiffer()[1...] == [0, 0])
        #expect(try await rows(of: fixture.lake.eventsRelation(), naming: person, in: fixture) == 0)
        #expect(try await rows(of: fixture.lake.messagesRelation(), naming: person, in: fixture) == 0)
        #expect(try await fixture.lake.verify() == [])

        let identities = "SELECT event_id, recipient, destination FROM %@ ORDER BY 1"
        let erased = try await fixture.rows(
            identities.replacingOccurrences(of: "%@", with: fixture.lake.eventsRelation()))
        let report = try await EventImporter(fixture.lake).run(try InputPaths.expand([file])).0
        #expect(report.events == 0)
        _ = try await EventImporter(fixture.lake).rebuild()
        #expect(
            try await fixture.rows(
                identities.replacingOccurrences(of: "%@", with: fixture.lake.eventsRelation())) == erased)
    }

    @Test("what lies in the log only is erased, and its repetition is known for what is there")
    func fromTheLog() async throws {
        let fixture = try await LiveFixture(remembering: 1_000)
        let log = try await fixture.openLog()
        let body =
            #"{"eventType":"Send","mail":{"messageId":"m","timestamp":"2026-08-01T10:00:00Z","source":"s@b.example","destination":["Ann <ann@persona.example>"]},"send":{}}"#
        let record = LogRecord(receivedAt: .now, source: "test", body: Array(body.utf8))
        try await log.append([record])
        try await fixture.drain(log).run(until: log.durableEnd)
        try await log.append([record])

        _ = try await erase("ANN@persona.example", in: fixture.lake, log: log)
        #expect(try await fixture.events() == [1, 1])
        try await log.append([record])
        try await fixture.drain(log).run(until: log.durableEnd)
        #expect(try await fixture.events() == [1, 1])
        #expect(try await rows(of: fixture.lake.eventsRelation(), naming: "persona", in: fixture) == 0)
        _ = try await log.endSegment()
        try await LogTrimmer(log, of: fixture.lake).pass()
        await log.close()
        for file in try LogFiles.all(under: fixture.home.log.path) {
            #expect(
                !String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self).contains(
                    "persona"))
        }
        let raw = RawErasure(
            raw: fixture.home.raw, scrubber: try #require(try fixture.lake.erasures.scrubber()))
        #expect(await raw.files().count == 2)
        for file in await raw.files() { #expect(try await !raw.finds(file)) }
    }

    @Test("an erasure that was begun twice is one, and one that was begun is known as unfinished")
    func journal() async throws {
        let fixture = try await LiveFixture()
        let journal = fixture.lake.erasures
        let first = try journal.begin(
            "Ann <Ann@persona.example>", reason: "of ann@persona.example", actor: "a")
        #expect(first.recipient == "ann@persona.example")
        #expect(!first.reason.contains("ann@"))
        #expect(try journal.begin("ann@PERSONA.example", reason: "again", actor: "b").id == first.id)
        #expect(try journal.unfinished().count == 1)
        _ = try Eraser(fixture.lake).finish(first)
        #expect(try journal.unfinished().isEmpty)
        #expect(try journal.begin("ann@persona.example", reason: "later", actor: "b").token == first.token)
    }

    @Test(
        "what is no address is refused",
        arguments: [
            "", "ann", "@b.example", "a@b", "a b@c.example", "erased-12345678@erased.invalid",
            "a@b@c.example",
        ])
    func misuse(text: String) {
        #expect(throws: Failure.self) { try Erasure.address(text) }
    }
}

/// The files of a log.
private enum LogFiles {
    static func all(under folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).map { folder + "/" + $0 }
    }
}

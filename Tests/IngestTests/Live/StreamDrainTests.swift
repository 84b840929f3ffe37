import DuckDB
import EventLog
import Foundation
import Lake
import Primitives
import Synchronization
import Testing

@testable import Ingest

@Suite("From the log into tables of streams")
struct StreamDrainTests {
    private func put(_ body: String, _ stream: String = "clicks") -> LogRecord {
        LogRecord(
            receivedAt: .now, source: "api", origin: [LogAttribute("stream", stream)], body: Array(body.utf8))
    }

    private func ids(_ live: LiveFixture, _ table: String = "clicks") async throws -> [String] {
        let relation = try #require(try await live.lake.relations().first { $0.name == table })
        guard !relation.files.isEmpty else { return [] }
        let list = relation.files.map { "'\($0)'" }.joined(separator: ", ")
        return try await live.rows("SELECT id FROM read_parquet([\(list)], union_by_name = true) ORDER BY 1")
            .map { $0[0].description }
    }

    @Test("records become rows, wrong ones are refused, and events go their own way")
    func mixed() async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog()
        try await live.lake.createStreamTable("clicks", try StreamSchema("id int"))
        try await log.append([
            put(#"{"id":1}{"id":2}"#), put(openEvent(1), "mail"), put(#"{"id":"x"}"#), put("text"), put(""),
            put(#"{"id":3}"# + "\n" + #"{"id":"#),
        ])
        try await live.drain(log).run(until: log.durableEnd)
        #expect(try await ids(live) == ["1", "2", "3"])
        #expect(try await live.events() == [1, 1])
        let batch = DrainedBatch(offset: 6, events: 1, refused: 3, rows: 3)
        #expect(live.batches.withLock { $0 } == [batch])
        #expect(try await live.lake.streamTable("clicks")?.offset == 6)
    }

    @Test("a record before its table's offset is left out, also where the events' offset is behind")
    func once() async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog()
        try await live.lake.createStreamTable("clicks", try StreamSchema("id int"))
        try await log.append([put(#"{"id":1}"#), put(#"{"id":1}"#)])
        // As after a kill between the stream's commit and the events'.
        let record = StreamRecord(
            bytes: Array(#"{"id":1}"#.utf8), receivedAt: .now, sourceName: "api", origin: "x", byteOffset: 0,
            line: 1)
        _ = try await live.lake.commit([record], toStream: "clicks", offset: 1)
        #expect(try await live.lake.committedOffset() == 0)
        #expect(try await live.lake.furthestOffset() == 1)
        for _ in 0..<2 {
            try await live.drain(log).run(until: log.durableEnd)
            #expect(try await ids(live) == ["1", "1"])
        }
    }

    @Test("a table that is made while the drain runs takes the records that come after")
    func madeLater() async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog()
        try await log.append([put(#"{"id":1}"#)])
        try await live.drain(log).run(until: log.durableEnd)
        try await live.lake.createStreamTable("clicks", try StreamSchema("id int"))
        try await log.append([put(#"{"id":2}"#)])
        try await live.drain(log).run(until: log.durableEnd)
        #expect(try await ids(live) == ["2"])
        #expect(
            try await live.rows("SELECT count(*) FROM \(try await live.lake.refusedRelation())")[0][0] == 1)
    }

    @Test("columns are added beside a table in use, and old files stay what they are")
    func evolved() async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog()
        let other = try await live.lake.peer()
        try await live.lake.createStreamTable("clicks", try StreamSchema("id int"))
        try await log.append([put(#"{"id":1,"colour":"red"}"#)])
        try await live.drain(log).run(until: log.durableEnd)
        try await other.addColumns([TableColumn("colour", .string)], toStream: "clicks")
        try await log.append([put(#"{"id":2,"colour":"blue"}"#)])
        try await live.drain(log).run(until: log.durableEnd)
        let relation = try #require(try await live.lake.relations().first { $0.name == "clicks" })
        let files = "[" + relation.files.map { "'\($0)'" }.joined(separator: ", ") + "]"
        let sql = try #require(relation.definition).replacingOccurrences(of: "$files", with: files)
        #expect(
            try await live.rows("SELECT id, colour, extra FROM (\(sql)) ORDER BY id") == [
                [1, .null, #"{"colour":"red"}"#], [2, "blue", .null],
            ])
        #expect(try await live.lake.verify() == [])
        #expect(try await live.lake.extraMembers(ofStream: "clicks").map(\.path) == ["colour"])
    }
}

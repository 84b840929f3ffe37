import DuckDB
import EventLog
import Foundation
import Lake
import Synchronization
import Testing

@testable import Ingest

@Suite("From the log to the raw files")
struct LogTrimmerTests {
    private func rawFiles(_ home: HomeDirectory) -> [String] {
        let names = FileManager.default.enumerator(atPath: home.raw.path)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(".zst") }.sorted()
    }

    /// Everything but what differs from run to run.
    private func rows(_ live: LiveFixture) async throws -> [String] {
        try await live.rows(
            "SELECT to_json(e)::VARCHAR FROM \(try await live.lake.eventsRelation()) e ORDER BY event_id"
        )
        .map { $0[0].description }
    }

    @Test("raw files and the rest of the log give the same events again")
    func rebuild() async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog(segmentBytes: 60_000)
        // Of two that are one event, either may be the one that is kept, with its own origin.
        let lines = Set(try traffic(120, seed: 8)).sorted()
        for (number, line) in lines.enumerated() {
            let attributes = number % 3 == 0 ? [LogAttribute("account", "\(number % 7)")] : []
            try await log.append([
                logged(line, request: "r-\(number / 5)", attributes), logged("odd \(number % 2) {"),
            ])
            if number == lines.count / 2 {
                try await live.drain(log).run(until: log.durableEnd)
                #expect(try await LogTrimmer(log, of: live.lake).pass() > 2)
            }
        }
        try await live.drain(log).run(until: log.durableEnd)
        #expect(log.firstOffset > 0 && log.firstOffset < log.durableEnd)
        await log.close()
        let before = try await rows(live)
        _ = try await EventImporter(live.lake).rebuild()
        #expect(try await rows(live) == before)
        #expect(try await live.messagesThatDiffer()[1...] == [0, 0])
        #expect(
            try await live.lake.committedOffset() == UInt64(lines.count * 2), "the drain goes on where it was"
        )
    }

    @Test(
        "no body changes what is read of those around it, whatever it holds: raw gives the same events again",
        arguments: [
            "{", "[", "{\n", "[\n", "{\"a\":\n", #"{"a":""#, "{\"a\":\"\n", #"{"a":"\"#, "[{", "[\n{\n", "}",
            "]", "]}", "\"", "\\",
            #"{"a":["#, "{}{", "{\n{\n{\n", "\u{FEFF}{", "\u{0}", "\u{1e}{", #"{"eventType":"Send","mail":{"#,
            #"{"sesame:raw":{"origin":"o","received_at":"2020-01-01T00:00:00Z","source_name":"other"}}"#,
            #"[{"sesame:raw":{"origin":"o","received_at":"2020-01-01T00:00:00Z","source_name":"other"}},"#
                + #"{"sesame:raw":{"origin":"o","received_at":"2020-01-01T00:00:00Z","source_name":"other","stream":"s"}}]"#,
            #"{"sesame:raw":{"origin":"o","received_at":"2020-01-01T00:00:00Z","source_name":"other"}"#,
        ])
    func hostileBodies(_ body: String) async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog()
        for number in 0..<4 {
            try await log.append([
                logged(openEvent(number), request: "r-\(number)", source: "a"),
                logged(body + "\n" + openEvent(100 + number), request: "r-\(number)", source: "b"),
                logged(body, request: "r-\(number)", source: "b"),
            ])
        }
        try await live.drain(log).run(until: log.durableEnd)
        let end = try await log.endSegment()
        #expect(try await LogTrimmer(log, of: live.lake).pass() == 1)
        #expect(log.firstOffset == end)
        await log.close()
        let before = try await rows(live)
        #expect(before.count >= 4 && before.allSatisfy { !$0.contains("other") })
        let refused = live.batches.withLock { $0.reduce(0) { $0 + $1.refused } }
        #expect(refused > 0 || ["[", "]", "[\n"].contains(body), "what is no event is kept")
        _ = try await EventImporter(live.lake).rebuild()
        #expect(try await rows(live) == before)
    }

    @Test("a segment that is moved again takes the place of its raw file")
    func again() async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog(segmentBytes: 4_000)
        try await log.append((0..<20).map { logged(openEvent($0)) })
        try await live.drain(log).run(until: log.durableEnd)
        let segment = live.home.log.path + "/00000000000000000000.log"
        let bytes = try Data(contentsOf: URL(filePath: segment))
        #expect(try await LogTrimmer(log, of: live.lake).pass() == 1)
        let files = rawFiles(live.home)
        #expect(files == ["year=2026/month=11/day=18/log-00000000000000000000.ndjson.zst"])
        let raw = try Data(contentsOf: live.home.raw.appending(path: files[0]))
        await log.close()
        // As after a kill between the raw file and the removal.
        try bytes.write(to: URL(filePath: segment))
        let reopened = try await live.openLog()
        #expect(try await LogTrimmer(reopened, of: live.lake).pass() == 1)
        #expect(rawFiles(live.home) == files)
        #expect(try Data(contentsOf: live.home.raw.appending(path: files[0])) == raw)
    }

    @Test("what the lake does not have yet stays in the log")
    func stays() async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog(segmentBytes: 1_000)
        for number in 0..<10 { try await log.append([logged(openEvent(number))]) }
        #expect(try await LogTrimmer(log, of: live.lake).pass() == 0)
        #expect(log.firstOffset == 0 && rawFiles(live.home).isEmpty)
    }
}

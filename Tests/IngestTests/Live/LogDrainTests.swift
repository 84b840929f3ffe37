import DuckDB
import EventLog
import Foundation
import Lake
import Primitives
import Synchronization
import Testing

@testable import Ingest

@Suite("From the log into the lake")
struct LogDrainTests {
    @Test(
        "an appended event is in the latest snapshot as soon as its commit is told of, by the running drain")
    func visible() async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog()
        var policy = DrainPolicy()
        policy.delay = .zero
        let (batches, told) = AsyncStream.makeStream(of: DrainedBatch.self)
        let drain = LogDrain(log, into: live.lake, policy, onBatch: { told.yield($0) })
        let peer = try await live.lake.peer()
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await drain.run() }
            group.addTask {
                var seen = batches.makeAsyncIterator()
                for number in 1...3 {
                    let before = try await peer.eventsVersion()
                    try await log.append([logged(openEvent(number))])
                    let batch = try #require(await seen.next())
                    #expect(
                        batch == DrainedBatch(offset: UInt64(number), events: 1, refused: 0))
                    #expect(try await peer.eventsVersion() == before + 1)
                    #expect(try await peer.committedOffset() == UInt64(number))
                    #expect(try await live.events() == [Int64(number), Int64(number)])
                }
            }
            _ = await group.nextResult()
            group.cancelAll()
        }
    }

    @Test("what could not be read is refused under the name and for the reason that its record bears")
    func refusals() async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog()
        let (name, offset) = (LogAttribute("origin", "s3://b/k"), LogAttribute("origin_offset", "10"))
        try await log.append([
            logged("", request: nil, [name, LogAttribute("refusal", "s3://b/k is cut off")]),
            logged("no event", request: nil, [name, offset]),
        ])
        try await live.drain(log).run(until: log.durableEnd)
        let refused = try await live.rows(
            "SELECT origin, reason, byte_count FROM \(try await live.lake.refusedRelation()) ORDER BY ALL")
        #expect(
            refused.map { $0.map(\.description) } == [
                ["s3://b/k", "s3://b/k is cut off", "0"],
                ["s3://b/k, from byte 10", "text that is not a JSON object", "8"],
            ])
    }

    @Test("a body may hold one event, many in any framing, envelopes, or text that is none")
    func framings() async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog()
        let envelope =
            #"{"Type":"Notification","MessageId":"x","TopicArn":"arn:aws:sns:eu-west-1:123456789012:t","Message":"#
            + String(decoding: try JSONEncoder().encode(openEvent(7)), as: UTF8.self) + "}"
        try await log.append([
            logged(openEvent(1)), logged(openEvent(2) + "\n" + openEvent(3) + "\n"),
            logged("[" + openEvent(4) + "," + openEvent(5) + "]"), logged(openEvent(6) + openEvent(1)),
            logged(envelope), logged("hello", request: nil, source: "odd"), logged(""),
            logged(#"{"eventType":"#),
        ])
        try await live.drain(log).run(until: log.durableEnd)
        #expect(try await live.events() == [7, 7])
        #expect(
            live.batches.withLock { $0 } == [
                DrainedBatch(offset: 8, events: 7, duplicates: ["main": 1], refused: 2)
            ])
        #expect(try await live.lake.committedOffset() == 8)
        let refused = try await live.rows(
            "SELECT source_name, origin, byte_offset, decode(body) FROM \(try await live.lake.refusedRelation()) ORDER BY 1"
        )
        #expect(
            refused.map { $0.map(\.description) } == [
                ["main", "request r-1", "0", #"{"eventType":"#], ["odd", "record 5", "0", "hello"],
            ])
    }

    @Test("what the receiver knew becomes columns, and an envelope's own word goes before it")
    func attributes() async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog()
        let known = [LogAttribute("account", "111"), LogAttribute("region", "eu-north-1")]
        let untyped = openEvent(2).replacingOccurrences(of: #""eventType":"Open","#, with: "")
        try await log.append([
            logged(openEvent(1), known), logged(untyped, known + [LogAttribute("event_type", "Open")]),
        ])
        try await live.drain(log).run(until: log.durableEnd)
        let rows = try await live.rows(
            """
            SELECT event_type, account_id, region, source_name, received_at = make_timestamptz(1795000000123456)
            FROM \(try await live.lake.eventsRelation())
            """)
        #expect(
            rows.map { $0.map(\.description) }
                == Array(repeating: ["Open", "111", "eu-north-1", "main", "true"], count: 2))
    }

    @Test(
        "a repetition is dropped, remembered or not, and moves the offset at the end", arguments: [0, 1_000])
    func repetitions(remembering: Int) async throws {
        let live = try await LiveFixture(remembering: remembering)
        let log = try await live.openLog()
        for _ in 0..<3 {
            try await log.append((0..<20).map { logged(openEvent($0)) })
            try await live.drain(log).run(until: log.durableEnd)
        }
        #expect(try await live.events() == [20, 20])
        #expect(live.batches.withLock { $0.map(\.duplicates) } == [[:], ["main": 20], ["main": 20]])
        #expect(try await live.lake.committedOffset() == 60)
    }

    @Test("records that were taken but not recorded as taken are read again and counted once")
    func readsAgain() async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog()
        let lines = try traffic(150, seed: 3)
        try await log.append(lines.map { logged($0) })
        // The same events by another way, as if the process had died between them and the offset.
        let file = try live.folder.write("some.ndjson", Array(lines.prefix(200).joined(separator: "\n").utf8))
        _ = try await EventImporter(live.lake).run(try InputPaths.expand([file]))
        try await live.drain(log).run(until: log.durableEnd)
        let counts = try await live.events()
        #expect(counts[0] == counts[1])
        #expect(try await live.lake.committedOffset() == UInt64(lines.count))
        #expect(try await live.messagesThatDiffer()[1...] == [0, 0])
    }

    @Test("records go on being taken behind a place that cannot be read, which is noted")
    func damage() async throws {
        let live = try await LiveFixture()
        var log = try await live.openLog()
        for number in 0..<3 { try await log.append([logged(openEvent(number))]) }
        await log.close()
        let path = live.home.log.path + "/00000000000000000000.log"
        var bytes = try Data(contentsOf: URL(filePath: path))
        let place = try #require(bytes.range(of: Data(openEvent(1).utf8)))
        bytes[place.lowerBound + 9] ^= 1
        try bytes.write(to: URL(filePath: path))
        log = try await live.openLog()
        try await log.append([logged(openEvent(3))])
        try await live.drain(log).run(until: log.durableEnd)
        #expect(try await live.events() == [3, 3])
        #expect(try await live.lake.committedOffset() == 4)
        let reasons = try await live.rows("SELECT reason FROM \(try await live.lake.refusedRelation())")
        #expect(reasons.count == 1 && reasons[0][0].text?.contains("restore the file from a backup") == true)
    }

    @Test("a log that is shorter than what was taken from it is named, not read")
    func shorterLog() async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog()
        try await log.append([logged(openEvent(1)), logged(openEvent(2))])
        try await live.drain(log).run(until: log.durableEnd)
        await log.close()
        let other = try await EventLog.open(live.folder.path + "/other")
        await #expect(throws: Failure.self) { try await live.drain(other).run(until: 1) }
    }

    @Test("a lake that cannot be written loses nothing, and is written without hands when it can be again")
    func recovers() async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog()
        let obstacle = live.home.table("events").path + "/year=2026"
        try Data().write(to: URL(filePath: obstacle))
        try await log.append((0..<5).map { logged(openEvent($0)) })
        var policy = DrainPolicy()
        (policy.delay, policy.retryDelay) = (.zero, .zero)
        let (batches, told) = AsyncStream.makeStream(of: DrainedBatch.self)
        let drain = LogDrain(
            log, into: live.lake, policy, onBatch: { told.yield($0) },
            onWarning: { warning in
                let count = live.warnings.withLock { warnings in
                    warnings.append(warning)
                    return warnings.count
                }
                if count == 3 { unlink(obstacle) }
            })
        await withTaskGroup(of: DrainedBatch?.self) { group in
            group.addTask {
                await drain.run()
                return nil
            }
            group.addTask { await batches.first { _ in true } }
            let first = await group.next() ?? nil
            group.cancelAll()
            #expect(first == DrainedBatch(offset: 5, events: 5, refused: 0))
        }
        #expect(try await live.events() == [5, 5])
        #expect(live.warnings.withLock { $0.allSatisfy { $0.kind == .storage } })
    }

    @Test("a lake that is older than the log's beginning is told where the rest is")
    func olderLake() async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog(segmentBytes: 500)
        for number in 0..<3 { try await log.append([logged(openEvent(number))]) }
        try await log.trim(before: 2)
        try await live.drain(log).run(until: log.durableEnd)
        #expect(try await live.events() == [1, 1])
        let warnings = live.warnings.withLock { $0 }
        #expect(warnings.count == 1 && warnings[0].message.contains("run sesame lake rebuild"))
    }

    @Test("a closed log ends the drain, with what was in hand committed")
    func closed() async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog()
        try await log.append([logged(openEvent(1))])
        await log.close()
        await live.drain(log).run()
        #expect(try await live.events() == [1, 1])
    }
}

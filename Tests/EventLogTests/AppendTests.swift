import Foundation
import Primitives
import Testing
import TestSupport

@testable import EventLog

@Suite("Appending")
struct AppendTests {
    let folder = TemporaryFolder()
    let disk = FaultyDisk()

    func options(_ body: (inout LogOptions) -> Void = { _ in }) -> LogOptions {
        var options = LogOptions()
        options.disk = disk
        body(&options)
        return options
    }

    @Test("records come back as they were given, also by the next process")
    func roundTrip() async throws {
        var random = SeededGenerator(state: 7)
        var expected: [LogRecord] = []
        do {
            let log = try await EventLog.open(folder.log)
            for _ in 0..<40 {
                let batch = (0..<Int.random(in: 1...20, using: &random)).map { _ in randomRecord(&random) }
                let range = try await log.append(batch)
                #expect(range == UInt64(expected.count)..<UInt64(expected.count + batch.count))
                expected += batch
            }
            let read = await log.readAll(maximumBytes: 1_000).records
            #expect(read.map(\.record) == expected)
            #expect(read.map(\.offset) == Array(0..<UInt64(expected.count)))
            await log.close()
        }
        let log = try await EventLog.open(folder.log)
        #expect(log.recovery == LogRecovery())
        #expect(await log.readAll().records.map(\.record) == expected)
        #expect(try await log.append([record("next")]).lowerBound == UInt64(expected.count))
    }

    private func randomRecord(_ random: inout SeededGenerator) -> LogRecord {
        func text(_ length: ClosedRange<Int>) -> String {
            String(
                (0..<Int.random(in: length, using: &random)).map { _ in
                    "aÄ€😀 \0\"".randomElement(using: &random)!
                })
        }
        return LogRecord(
            receivedAt: Timestamp(microseconds: .random(in: .min ... .max, using: &random)),
            source: text(0...30),
            origin: (0..<Int.random(in: 0...4, using: &random)).map { _ in
                LogAttribute(text(0...9), text(0...99))
            },
            body: (0..<Int.random(in: 0...3_000, using: &random)).map { _ in
                .random(in: 0...255, using: &random)
            })
    }

    @Test("an empty batch is no append")
    func empty() async throws {
        let log = try await EventLog.open(folder.log)
        #expect(try await log.append([]).isEmpty)
        #expect(log.statistics.appends == 0)
    }

    @Test("appends that wait together share one sync, and their records follow each other")
    func groupCommit() async throws {
        let log = try await EventLog.open(folder.log, options())
        let before = disk.syncs
        disk.holdSyncs()
        let ranges = try await withThrowingTaskGroup { group in
            for task in 0..<64 { group.addTask { try await log.append(batch("\(task)", 3)) } }
            await untilQueued(64, in: log)
            disk.releaseSyncs()
            return try await group.reduce(into: [Range<UInt64>]()) { $0.append($1) }
        }
        // The first group holds those that came before the sync was held, the second all others.
        #expect(disk.syncs - before <= 2)
        #expect(log.statistics.groups <= 2)
        #expect(log.statistics.appends == 64)
        #expect(ranges.sorted { $0.lowerBound < $1.lowerBound } == (0..<64).map { $0 * 3..<$0 * 3 + 3 })
        let texts = await log.texts
        for range in ranges {
            let names = Set(
                texts[Int(range.lowerBound)..<Int(range.upperBound)].map { $0.split(separator: ".")[0] })
            #expect(names.count == 1, "a batch stays together")
        }
    }

    private func untilQueued(_ count: Int, in log: EventLog) async {
        while log.statistics.queuedAppends < count { await Task.yield() }
    }

    @Test("past the most appends or bytes an append is refused at once, and taken when there is room")
    func overload() async throws {
        let log = try await EventLog.open(
            folder.log,
            options {
                $0.queuedAppends = 3
                $0.queuedBytes = 1_000
            })
        for (held, refused) in [(batch("small", 1), 3), ([record(String(repeating: "x", count: 800))], 1)] {
            disk.holdSyncs()
            try await withThrowingTaskGroup { group in
                for _ in 0..<refused { group.addTask { try await log.append(held) } }
                await untilQueued(refused, in: log)
                let error = await #expect(throws: LogError.self) { try await log.append(held) }
                #expect(error == .overloaded(retryAfterSeconds: 1))
                disk.releaseSyncs()
                try await group.waitForAll()
            }
            try await log.append(held)
        }
        #expect(log.statistics.refusedAppends == 2)
        #expect(log.durableEnd == 6)
        #expect(log.statistics.queuedBytes == 0)
    }

    @Test("what can never be taken is refused with its reason")
    func unfit() async throws {
        let log = try await EventLog.open(folder.log, options { $0.queuedBytes = 70_000 })
        var long = record("x")
        long.body = [UInt8](repeating: 0, count: 70_000)
        #expect(await #expect(throws: Failure.self) { try await log.append([long]) }?.kind == .limit)
        var source = record("x")
        source.source = String(repeating: "s", count: 65_536)
        #expect(await #expect(throws: Failure.self) { try await log.append([source]) }?.kind == .usage)
        var attributes = record("x")
        attributes.origin = Array(repeating: LogAttribute("a", "b"), count: 256)
        #expect(await #expect(throws: Failure.self) { try await log.append([attributes]) }?.kind == .usage)
        #expect(log.durableEnd == 0)
    }

    @Test("a segment that is full or old is followed by a new one; records go on over the seam")
    func rolling() async throws {
        let clock = TestClock()
        let log = try await EventLog.open(
            folder.log,
            options {
                $0.segmentBytes = 2_000
                $0.now = { clock.now }
            })
        for number in 0..<50 { try await log.append([record("\(number)")]) }
        let full = log.statistics.segments
        #expect(full > 2)
        clock.advance(bySeconds: 3_600)
        try await log.append([record("50")])
        #expect(log.statistics.segments == full + 1)
        #expect(await log.texts == (0...50).map(String.init))
        await log.close()
        let reopened = try await EventLog.open(folder.log)
        #expect(await reopened.texts == (0...50).map(String.init))
    }

    @Test("after the clock was set back the next record begins a new segment, and only that one")
    func clockSetBack() async throws {
        let clock = TestClock()
        let log = try await EventLog.open(folder.log, options { $0.now = { clock.now } })
        try await log.append(batch("a", 1))
        clock.advance(bySeconds: -86_400)
        for number in 0..<3 { try await log.append(batch("b\(number)", 1)) }
        #expect(log.statistics.segments == 2)
        #expect(await log.texts == ["a.0", "b0.0", "b1.0", "b2.0"])
        await log.close()
    }

    @Test("one process at a time; the other is told what to do")
    func lock() async throws {
        let log = try await EventLog.open(folder.log)
        let failure = await #expect(throws: Failure.self) { try await EventLog.open(folder.log) }
        #expect(failure?.kind == .refused)
        #expect(failure?.message.contains("stop that process") == true)
        await log.close()
        _ = try await EventLog.open(folder.log)
    }

    @Test("a closed log takes and waits no more")
    func closed() async throws {
        let log = try await EventLog.open(folder.log)
        try await log.append(batch("a", 2))
        await log.close()
        await #expect(throws: Failure.self) { try await log.append(batch("b", 1)) }
        await #expect(throws: Failure.self) { try await log.waitForRecords(from: 2) }
    }

    @Test("numbering never falls below what the consumer has committed")
    func startingOffset() async throws {
        let log = try await EventLog.open(folder.log, options { $0.startingOffset = 1_000 })
        #expect(try await log.append(batch("a", 2)) == 1_000..<1_002)
        await log.close()
        let later = try await EventLog.open(folder.log, options { $0.startingOffset = 5_000 })
        #expect(try await later.append(batch("b", 1)) == 5_000..<5_001)
        try await later.trim(before: 5_000)
        #expect(later.firstOffset == 5_000)
    }
}

import Foundation
import Primitives
import Testing

@testable import EventLog

@Suite("Reading")
struct ReaderTests {
    let folder = TemporaryFolder()

    private func open(segmentBytes: Int = 600, age clock: TestClock? = nil) async throws -> EventLog {
        var options = LogOptions()
        options.segmentBytes = segmentBytes
        if let clock { options.now = { clock.now } }
        return try await EventLog.open(folder.log, options)
    }

    private func filled(_ count: Int, segmentBytes: Int = 600) async throws -> EventLog {
        let log = try await open(segmentBytes: segmentBytes)
        for number in 0..<count { try await log.append(batch("\(number)", 2)) }
        return log
    }

    @Test("reading begins at any record, in or between batches, and ends at the log's end")
    func anyOffset() async throws {
        let log = try await filled(20)
        let all = await log.texts
        let reader = log.makeReader()
        for start in Array(0...40) + (0...40).reversed() {
            let records = try await reader.read(from: UInt64(start))
            #expect(records.map(\.text) == Array(all[start...]))
        }
        await #expect(throws: Failure.self) { try await reader.read(from: 41) }
    }

    @Test("a reading gives whole batches up to its size, at least one")
    func size() async throws {
        let log = try await filled(20)
        let reader = log.makeReader()
        #expect(try await reader.read(from: 0, maximumBytes: 1).count == 2)
        #expect(try await reader.read(from: 1, maximumBytes: 1).count == 1)
        let some = try await reader.read(from: 2, maximumBytes: 1_000)
        #expect(some.count > 2 && some.count < 38 && some.count % 2 == 0)
    }

    @Test("readers that follow see every record once and in order, while many append")
    func following() async throws {
        let log = try await open(segmentBytes: 2_000)
        try await withThrowingTaskGroup { group in
            for task in 0..<8 {
                group.addTask { for number in 0..<25 { try await log.append(batch("\(task)-\(number)", 2)) } }
            }
            for _ in 0..<3 {
                group.addTask {
                    let reader = log.makeReader()
                    var seen: [LoggedRecord] = []
                    while seen.count < 400 {
                        try await log.waitForRecords(from: UInt64(seen.count))
                        seen += try await reader.read(from: UInt64(seen.count), maximumBytes: 500)
                    }
                    #expect(seen.map(\.offset) == Array(0..<400))
                    #expect(Set(seen.map(\.text)).count == 400)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("a wait ends with a record, a cancellation or the log's closing")
    func waiting() async throws {
        let log = try await open()
        async let end = log.waitForRecords(from: 1)
        try await log.append(batch("a", 1))
        try await log.append(batch("b", 2))
        let reached = try await end
        #expect(reached == 3)
        let cancelled = Task { try await log.waitForRecords(from: 100) }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        let closed = Task { try await log.waitForRecords(from: 100) }
        await log.close()
        await #expect(throws: Failure.self) { try await closed.value }
    }

    @Test("trimming removes whole segments before an offset, and what was removed is named as such")
    func trimming() async throws {
        let log = try await filled(20)
        let segments = log.statistics.segments
        #expect(segments > 3)
        let slow = log.makeReader()
        _ = try await slow.read(from: 0, maximumBytes: 1)
        try await log.trim(before: 0)
        #expect(log.firstOffset == 0)
        try await log.trim(before: 21)
        let first = log.firstOffset
        #expect(first > 0 && first <= 21)
        #expect(try await log.makeReader().read(from: 21).map(\.offset) == Array(21..<40))
        let failure = await #expect(throws: Failure.self) { try await slow.read(from: first - 1) }
        #expect(failure?.kind == .notFound)
        try await log.trim(before: 40)
        #expect(log.statistics.segments == 1, "the last stays")
        await log.close()
        let reopened = try await open()
        #expect(reopened.firstOffset == log.firstOffset)
        #expect(reopened.durableEnd == 40)
    }

    @Test("what trimming would remove is named first, and an old last segment is ended for it")
    func namesWhatGoes() async throws {
        let log = try await filled(20)
        let starts = log.index.view.segments.map(\.firstOffset)
        #expect(try await log.segments(before: 0) == [])
        #expect(try await log.segments(before: starts[2]) == [0..<starts[1], starts[1]..<starts[2]])
        #expect(try await log.segments(before: starts[2] - 1) == [0..<starts[1]])
        #expect(log.firstOffset == 0, "nothing was removed")
        await log.close()

        let clock = TestClock()
        var options = LogOptions()
        options.now = { clock.now }
        let other = try await EventLog.open(folder.path + "/other", options)
        try await other.append(batch("a", 3))
        #expect(try await other.segments(before: 3) == [])
        clock.advance(bySeconds: 4_000)
        #expect(try await other.segments(before: 2) == [])
        #expect(try await other.segments(before: 3) == [0..<3])
    }

    @Test("an old segment is given up when all of it was consumed, so that received bytes do not stay")
    func trimmingOld() async throws {
        let clock = TestClock()
        let log = try await open(segmentBytes: 1 << 20, age: clock)
        try await log.append(batch("a", 3))
        try await log.trim(before: 3)
        #expect(log.firstOffset == 0)
        clock.advance(bySeconds: 4_000)
        try await log.trim(before: 2)
        #expect(log.firstOffset == 0)
        try await log.trim(before: 3)
        #expect(log.firstOffset == 3)
        #expect(try LogFolder(path: folder.log).segments() == [3])
        try await log.trim(before: 3)
        #expect(try await log.append(batch("b", 1)) == 3..<4)
    }

    @Test("damage in an earlier segment is an error that names file and byte; what is around it can be read")
    func damagedSegment() async throws {
        let log = try await filled(20)
        let second = log.index.view.segments[1].firstOffset
        var bytes = try folder.bytes(second)
        // In the second of that segment's batches.
        let batchLength =
            (bytes.count - SegmentFormat.headerLength)
            / Int((log.index.view.segments[2].firstOffset - second) / 2)
        let position = SegmentFormat.headerLength + batchLength
        bytes[position + 50] ^= 0x10
        try folder.write(bytes, second)
        await log.close()

        let reopened = try await open()
        #expect(reopened.recovery == LogRecovery(), "earlier segments are checked when they are read")
        let (records, error) = await reopened.readAll()
        #expect(records.count == Int(second) + 2)
        let damage = LogDamage(
            segment: folder.segment(second), position: position, offset: second + 2, resumesAt: second + 4,
            reason: "the checksum of record \(second + 2) is wrong")
        #expect(error as? LogError == .damaged(damage))
        #expect(damage.description.contains("is damaged at byte \(position)"))
        let rest = try await reopened.makeReader().read(from: damage.resumesAt)
        #expect(rest.map(\.offset) == Array(damage.resumesAt..<40))
        #expect(try await EventLog.inspect(folder.log).segments.flatMap(\.damage) == [damage])
    }

    @Test("an earlier segment that is cut, without its header, or gone is never passed over")
    func missingParts() async throws {
        for (name, change) in [
            ("cut", { bytes in Array(bytes.dropLast(10)) }), ("headless", { _ in [1, 2, 3] }),
            ("gone", { _ in nil }),
        ] as [(String, ([UInt8]) -> [UInt8]?)] {
            let folder = TemporaryFolder()
            var options = LogOptions()
            options.segmentBytes = 600
            let log = try await EventLog.open(folder.log, options)
            for number in 0..<20 { try await log.append(batch("\(number)", 2)) }
            let second = log.index.view.segments[1].firstOffset
            let third = log.index.view.segments[2].firstOffset
            await log.close()
            if let bytes = change(try folder.bytes(second)) {
                try folder.write(bytes, second)
            } else {
                try FileManager.default.removeItem(atPath: folder.segment(second))
            }
            let reopened = try await EventLog.open(folder.log, options)
            let (records, error) = await reopened.readAll()
            #expect(records.count >= Int(second) && records.count < Int(third), "\(name)")
            guard case .damaged(let damage) = error as? LogError else {
                Issue.record("\(name) was read without an error")
                continue
            }
            #expect(damage.resumesAt == third, "\(name)")
            #expect(try await EventLog.inspect(folder.log).isDamaged, "\(name)")
        }
    }
}

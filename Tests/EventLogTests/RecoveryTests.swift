import Foundation
import Primitives
import Synchronization
import Testing
import TestSupport

@testable import EventLog

@Suite("Recovery")
struct RecoveryTests {
    /// Batches of one to three small records, each appended and acknowledged by itself, and the segment that holds them.
    private static func smallLog() async throws -> (batches: [[String]], bytes: [UInt8], ends: [Int]) {
        let folder = TemporaryFolder()
        let log = try await EventLog.open(folder.log)
        var batches: [[String]] = []
        var ends = [try folder.bytes().count]
        for number in 0..<4 {
            let records = batch("\(number)", 1 + number % 3)
            try await log.append(records)
            batches.append(records.map { String(decoding: $0.body, as: UTF8.self) })
            ends.append(try folder.bytes().count)
        }
        await log.close()
        return (batches, try folder.bytes(), ends)
    }

    @Test("a log cut at any byte recovers exactly the batches that are whole, and goes on")
    func cutting() async throws {
        let (batches, bytes, ends) = try await Self.smallLog()
        for length in SegmentFormat.headerLength...bytes.count {
            let folder = TemporaryFolder()
            try folder.write(bytes[..<length])
            let log = try await EventLog.open(folder.log)
            let whole = ends.dropFirst().count { $0 <= length }
            let expected = batches[..<whole].flatMap { $0 }
            #expect(await log.texts == expected, "cut at \(length)")
            #expect(log.recovery.damage == nil)
            #expect(log.recovery.cut?.bytes == (length == ends[whole] ? nil : length - ends[whole]))
            #expect(try folder.bytes().count == ends[whole])
            try await log.append([record("after")])
            #expect(await log.texts == expected + ["after"])
            await log.close()
            let again = try await EventLog.open(folder.log)
            #expect(again.recovery == LogRecovery())
            #expect(await again.texts == expected + ["after"])
        }
    }

    @Test("a segment without a whole header is not taken for an empty log")
    func cutHeader() async throws {
        let (_, bytes, _) = try await Self.smallLog()
        for length in 0..<SegmentFormat.headerLength {
            let folder = TemporaryFolder()
            try folder.write(bytes[..<length])
            await #expect(throws: Failure.self) { try await EventLog.open(folder.log) }
            #expect(try folder.bytes().count == length, "nothing was changed")
        }
    }

    @Test(
        "any flipped byte costs whole batches from there on, is never read as data, and harms no new record")
    func flipping() async throws {
        let (batches, bytes, ends) = try await Self.smallLog()
        for position in bytes.indices {
            let folder = TemporaryFolder()
            var flipped = bytes
            flipped[position] ^= 1 << UInt8(position % 8)
            try folder.write(flipped)
            guard position >= SegmentFormat.headerLength else {
                await #expect(throws: Failure.self) { try await EventLog.open(folder.log) }
                continue
            }
            let hit = ends.dropFirst().count { $0 <= position }
            let log = try await EventLog.open(folder.log)
            let (records, error) = await log.readAll()
            #expect(records.map(\.text) == batches[..<hit].flatMap { $0 }, "flipped at \(position)")
            let isLast = hit == batches.count - 1
            #expect((log.recovery.cut != nil) == isLast, "the last batch can't be told from a torn one")
            #expect((log.recovery.damage != nil) == !isLast, "those before were acknowledged")
            guard let damage = log.recovery.damage else {
                #expect(error == nil)
                continue
            }
            #expect(error as? LogError == .damaged(damage))
            #expect(damage.position == ends[hit])
            #expect(try folder.bytes() == flipped, "acknowledged bytes are never cut")
            try await log.append([record("after")])
            let rest = try await log.makeReader().read(from: damage.resumesAt)
            #expect(rest.map(\.text) == batches[(hit + 1)...].flatMap { $0 } + ["after"])
            #expect(try await EventLog.inspect(folder.log).segments.flatMap(\.damage) == [damage])
        }
    }

    @Test(
        "after a loss of power every acknowledged record is there, and of the others whole batches or none",
        arguments: 0..<60)
    func losingPower(seed: UInt64) async throws {
        var random = SeededGenerator(state: seed)
        let folder = TemporaryFolder()
        let disk = FaultyDisk()
        var options = LogOptions()
        options.disk = disk
        let log = try await EventLog.open(folder.log, options)
        var acknowledged: [String] = []
        for number in 0..<Int.random(in: 0...3, using: &random) {
            let records = batch("safe\(number)", Int.random(in: 1...4, using: &random))
            try await log.append(records)
            acknowledged += records.map { String(decoding: $0.body, as: UTF8.self) }
        }
        let sizes = (0..<5).map { _ in Int.random(in: 1...9, using: &random) }
        // The power goes while one group of five appends is written and not yet synced: they gather while the one before
        // is synced.
        disk.holdSyncs()
        try await withThrowingTaskGroup { group in
            let before = log.statistics.appends
            group.addTask { _ = try await log.append([record("safe")]) }
            while !disk.hasUnsyncedBytes { await Task.yield() }
            for (number, size) in sizes.enumerated() {
                group.addTask { _ = try await log.append(batch("lost\(number)", size)) }
                while log.statistics.queuedAppends <= number + 1 { await Task.yield() }
            }
            disk.allowSync()
            while log.statistics.appends == before || !disk.hasUnsyncedBytes { await Task.yield() }
            acknowledged.append("safe")
            let copy = TemporaryFolder()
            try copy.write(try folder.bytes())
            try disk.losePower(copy.segment(0), using: &random)
            let recovered = try await EventLog.open(copy.log)
            let texts = await recovered.texts
            #expect(Array(texts.prefix(acknowledged.count)) == acknowledged)
            #expect(recovered.recovery.damage == nil, "nothing that was acknowledged is missed")
            var rest = texts.dropFirst(acknowledged.count)
            while let first = rest.first, let number = Int(first.dropFirst(4).prefix(1)) {
                #expect(
                    Array(rest.prefix(sizes[number])) == (0..<sizes[number]).map { "lost\(number).\($0)" })
                rest = rest.dropFirst(sizes[number])
            }
            disk.releaseSyncs()
            try await group.waitForAll()
        }
    }

    @Test("a crash while a new segment is made, or right after, costs nothing")
    func crashAtRoll() async throws {
        let folder = TemporaryFolder()
        var options = LogOptions()
        options.segmentBytes = 100
        let log = try await EventLog.open(folder.log, options)
        try await log.append(batch("a", 3))
        await log.close()
        let header = SegmentHeader(firstOffset: 3, createdAt: .now, mark: 1).encoded()
        let temporary = LogFolder(path: folder.log).temporary
        try Data(header.prefix(17)).write(to: URL(filePath: temporary))
        let second = try await EventLog.open(folder.log)
        #expect(await second.texts.count == 3)
        #expect(!FileManager.default.fileExists(atPath: temporary))
        await second.close()
        try folder.write(header, 3)
        let third = try await EventLog.open(folder.log, options)
        #expect(third.recovery == LogRecovery())
        #expect(try await third.append(batch("b", 1)) == 3..<4)
        #expect(await third.texts == ["a.0", "a.1", "a.2", "b.0"])
    }
}

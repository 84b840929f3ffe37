import Foundation
import Primitives
import Testing

@testable import EventLog

@Suite("A failing disk")
struct DiskFaultTests {
    let folder = TemporaryFolder()
    let disk = FaultyDisk()

    private func open(_ body: (inout LogOptions) -> Void = { _ in }) async throws -> EventLog {
        var options = LogOptions()
        options.disk = disk
        body(&options)
        return try await EventLog.open(folder.log, options)
    }

    /// What the next process finds.
    private func reopened(_ log: EventLog) async throws -> [String] {
        await log.close()
        let next = try await EventLog.open(folder.log)
        defer { withExtendedLifetime(next) {} }
        #expect(next.recovery.damage == nil)
        let texts = await next.texts
        await next.close()
        return texts
    }

    @Test("writes that take a few bytes at a time are gone on with")
    func shortWrites() async throws {
        let log = try await open()
        disk.set { $0.shortWrites = 7 }
        try await log.append(batch("a", 5))
        #expect(await log.texts == (0..<5).map { "a.\($0)" })
        #expect(try await reopened(log).count == 5)
    }

    @Test(
        "a full disk fails the append, leaves nothing of it, and the log goes on when there is room",
        arguments: [1, 36, 60, 150])
    func fullDisk(room: Int) async throws {
        let log = try await open()
        try await log.append(batch("a", 2))
        let bytes = try folder.bytes()
        disk.set { $0.room = room }
        for _ in 0..<3 {
            let failure = await #expect(throws: Failure.self) { try await log.append(batch("b", 3)) }
            #expect(failure?.kind == .storage)
            #expect(failure?.message.contains("free space") == true)
            #expect(try folder.bytes() == bytes)
            disk.set { $0.room = room }
        }
        disk.set { $0.room = nil }
        #expect(try await log.append(batch("c", 1)) == 2..<3)
        #expect(await log.texts == ["a.0", "a.1", "c.0"])
        #expect(log.statistics.failedAppends == 3)
        #expect(log.statistics.segments == 1)
        #expect(try await reopened(log) == ["a.0", "a.1", "c.0"])
    }

    @Test("a full disk where a new segment is due fails the append, and the next one makes it")
    func fullDiskAtRoll() async throws {
        let log = try await open { $0.segmentBytes = 100 }
        try await log.append(batch("a", 2))
        disk.set { $0.failingCreations = 1 }
        #expect(await #expect(throws: Failure.self) { try await log.append(batch("b", 1)) }?.kind == .storage)
        disk.set { $0.room = 20 }
        #expect(await #expect(throws: Failure.self) { try await log.append(batch("c", 1)) }?.kind == .storage)
        disk.set { $0.room = nil }
        try await log.append(batch("d", 1))
        #expect(log.statistics.segments == 2)
        #expect(try await reopened(log) == ["a.0", "a.1", "d.0"])
    }

    @Test("all appends of a group fail together, and each can be tried again")
    func groupFails() async throws {
        let log = try await open()
        disk.holdSyncs()
        try await withThrowingTaskGroup { group in
            group.addTask { try await log.append(batch("first", 1)) }
            while !disk.hasUnsyncedBytes { await Task.yield() }
            disk.set { $0.room = 400 }
            for task in 0..<8 {
                group.addTask {
                    await #expect(throws: Failure.self) { try await log.append(batch("\(task)", 2)) }
                    return 0..<0
                }
            }
            while log.statistics.queuedAppends < 9 { await Task.yield() }
            disk.releaseSyncs()
            try await group.waitForAll()
        }
        #expect(log.statistics.failedAppends == 8)
        disk.set { $0.room = nil }
        for task in 0..<8 { try await log.append(batch("\(task)", 2)) }
        #expect(log.durableEnd == 17)
        #expect(try await reopened(log).count == 17)
    }

    @Test(
        "after a failed sync the file is never trusted again, whether it can be cut or not",
        arguments: [0, 1], [0, 2])
    func failedSync(truncations: Int, recordsBefore: Int) async throws {
        let log = try await open()
        if recordsBefore > 0 { try await log.append(batch("a", recordsBefore)) }
        disk.set {
            $0.failingSyncs = 1
            $0.failingTruncations = truncations
        }
        let failure = await #expect(throws: Failure.self) { try await log.append(batch("lost", 3)) }
        #expect(failure?.kind == .storage)
        #expect(log.durableEnd == UInt64(recordsBefore))
        let first = try folder.bytes()
        #expect(try await log.append(batch("b", 2)).lowerBound == UInt64(recordsBefore))
        let expected = (0..<recordsBefore).map { "a.\($0)" } + ["b.0", "b.1"]
        #expect(await log.texts == expected)
        if recordsBefore > 0 { #expect(try folder.bytes() == first, "the old file gets no more bytes") }
        #expect(log.statistics.segments == (recordsBefore > 0 ? 2 : 1))
        let inspection = try await EventLog.inspect(folder.log)
        #expect(!inspection.isDamaged)
        #expect((inspection.segments[0].tail != nil) == (truncations > 0 && recordsBefore > 0))
        #expect(try await reopened(log) == expected)
    }

    @Test("a new segment that has its name and is not safe yet hides nothing that is acknowledged after it")
    func failedFolderSync() async throws {
        let log = try await open()
        try await log.append(batch("a", 2))
        disk.set { $0.failingFolderSyncs = 1 }
        #expect(await #expect(throws: Failure.self) { try await log.endSegment() }?.kind == .storage)
        try await log.append(batch("b", 1))
        #expect(await log.texts == ["a.0", "a.1", "b.0"])
        #expect(try await reopened(log) == ["a.0", "a.1", "b.0"])
    }

    @Test("a disk that fails every sync fails every append, and the log goes on when it is well")
    func deadDisk() async throws {
        let log = try await open()
        try await log.append(batch("a", 1))
        disk.set {
            $0.failingSyncs = 7
            $0.failingTruncations = 100
        }
        for _ in 0..<3 {
            #expect(
                await #expect(throws: Failure.self) { try await log.append(batch("x", 1)) }?.kind == .storage)
        }
        disk.set { $0.failingSyncs = 0 }
        try await log.append(batch("b", 1))
        #expect(await log.texts == ["a.0", "b.0"])
        #expect(try await reopened(log) == ["a.0", "b.0"])
    }
}

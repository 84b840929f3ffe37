import Foundation
import Primitives
import Testing

@testable import Lake

@Suite struct CheckpointTests {
    let fixture: TableFixture

    init() throws { fixture = try TableFixture() }

    /// A history with every kind of action, its rows in real files.
    private func history(_ table: DeltaTable) async throws {
        for number in 0..<9 {
            try await table.append(
                try await fixture.write(from: number * 10, count: 10),
                transaction: TransactionMark(
                    appId: "log \(number % 2)", version: Int64(number), lastUpdated: TableDisk.now()))
        }
        let first = try await table.snapshot().files[0]
        let removal = RemoveFile(first.add, at: TableDisk.now(), dataChange: true)
        try await table.commit(operation: "DELETE", actions: [.remove(removal)])
    }

    @Test func aCheckpointEqualsItsReplay() async throws {
        let table = try await fixture.created(checkpointInterval: 0)
        try await history(table)
        let replayed = try await fixture.table().snapshot()
        #expect(try await table.checkpoint() == 10)
        #expect(try await table.cleanLog(olderThan: -1).count == 10)
        let read = try await fixture.table().snapshot()
        #expect(read.version == replayed.version)
        #expect(read.protocol == replayed.protocol)
        #expect(read.metadata == replayed.metadata)
        #expect(read.files.map(\.statistics) == replayed.files.map(\.statistics))
        #expect(read.files.map(\.path) == replayed.files.map(\.path))
        #expect(read.files.map(\.partitionValues) == replayed.files.map(\.partitionValues))
        #expect(read.tombstones == replayed.tombstones)
        #expect(read.transactionMarks == replayed.transactionMarks)
        #expect(try await table.verify(timestamp: "event_at") == [])
    }

    @Test func commitsGoOnAfterTheLogWasCleaned() async throws {
        let table = try await fixture.created()
        let sleeper = fixture.table()
        _ = try await sleeper.snapshot()
        try await history(table)
        try await table.cleanLog(olderThan: -1)
        #expect(
            try TableDisk.names(in: fixture.folder + "/_delta_log").sorted() == [
                LogName.checkpoint(10), LogName.commit(10), LogName.lastCheckpoint,
            ])
        // It saw version 0 last, and version 1 is gone: that must not look like the end of the log.
        #expect(try await sleeper.commit(operation: "WRITE", actions: [.add(addition("late"))]) == 11)
        #expect(try await fixture.table().snapshot().fileCount == 9)
        await #expect(throws: Failure.self) { try await table.snapshot(version: 4) }
    }

    @Test func whatIsYoungStaysReadable() async throws {
        let table = try await fixture.created(checkpointInterval: 2)
        try await history(table)
        #expect(try await table.cleanLog(olderThan: 3_600_000) == [])
        fixture.wait(7_200_000)
        #expect(try await table.cleanLog(olderThan: 3_600_000).contains(LogName.commit(0)))
        #expect(try await fixture.table().snapshot().fileCount == 8)
    }

    @Test func aWrongPointerCostsNothing() async throws {
        let table = try await fixture.created()
        try await history(table)
        let store = table.log.store
        for text in [#"{"version":7}"#, "garbage", #"{"version":99}"#] {
            try await store.replace(LogName.lastCheckpoint, Array(text.utf8))
            #expect(try await fixture.table().snapshot().fileCount == 8)
        }
    }

    @Test func expiredTombstonesAreForgotten() async throws {
        let table = try await fixture.created(checkpointInterval: 0)
        try await history(table)
        fixture.wait(8 * 86_400_000)
        try await table.checkpoint()
        #expect(try await fixture.table().snapshot().tombstones.isEmpty)
    }
}

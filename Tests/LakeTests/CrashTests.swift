import Foundation
import Primitives
import Synchronization
import Testing

@testable import Lake

/// A log whose writer is stopped at a chosen call, as by kill -9: the call and all that follow have no effect, or the
/// call has its effect and nobody hears of it.
private final class StoppingStore: LogStore {
    enum Moment { case before, after }

    let disk: DiskLogStore
    let moment: Moment
    let callsLeft: Mutex<Int>

    init(_ disk: DiskLogStore, stopping moment: Moment, atCall call: Int) {
        (self.disk, self.moment) = (disk, moment)
        callsLeft = Mutex(call)
    }

    private func write<R>(_ body: () throws -> R) throws -> R {
        let left = callsLeft.withLock { left in
            left -= 1
            return left
        }
        let stopped = Failure(.storage, "the process was stopped")
        if left < 0 || left == 0 && moment == .before { throw stopped }
        let result = try body()
        if left == 0 { throw stopped }
        return result
    }

    func list(from start: String) throws -> [LogEntry] { try disk.list(from: start) }
    func read(_ name: String) throws -> [UInt8]? { try disk.read(name) }
    func putIfAbsent(_ name: String, _ bytes: [UInt8]) throws -> Bool {
        try write { try disk.putIfAbsent(name, bytes) }
    }
    func replace(_ name: String, _ bytes: [UInt8]) throws { try write { try disk.replace(name, bytes) } }
    func delete(_ name: String) throws { try write { try disk.delete(name) } }
    func location(_ name: String) -> String { disk.location(name) }
}

@Suite struct CrashTests {
    @Test("whatever call a writer stops at, its repetition leaves every row once", arguments: 1...12)
    fileprivate func stopping(atCall call: Int) async throws {
        for moment in [StoppingStore.Moment.before, .after] {
            let fixture = try TableFixture()
            let disk = DiskLogStore(folder: fixture.folder + "/_delta_log")
            let store = StoppingStore(disk, stopping: moment, atCall: call)
            var options = TableOptions()
            options.checkpointInterval = 2
            let doomed = DeltaTable(
                folder: fixture.folder, connection: fixture.connection, options: options, store: store)
            // Four appends with checkpoints at 2 and 4, then a cleaning: more calls than any argument.
            func work(_ table: DeltaTable) async throws {
                try await table.openOrCreate(TableFixture.schema)
                for number in 0..<4 {
                    let mark = TransactionMark(appId: "log", version: Int64(number))
                    do {
                        try await table.append(
                            try await fixture.write(from: number * 10, count: 10), transaction: mark)
                    } catch CommitRejection.alreadyCommitted {}
                }
                try await table.cleanLog(olderThan: -1)
            }
            await #expect(throws: Failure.self) { try await work(doomed) }
            // The next process begins from what is on the disk.
            try await work(fixture.table(checkpointInterval: 2))
            let fresh = try await fixture.table().snapshot()
            #expect(try await fixture.content(fresh) == [40, 780])
            #expect(fresh.version == 4)
            let findings = try await fixture.table().verify(timestamp: "event_at")
            #expect(findings.allSatisfy { $0.hasSuffix("is in no version of the table") })
        }
    }
}

import Foundation
import Primitives
import Testing

@testable import Lake

@Suite struct DiskLogStoreTests {
    let fixture: TableFixture
    let store: DiskLogStore

    init() throws {
        fixture = try TableFixture()
        store = DiskLogStore(folder: fixture.folder + "/_delta_log")
    }

    @Test func putIfAbsentHasOneWinner() async throws {
        let winners = await withTaskGroup(of: Int?.self) { group in
            for writer in 0..<16 {
                group.addTask { [store] in
                    (try? store.putIfAbsent("a", Array("writer \(writer)".utf8))) == true ? writer : nil
                }
            }
            return await group.reduce(into: [Int]()) { if let winner = $1 { $0.append(winner) } }
        }
        #expect(winners.count == 1)
        #expect(try store.read("a") == Array("writer \(winners[0])".utf8))
        #expect(try TableDisk.names(in: store.folder) == ["a"], "no temporary file is left")
    }

    @Test func filesAreListedInOrderFromAName() throws {
        for name in ["c", "a", ".tmp-b", "b"] { _ = try store.putIfAbsent(name, [1, 2]) }
        #expect(try store.list(from: "b").map(\.name) == ["b", "c"])
        #expect(try store.list(from: "").map(\.size) == [2, 2, 2])
    }

    @Test func replaceOverwrites() throws {
        try store.replace("a", [1])
        try store.replace("a", [2, 3])
        #expect(try store.read("a") == [2, 3])
        #expect(try store.read("b") == nil)
    }

    @Test func historyTakesWholeCheckpointsOnly() {
        func entry(_ name: String) -> LogEntry {
            LogEntry(name: name, size: 1, modified: .init(microseconds: 0))
        }
        let first = "00000000000000000004.checkpoint.0000000001.0000000002.parquet"
        let second = "00000000000000000004.checkpoint.0000000002.0000000002.parquet"
        let half = "00000000000000000008.checkpoint.0000000001.0000000002.parquet"
        let history = History(of: [first, second, half, "x.json", LogName.commit(9)].map(entry))
        #expect(history.checkpoint(notAfter: 9)?.version == 4)
        #expect(history.checkpoint(notAfter: 9)?.names == [first, second])
        #expect(history.checkpoint(notAfter: 3) == nil)
        #expect(history.commits == [9])
    }
}

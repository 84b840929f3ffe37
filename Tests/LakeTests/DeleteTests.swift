import Foundation
import Primitives
import TestSupport
import Testing

@testable import Lake

@Suite("Rows taken out of a table")
struct DeleteTests {
    @Test("what matches is gone, what does not stays, in one version; an old snapshot keeps all")
    func delete() async throws {
        let fixture = try TableFixture()
        let table = try await fixture.created()
        try await table.append(try await fixture.write(from: 0, count: 100, step: 1_800))
        let before = try await table.snapshot()
        #expect(try await table.deleteRows(matching: "amount % 10 = 3", orderBy: ["event_at"]) == 10)
        let after = try await table.snapshot()
        #expect(after.version == before.version + 1)
        #expect(try await fixture.content(after) == [90, 4_950 - 480])
        #expect(after.rowCount == 90)
        #expect(try await fixture.content(before) == [100, 4_950])
        #expect(try await table.verify(timestamp: "event_at") == [])
    }

    @Test("files without such rows are not touched, and a file of which nothing stays is no more")
    func files() async throws {
        let fixture = try TableFixture()
        let table = try await fixture.created()
        for start in [0, 10, 20] { try await table.append(try await fixture.write(from: start, count: 10)) }
        let before = Set(try await table.snapshot().files.map(\.path))
        #expect(try await table.deleteRows(matching: "amount BETWEEN 10 AND 19") == 10)
        let after = Set(try await table.snapshot().files.map(\.path))
        #expect(after.count == 2 && after.isSubset(of: before))
        #expect(try await table.deleteRows(matching: "amount > 1000") == 0)
        #expect(try await table.deleteRows(matching: "NULL") == 0)
        #expect(try await table.snapshot().version == 4)
        #expect(try await table.deleteRows(matching: "true") == 20)
        #expect(try await fixture.content(try await table.snapshot()) == [0, 0])
    }

    @Test("beside merges and appends of others nothing comes back and nothing is lost")
    func concurrent() async throws {
        let fixture = try TableFixture()
        let table = try await fixture.created()
        for start in 0..<12 { try await table.append(try await fixture.write(from: start * 10, count: 10)) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for digit in 0..<5 { try await table.deleteRows(matching: "amount % 10 = \(digit)") }
            }
            group.addTask {
                var policy = CompactionPolicy()
                policy.minimumFiles = 2
                for _ in 0..<4 { try await table.compact(policy, orderBy: "event_at") }
            }
            group.addTask {
                for start in 12..<16 {
                    try await table.append(try await fixture.write(from: start * 10 + 5, count: 5))
                }
            }
            try await group.waitForAll()
        }
        let found = try await fixture.content(try await table.snapshot())
        // Appended rows end in 5 to 9, which no deletion concerns.
        #expect(found[0] == 80)
        #expect(try await table.verify(timestamp: "event_at") == [])
    }
}

import Foundation
import Primitives
import Synchronization
import Testing

@testable import Lake

@Suite struct CommitTests {
    let fixture: TableFixture

    init() throws { fixture = try TableFixture() }

    @Test func sixteenWritersLoseNoCommit() async throws {
        _ = try await fixture.created()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<16 {
                let table = fixture.table()
                group.addTask {
                    for number in 0..<5 {
                        try await table.commit(
                            operation: "WRITE", actions: [.add(addition("\(writer)-\(number)"))])
                    }
                }
            }
            try await group.waitForAll()
        }
        let snapshot = try await fixture.table().snapshot()
        #expect(snapshot.version == 80)
        #expect(snapshot.fileCount == 80)
        #expect(fixture.warnings.withLock { $0 } == [])
    }

    @Test func creatorsAgreeOnOneTable() async throws {
        let identities = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<8 {
                let table = fixture.table()
                group.addTask { try await table.openOrCreate(TableFixture.schema).metadata.id }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(identities.count == 1)
    }

    @Test func aRepeatedAppendIsRejected() async throws {
        let table = try await fixture.created()
        let mark = DeltaAction.transaction(TransactionMark(appId: "log", version: 100))
        try await table.commit(operation: "WRITE", actions: [mark, .add(addition("a"))])
        let other = fixture.table()
        await #expect(throws: CommitRejection.alreadyCommitted(application: "log", version: 100)) {
            try await other.commit(operation: "WRITE", actions: [mark, .add(addition("b"))])
        }
        #expect(try await table.snapshot().transactions == ["log": 100])
        #expect(try await table.snapshot().fileCount == 1)
    }

    @Test func anAppendPlannedBeforeItsLogMovedOnConflicts() async throws {
        let table = try await fixture.created()
        try await table.commit(
            operation: "WRITE",
            actions: [.transaction(TransactionMark(appId: "log", version: 50)), .add(addition("a"))])
        await #expect(throws: CommitRejection.self) {
            try await table.commit(
                read: 0, operation: "WRITE",
                actions: [.transaction(TransactionMark(appId: "log", version: 100)), .add(addition("b"))])
        }
    }

    @Test func appendsStepOverEachOtherAndOverRemovals() async throws {
        let table = try await fixture.created()
        try await table.commit(operation: "WRITE", actions: [.add(addition("a"))])
        let removal = RemoveFile(addition("a"), at: TableDisk.now(), dataChange: true)
        try await table.commit(operation: "DELETE", actions: [.remove(removal)])
        try await table.commit(read: 0, operation: "WRITE", actions: [.add(addition("b"))])
        #expect(try await table.snapshot().files.map(\.path) == [addition("b").path])
    }

    @Test func aRemovalConflictsOnlyWhereItsFileIsGone() async throws {
        let table = try await fixture.created()
        let version = try await table.commit(
            operation: "WRITE", actions: [.add(addition("a")), .add(addition("b"))])
        let removal = RemoveFile(addition("a"), at: TableDisk.now(), dataChange: false)
        try await table.commit(operation: "WRITE", actions: [.add(addition("c"))])
        try await table.commit(
            read: version, operation: "OPTIMIZE", actions: [.remove(removal), .add(addition("d"))])
        await #expect(throws: CommitRejection.self) {
            try await table.commit(
                read: version, operation: "OPTIMIZE", actions: [.remove(removal), .add(addition("e"))])
        }
        #expect(try await table.snapshot().fileCount == 3)
    }

    @Test func anAppendConflictsWithAChangedSchema() async throws {
        let table = try await fixture.created()
        var metadata = try await table.snapshot().metadata
        metadata.schema.columns.append(TableColumn("more", .string))
        try await table.commit(read: 0, operation: "ADD COLUMNS", actions: [.metadata(metadata)])
        await #expect(throws: CommitRejection.self) {
            try await table.commit(read: 0, operation: "WRITE", actions: [.add(addition("a"))])
        }
        #expect(try await fixture.table().snapshot().schema.column("more") != nil)
    }

    @Test func whatContradictsItselfIsRefused() async throws {
        let table = try await fixture.created()
        try await table.commit(operation: "WRITE", actions: [.add(addition("a"))])
        var elsewhere = addition("b")
        elsewhere.partitionValues = [:]
        for actions in [
            [DeltaAction.add(addition("a"))], [.add(elsewhere)], [.add(addition("c")), .add(addition("c"))],
        ] {
            await #expect(throws: Failure.self) {
                try await table.commit(operation: "WRITE", actions: actions)
            }
        }
    }

    @Test func snapshotsAtVersionsStay() async throws {
        let table = try await fixture.created(checkpointInterval: 3)
        for number in 1...8 {
            try await table.commit(operation: "WRITE", actions: [.add(addition("\(number)"))])
        }
        for version in 0...8 {
            let snapshot = try await fixture.table().snapshot(version: Int64(version))
            #expect(snapshot.version == version && snapshot.fileCount == version)
        }
        await #expect(throws: Failure.self) { try await table.snapshot(version: 9) }
    }

    @Test func aTornTemporaryFileIsIgnored() async throws {
        let table = try await fixture.created()
        try await table.commit(operation: "WRITE", actions: [.add(addition("a"))])
        let torn = fixture.folder + "/_delta_log/.tmp-torn"
        try Data(#"{"add":{"path":"half"#.utf8).write(to: URL(filePath: torn))
        #expect(try await fixture.table().snapshot().fileCount == 1)
        #expect(try await table.vacuum().orphans == [])
        fixture.wait(2 * 86_400_000)
        #expect(try await table.vacuum().orphans == ["_delta_log/.tmp-torn"])
    }

    @Test func aFolderWithoutALogIsNoTable() async throws {
        await #expect(throws: Failure.self) { try await fixture.table().snapshot() }
        await #expect(throws: Failure.self) {
            try await fixture.table().commit(operation: "WRITE", actions: [.add(addition("a"))])
        }
    }
}

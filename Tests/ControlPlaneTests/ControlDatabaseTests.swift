import Dispatch
import Foundation
import GRDB
import Primitives
import Testing

@testable import ControlPlane

@Suite("The control database")
struct ControlDatabaseTests {
    let home = TemporaryHome()

    @Test("is made from nothing, opened again as it was, and always has the workspace 'default'")
    func migrations() async throws {
        let first = try await home.open()
        try await first.addWorkspace("acme", by: tester)
        try first.close()
        let second = try await home.open()
        #expect(try await second.workspaces().map(\.name) == ["acme", "default"])
        let version = try await second.read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
        #expect(version == ControlSchema.steps.count)
    }

    @Test("is migrated once by many who open it at the same moment")
    func concurrentOpening() async throws {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 { group.addTask { try await home.open().workspaces().count } }
            for try await count in group { #expect(count == 1) }
        }
    }

    @Test("and its companions are for their owner only, even if someone had opened them up")
    func modes() async throws {
        let control = try await home.open()
        try await control.addWorkspace("acme", by: tester)
        for name in ["sesame.db", "sesame.db-wal", "sesame.db-shm"] { #expect(try home.mode(name) == 0o600) }
        #expect(try home.mode("") == 0o700)
        try control.close()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: home.database.path)
        _ = try await home.open()
        #expect(try home.mode("sesame.db") == 0o600)
    }

    @Test("writes ahead and waits for the disk")
    func durability() async throws {
        let control = try await home.open()
        let (journal, synchronous) = try await control.pool.writeWithoutTransaction { db in
            (
                try String.fetchOne(db, sql: "PRAGMA journal_mode"),
                try Int.fetchOne(db, sql: "PRAGMA synchronous")
            )
        }
        #expect(journal == "wal")
        #expect(synchronous == 2, "2 is FULL")
    }

    @Test("of a newer Sesame is left alone, and the message says so")
    func newerSchema() async throws {
        let control = try await home.open()
        try await control.write { try $0.execute(sql: "PRAGMA user_version = 999") }
        try control.close()
        let failure = await failure { _ = try await home.open() }
        #expect(failure?.kind == .storage)
        #expect(failure?.message.contains("newer Sesame (schema 999") == true)
    }

    @Test("of another program is left alone")
    func foreignDatabase() async throws {
        try FileManager.default.createDirectory(at: home.url, withIntermediateDirectories: true)
        let other = try DatabaseQueue(path: home.database.path)
        try await other.write { try $0.execute(sql: "CREATE TABLE recipes (name TEXT)") }
        try other.close()
        let failure = await failure { _ = try await home.open() }
        #expect(failure?.message.contains("another program") == true)
    }

    @Test("that is damaged is named, with what to do", arguments: [0, 4_096, 20_000])
    func damage(at offset: Int) async throws {
        let control = try await home.open()
        try await control.addWorkspace("acme", by: tester)
        try control.close()
        let handle = try FileHandle(forWritingTo: home.database)
        try handle.seek(toOffset: UInt64(offset))
        try handle.write(contentsOf: Data(repeating: 0xA5, count: 30_000))
        try handle.close()
        let failure = await failure {
            let control = try await home.open()
            _ = try await control.workspaces()
            _ = try await control.auditLog()
            _ = try await control.addSource("shop", settings: .http, by: tester)
        }
        #expect(failure?.kind == .storage)
        #expect(failure?.message.contains("damaged") == true, "\(failure?.message ?? "it was not noticed")")
    }

    @Test("in a place where nothing can be written is a clear error")
    func unwritable() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "control-file-\(UUID().uuidString)")
        try Data("x".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let failure = await failure { _ = try await ControlDatabase.open(home: file) }
        #expect(failure?.kind == .storage)
        #expect(failure?.message.contains(file.path) == true)
    }

    @Test("can be copied while it is in use; the copy is whole, private and never over another file")
    func backup() async throws {
        let control = try await home.open()
        try await control.addWorkspace("acme", by: tester)
        let copy = home.url.appending(path: "copy/sesame.db")
        try FileManager.default.createDirectory(
            at: copy.deletingLastPathComponent(), withIntermediateDirectories: true)
        try await control.backup(to: copy)
        #expect(try home.mode("copy/sesame.db") == 0o600)
        let restored = try await ControlDatabase.open(home: copy.deletingLastPathComponent())
        #expect(try await restored.workspaces().map(\.name) == ["acme", "default"])
        #expect(await failure { try await control.backup(to: copy) }?.kind == .storage)
    }

    /// Were it otherwise, the last task would never get a thread (on machines with up to five cores).
    @Test("leaves the cooperative pool free while it is busy", .timeLimit(.minutes(1)))
    func executor() async throws {
        let control = try await home.open()
        let (entered, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let busy = 5  // GRDB's number of readers.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<busy {
                group.addTask {
                    try await control.read { _ in
                        entered.signal()
                        gate.wait()
                    }
                }
            }
            group.addTask {
                for _ in 0..<busy { while !isSignalled(entered) { await Task.yield() } }
                for _ in 0..<busy { gate.signal() }
            }
            try await group.waitForAll()
        }
    }
}

private func isSignalled(_ semaphore: DispatchSemaphore) -> Bool {
    semaphore.wait(timeout: .now()) == .success
}

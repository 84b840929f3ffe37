import GRDB
import Primitives
import Testing

@testable import ControlPlane

@Suite("The audit log")
struct AuditLogTests {
    let home = TemporaryHome()

    @Test("names who, what, when and on what, for each change, and no secret")
    func entries() async throws {
        let control = try await home.open()
        let secret = try await control.addSource("shop", settings: .http, by: tester, at: noon).secret
        try await control.removeSource("shop", by: tester, at: noon.adding(seconds: 1))
        let entries = try await control.auditLog()
        #expect(entries.map(\.action) == ["source.remove", "source.add"])
        #expect(
            entries[1].actor == "cli:tester" && entries[1].object == "source:shop" && entries[1].at == noon)
        #expect(entries[1].details == ["kind": "http", "workspace": "default"])
        #expect(!"\(entries)".contains(secret?.text ?? "-"))
        #expect(try await control.auditLog(limit: 1, before: entries[0].id) == [entries[1]])
    }

    @Test("has no line of a change that failed")
    func rollback() async throws {
        let control = try await home.open()
        _ = await failure {
            _ = try await control.addSource("a", workspace: "x", settings: .http, by: tester)
        }
        #expect(try await control.auditLog().isEmpty)
    }

    @Test(
        "cannot be changed, not even by SQL",
        arguments: [
            "UPDATE audit_log SET actor = 'nobody'", "DELETE FROM audit_log",
            "INSERT OR REPLACE INTO audit_log VALUES (1, 0, 'a', 'b', 'c', '{}')",
            "REPLACE INTO audit_log (id, at, actor, action, object, details) VALUES (1, 0, 'a', 'b', 'c', '{}')",
            "UPDATE OR REPLACE audit_log SET id = 2 WHERE id = 1",
        ])
    func triggers(_ sql: String) async throws {
        let control = try await home.open()
        for _ in 0..<2 {
            try await control.audit(by: .system, "session.begin", on: "user:ada", ["from": "192.0.2.1"])
        }
        let before = try await control.auditLog()
        let failure = await failure { try await control.write { try $0.execute(sql: sql) } }
        #expect(failure?.message.contains("append-only") == true)
        #expect(try await control.auditLog() == before && before.count == 2)
    }
}

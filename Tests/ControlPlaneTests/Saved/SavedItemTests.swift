import Primitives
import Testing

@testable import ControlPlane

@Suite("Saved things")
struct SavedItemTests {
    let home = TemporaryHome()

    @Test("what is saved is found by kind, in the order of names, and is replaced by its name")
    func savesAndReplaces() async throws {
        let control = try await home.open()
        let save = { (kind: SavedItem.Kind, name: String, content: String, at: Int64) in
            try await control.save(
                kind, named: name, content: content, in: Workspace.defaultName, by: tester,
                at: Timestamp(microseconds: at))
        }
        let first = try await save(.sql, "b", #"{"sql":"1"}"#, 1)
        _ = try await save(.sql, "A", #"{"sql":"2"}"#, 2)
        _ = try await save(.segment, "b", "{}", 3)
        let again = try await save(.sql, "b", #"{"sql":"3"}"#, 4)
        #expect(
            again.id == first.id && again.createdAt == first.createdAt && again.updatedAt.microseconds == 4)
        let found = try await control.savedItems(.sql, in: Workspace.defaultName)
        #expect(found.map(\.name) == ["A", "b"] && found.last?.content == #"{"sql":"3"}"#)
        #expect(try await control.savedItems(in: Workspace.defaultName).count == 3)
        try await control.removeSavedItem(first.id, in: Workspace.defaultName, by: tester)
        #expect(try await control.savedItems(.sql, in: Workspace.defaultName).map(\.name) == ["A"])
    }

    @Test("a name that cannot be one, a content that is too large and a number that is not there are told")
    func refuses() async throws {
        let control = try await home.open()
        for name in ["", " a", "a\nb", String(repeating: "x", count: 201)] {
            await #expect(throws: Failure.self) {
                try await control.save(
                    .sql, named: name, content: "{}", in: Workspace.defaultName, by: tester)
            }
        }
        let large = "\"" + String(repeating: "x", count: SavedItem.longestContent) + "\""
        await #expect(throws: Failure.self) {
            try await control.save(.sql, named: "a", content: large, in: Workspace.defaultName, by: tester)
        }
        await #expect(throws: Failure.self) {
            try await control.removeSavedItem(7, in: Workspace.defaultName, by: tester)
        }
    }

    @Test("who is erased is erased from what was saved, and was never in the audit log")
    func scrub() async throws {
        let control = try await home.open()
        _ = try await control.save(
            .segment, named: "Without ann@example.com", content: #"{"not":"ann@example.com"}"#,
            in: Workspace.defaultName, by: tester)
        let count = try await control.scrub { text in
            text.contains("ann@example.com") ? text.replacing("ann@example.com", with: "erased") : nil
        }
        #expect(count == 2)
        let item = try await control.savedItems(in: Workspace.defaultName)[0]
        #expect(item.name == "Without erased" && item.content == #"{"not":"erased"}"#)
        let log = try await control.auditLog()
        #expect(!log.contains { "\($0)".contains("ann@") })
    }
}

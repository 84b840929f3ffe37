import Primitives
import Testing

@testable import ControlPlane

@Suite("One's own password")
struct OwnPasswordTests {
    let home = TemporaryHome()
    let old = "correct horse battery"
    let new = "another horse battery"

    private func ada(_ control: ControlDatabase) async throws -> User {
        try await control.addUser(
            email: "ada@example.com", name: "Ada", role: .viewer, password: old, by: tester)
    }

    @Test("signs in from then on, where the old one does not; all sessions have ended but the one it begins")
    func change() async throws {
        let control = try await home.open()
        let ada = try await ada(control)
        let bob = try await control.addUser(
            email: "bob@example.com", name: "Bob", role: .viewer, password: old, by: tester)
        let before = [
            try await control.beginSession(for: ada, at: noon),
            try await control.beginSession(for: ada, at: noon),
        ]
        let other = try await control.beginSession(for: bob, at: noon)
        let next = try await control.changePassword(of: ada, from: old, to: new, at: noon)
        for session in before { #expect(try await control.session(session.secret.text, at: noon) == nil) }
        let found = try #require(try await control.session(next.secret.text, at: noon))
        #expect(found.user == ada && found.csrfToken == next.session.csrfToken)
        #expect(try await control.session(other.secret.text, at: noon) != nil)
        #expect(try await control.authenticate(email: ada.email, password: new) == ada)
        #expect(
            await failure { _ = try await control.authenticate(email: ada.email, password: old) }?.kind
                == .refused)
        let entry = try #require(try await control.auditLog(limit: 1).first)
        #expect(
            [entry.actor, entry.action, entry.object] == [
                "user:ada@example.com", "user.change-password", "user:ada@example.com",
            ])
    }

    @Test("takes the current one, and a new one that is long enough; else nothing changes")
    func refusals() async throws {
        let control = try await home.open()
        let ada = try await ada(control)
        let session = try await control.beginSession(for: ada, at: noon)
        for (current, next, kind) in [
            ("wrong horse battery", new, Failure.Kind.refused), ("", new, .refused), (old, "short", .usage),
            (old, String(repeating: "x", count: 1_025), .usage), ("wrong horse battery", "short", .refused),
        ] {
            let failure = await failure {
                _ = try await control.changePassword(of: ada, from: current, to: next)
            }
            #expect(failure?.kind == kind, "\(current), \(next.prefix(20))")
        }
        #expect(try await control.session(session.secret.text, at: noon) != nil)
        #expect(try await control.authenticate(email: ada.email, password: old) == ada)
    }

    @Test("is not changed by who is kept out or gone, nor by two at once with the same old one")
    func races() async throws {
        let control = try await home.open()
        let ada = try await ada(control)
        try await control.setUser(ada.email, disabled: true, by: tester)
        let change = { _ = try await control.changePassword(of: ada, from: old, to: new) }
        #expect(await failure(change)?.kind == .refused)
        try await control.setUser(ada.email, disabled: false, by: tester)
        let changes = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<4 {
                group.addTask {
                    await failure {
                        _ = try await control.changePassword(
                            of: ada, from: old, to: "horse battery \(number)")
                    } == nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(changes == 1)
        try await control.removeUser(ada.email, by: tester)
        #expect(await failure(change)?.kind == .refused)
    }
}

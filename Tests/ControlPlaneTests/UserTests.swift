import Foundation
import Primitives
import Testing

@testable import ControlPlane

@Suite("Users")
struct UserTests {
    let home = TemporaryHome()
    let password = "correct horse battery"

    @Test("sign in with address and password, whatever the case of the address")
    func signIn() async throws {
        let control = try await home.open()
        let ada = try await control.addUser(
            email: " Ada@Example.com", name: "Ada", role: .admin, password: password, by: tester, at: noon)
        #expect(ada.email == "ada@example.com" && ada.role == .admin && ada.createdAt == noon)
        #expect(try await control.authenticate(email: "ADA@example.com", password: password) == ada)
        #expect(try home.databaseBytes().range(of: Data(password.utf8)) == nil)
        var sentences: Set<String> = []
        for (email, text) in [
            ("ada@example.com", "wrong horse battery"), ("bob@example.com", password), ("", ""),
        ] {
            let failure = await failure { _ = try await control.authenticate(email: email, password: text) }
            #expect(failure?.kind == .refused)
            sentences.insert(failure?.message ?? "")
        }
        #expect(sentences.count == 1, "no reason is told from another")
    }

    @Test("that are disabled, or whose password was changed, lose their sessions")
    func disable() async throws {
        let control = try await home.open()
        let ada = try await control.addUser(
            email: "ada@example.com", name: "Ada", role: .viewer, password: password, by: tester)
        let first = try await control.beginSession(for: ada, at: noon)
        try await control.setPassword(of: ada.email, to: "another horse battery", by: tester)
        #expect(try await control.session(first.secret.text, at: noon) == nil)
        #expect(
            await failure { _ = try await control.authenticate(email: ada.email, password: password) } != nil)
        let second = try await control.beginSession(for: ada, at: noon)
        try await control.setUser(ada.email, disabled: true, by: tester)
        #expect(try await control.session(second.secret.text, at: noon) == nil)
        let signIn = {
            _ = try await control.authenticate(email: ada.email, password: "another horse battery")
        }
        #expect(await failure(signIn)?.kind == .refused)
        try await control.setUser(ada.email, disabled: false, by: tester)
        #expect(await failure(signIn) == nil)
    }

    @Test("always include an owner, once there is one")
    func lastOwner() async throws {
        let control = try await home.open()
        for name in ["ada", "bob"] {
            try await control.addUser(
                email: "\(name)@example.com", name: name, role: .owner, password: password, by: tester)
        }
        try await control.setUser("ada@example.com", disabled: true, by: tester)
        #expect(
            await failure { try await control.setUser("bob@example.com", disabled: true, by: tester) }?.kind
                == .refused)
        #expect(
            await failure { try await control.setRole(of: "bob@example.com", to: .admin, by: tester) }?.kind
                == .refused)
        try await control.setUser("ada@example.com", disabled: false, by: tester)
        try await control.setRole(of: "bob@example.com", to: .viewer, by: tester)
        #expect(try await control.users().map(\.role) == [.owner, .viewer])
    }

    @Test(
        "need an address of their own",
        arguments: ["", "ada", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\nc", "a@b\0"])
    func badAddress(_ email: String) async throws {
        let control = try await home.open()
        let add = { (email: String) in
            _ = try await control.addUser(
                email: email, name: "", role: .viewer, password: password, by: tester)
        }
        #expect(await failure { try await add(email) }?.kind == .usage)
        try await add("ada@example.com")
        #expect(await failure { try await add("ADA@example.com") }?.kind == .usage)
    }

    @Test("have roles in order") func roles() {
        #expect(Role.viewer < .analyst && Role.analyst < .admin && Role.admin < .owner)
    }

    @Test("that are removed lose their sessions and can be added again; the last owner stays")
    func remove() async throws {
        let control = try await home.open()
        let ada = try await control.addUser(
            email: "ada@example.com", name: "Ada", role: .owner, password: password, by: tester)
        let bob = try await control.addUser(
            email: "bob@example.com", name: "Bob", role: .viewer, password: password, by: tester)
        let session = try await control.beginSession(for: bob, at: noon)
        #expect(try await control.sessionCounts(at: noon)[bob.id]?.count == 1)
        try await control.removeUser("BOB@example.com", by: tester)
        #expect(try await control.session(session.secret.text, at: noon) == nil)
        #expect(await failure { try await control.removeUser(ada.email, by: tester) }?.kind == .refused)
        #expect(
            await failure { try await control.removeUser("bob@example.com", by: tester) }?.kind == .notFound)
        let again = try await control.addUser(
            email: "bob@example.com", name: "Bob", role: .viewer, password: password, by: tester)
        #expect(again.id != bob.id)
    }
}

import Foundation
import Primitives
import Testing

@testable import ControlPlane

@Suite("API tokens")
struct APITokenTests {
    let home = TemporaryHome()

    @Test("allow their scopes and nothing else, and are not kept in plain text")
    func scopes() async throws {
        let control = try await home.open()
        let (secret, token) = try await control.addToken("ci", scopes: [.ingest, .read], by: tester)
        #expect(try home.databaseBytes().range(of: Data(secret.text.utf8)) == nil)
        for scope in [APIToken.Scope.ingest, .read] {
            #expect(try await control.authorize(token: secret.text, for: scope).id == token.id)
        }
        #expect(
            await failure { _ = try await control.authorize(token: secret.text, for: .admin) }?.kind
                == .refused)
        #expect(await failure { _ = try await control.addToken("x", scopes: [], by: tester) }?.kind == .usage)
    }

    @Test("of a workspace say so")
    func workspace() async throws {
        let control = try await home.open()
        try await control.addWorkspace("acme", by: tester)
        let (secret, _) = try await control.addToken("ci", scopes: [.read], workspace: "acme", by: tester)
        #expect(try await control.authorize(token: secret.text, for: .read).workspace == "acme")
        let missing = { _ = try await control.addToken("ci", scopes: [.read], workspace: "x", by: tester) }
        #expect(await failure(missing)?.kind == .notFound)
    }

    @Test("stop at their expiry and when they are revoked; unknown ones never work")
    func ends() async throws {
        let control = try await home.open()
        let (secret, token) = try await control.addToken(
            "ci", scopes: [.read], expiresAt: noon.adding(seconds: 100), by: tester, at: noon)
        let use = { (text: String, seconds: Int) in
            _ = try await control.authorize(token: text, for: .read, at: noon.adding(seconds: seconds))
        }
        #expect(await failure { try await use(secret.text, 99) } == nil)
        #expect(await failure { try await use(secret.text, 100) }?.message.contains("expired") == true)
        try await control.revokeToken(token.id, by: tester, at: noon)
        #expect(await failure { try await use(secret.text, 1) }?.message.contains("revoked") == true)
        #expect(try await control.tokens().map(\.revokedAt) == [noon])
        for text in ["", "x", Secret.generate(.api).text, Secret.generate(.session).text] {
            #expect(await failure { try await use(text, 1) }?.kind == .refused)
        }
        #expect(await failure { try await control.revokeToken(99, by: tester) }?.kind == .notFound)
    }

    @Test("note their last use at most once a minute")
    func lastUse() async throws {
        let control = try await home.open()
        let (secret, _) = try await control.addToken("ci", scopes: [.read], by: tester, at: noon)
        for (seconds, noted) in [(0, 0), (59, 0), (60, 60), (61, 60)] {
            _ = try await control.authorize(token: secret.text, for: .read, at: noon.adding(seconds: seconds))
            #expect(try await control.tokens().first?.lastUsedAt == noon.adding(seconds: noted))
        }
    }
}

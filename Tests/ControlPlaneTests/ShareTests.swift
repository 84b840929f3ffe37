import Foundation
import GRDB
import Primitives
import Testing

@testable import ControlPlane

@Suite("Share links")
struct ShareTests {
    let home = TemporaryHome()

    private func make(_ control: ControlDatabase) async throws -> (secret: Secret, share: Share) {
        try await control.addShare(
            title: "Safety", path: "/", query: "period=7d", bounds: "{}",
            expiresAt: noon.adding(seconds: 3_600),
            by: tester, at: noon)
    }

    @Test("open their page until they end, and the database does not know the link")
    func life() async throws {
        let control = try await home.open()
        let (secret, share) = try await make(control)
        #expect(try await control.share(secret.text, at: noon)?.id == share.id)
        #expect(try await control.share(secret.text, at: noon.adding(seconds: 3_600)) == nil)
        #expect(try home.databaseBytes().range(of: Data(secret.text.utf8)) == nil)
        #expect(try await control.shares(in: "default").map(\.lastUsedAt) == [noon])
    }

    @Test("that were ended open nothing, and the audit log says who made and who ended them")
    func end() async throws {
        let control = try await home.open()
        let (secret, share) = try await make(control)
        try await control.endShare(share.id, by: tester)
        try await control.endShare(share.id, by: tester)
        #expect(try await control.share(secret.text, at: noon) == nil)
        #expect(try await control.auditLog().map(\.action) == ["share.end", "share.add"])
        #expect(await failure { try await control.endShare(99, by: tester) }?.kind == .notFound)
    }

    /// A link for a year that somebody makes who is signed in.
    private func make(_ control: ControlDatabase, by user: User) async throws -> Secret {
        try await control.addShare(
            title: "Safety", path: "/", query: "", bounds: "{}",
            expiresAt: Timestamp.now.adding(seconds: 31_536_000),
            user: user.id, by: .user(user)
        ).secret
    }

    private func states(_ control: ControlDatabase) async throws -> [String] {
        try await control.shares(in: "default").map { share in
            share.state + (share.reason.map { ": \($0)" } ?? "")
        }
    }

    @Test("work while their maker may share, and no longer")
    func maker() async throws {
        let control = try await home.open()
        let (email, password) = ("ada@example.com", "correct horse battery")
        let add = {
            try await control.addUser(email: email, name: "Ada", role: .admin, password: password, by: tester)
        }
        let ada = try await add()
        let link = try await make(control, by: ada)
        let works = { try await control.share(link.text) != nil }
        #expect(try await works())
        for (lapse, restore, state) in [
            (
                { try await control.setRole(of: email, to: .analyst, by: tester) },
                { try await control.setRole(of: email, to: .owner, by: tester) },
                "suspended: its maker may no longer share"
            ),
            (
                { try await control.setUser(email, disabled: true, by: tester) },
                { try await control.setUser(email, disabled: false, by: tester) },
                "suspended: its maker is disabled"
            ),
        ] as [(() async throws -> Void, () async throws -> Void, String)] {
            _ = try await control.addUser(
                email: "\(UUID())@example.com", name: "", role: .owner, password: password, by: tester)
            try await lapse()
            #expect(try await !works())
            #expect(try await states(control) == [state])
            try await restore()
            #expect(try await works())
            #expect(try await states(control) == ["active"])
        }
        try await control.removeUser(email, by: tester)
        _ = try await add()
        #expect(try await !works(), "who has the address now is somebody else")
        #expect(try await states(control) == ["ended: its maker was removed"])
    }

    @Test("of a token end with its being revoked, and not with its time")
    func token() async throws {
        let control = try await home.open()
        let (_, token) = try await control.addToken(
            "ci", scopes: [.admin], expiresAt: Timestamp.now.adding(seconds: -1), by: tester)
        let (secret, _) = try await control.addShare(
            title: "Safety", path: "/", query: "", bounds: "{}",
            expiresAt: Timestamp.now.adding(seconds: 3_600),
            by: .token(token))
        #expect(try await control.share(secret.text) != nil)
        try await control.revokeToken(token.id, by: tester)
        #expect(try await control.share(secret.text) == nil)
        #expect(try await states(control) == ["ended: the token that made it was revoked"])
    }

    @Test("of older versions belong to the user who made them, and to nobody where that one is gone")
    func migration() async throws {
        let control = try await home.open()
        let ada = try await control.addUser(
            email: "ada@example.com", name: "Ada", role: .admin, password: "correct horse battery", by: tester
        )
        let links = [try await make(control, by: ada), try await make(control, by: ada)]
        let (bare, _) = try await make(control)
        // As the version before wrote them; the first is of somebody who had the address before Ada did.
        try await control.write { db in
            try db.execute(
                sql: """
                    UPDATE shares SET created_at = 1 WHERE id = 1;
                    ALTER TABLE shares DROP COLUMN user_id;
                    PRAGMA user_version = 5
                    """)
        }
        try control.close()
        let next = try await home.open()
        #expect(try await next.share(links[0].text) == nil)
        #expect(try await next.share(links[1].text) != nil)
        #expect(try await next.share(bare.text, at: noon) != nil)
    }

    @Test("are of no other kind of secret")
    func kinds() async throws {
        let control = try await home.open()
        _ = try await make(control)
        for kind in Secret.Kind.allCases where kind != .share {
            #expect(try await control.share(Secret.generate(kind).text) == nil)
        }
    }
}

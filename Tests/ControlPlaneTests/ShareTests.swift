import Foundation
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

    @Test("are of no other kind of secret")
    func kinds() async throws {
        let control = try await home.open()
        _ = try await make(control)
        for kind in Secret.Kind.allCases where kind != .share {
            #expect(try await control.share(Secret.generate(kind).text) == nil)
        }
    }
}

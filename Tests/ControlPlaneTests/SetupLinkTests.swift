import Primitives
import Testing

@testable import ControlPlane

@Suite("The set-up link")
struct SetupLinkTests {
    let home = TemporaryHome()
    let password = "correct horse battery"

    @Test("makes one owner, though many spend it at once from two processes' connections")
    func single() async throws {
        let (one, two) = (try await home.open(), try await home.open())
        #expect(try await one.needsSetup())
        let token = try await one.makeSetupLink().secret.text
        let winners = await withTaskGroup(of: User?.self) { group in
            for number in 0..<12 {
                let control = number % 2 == 0 ? one : two
                group.addTask { [password] in
                    try? await control.consumeSetupLink(
                        token, email: "user\(number)@example.com", name: "", password: password)
                }
            }
            return await group.reduce(into: [User]()) { if let user = $1 { $0.append(user) } }
        }
        #expect(winners.count == 1 && winners.first?.role == .owner)
        #expect(try await two.users() == winners)
        #expect(try await !two.needsSetup())
        #expect(await failure { _ = try await one.makeSetupLink() }?.kind == .refused)
    }

    @Test("works for 24 hours, and not after a newer one was made")
    func expiry() async throws {
        let control = try await home.open()
        let old = try await control.makeSetupLink(at: noon)
        let link = try await control.makeSetupLink(at: noon)
        let spend = { (text: String, seconds: Int) in
            _ = try await control.consumeSetupLink(
                text, email: "a@example.com", name: "A", password: password, at: noon.adding(seconds: seconds)
            )
        }
        #expect(await failure { try await spend(old.secret.text, 1) }?.kind == .refused)
        #expect(await failure { try await spend(Secret.generate(.setup).text, 1) }?.kind == .refused)
        #expect(await failure { try await spend(link.secret.text, 86_400) }?.kind == .refused)
        #expect(await failure { try await spend(link.secret.text, 86_399) } == nil)
    }

    @Test("stays good when the password was no good")
    func retry() async throws {
        let control = try await home.open()
        let token = try await control.makeSetupLink().secret.text
        let spend = { (password: String) in
            _ = try await control.consumeSetupLink(
                token, email: "a@example.com", name: "A", password: password)
        }
        #expect(await failure { try await spend("short") }?.kind == .usage)
        #expect(await failure { try await spend(password) } == nil)
    }
}

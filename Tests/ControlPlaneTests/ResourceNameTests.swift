import Primitives
import Testing

@testable import ControlPlane

@Suite("Names of workspaces and sources")
struct ResourceNameTests {
    @Test(
        "are lower-case words",
        arguments: ["a", "0", "shop-eu", "a_b", "9lives", String(repeating: "a", count: 63)])
    func good(_ name: String) { #expect(ResourceName.isValid(name)) }

    @Test(
        "cannot lead elsewhere or be mistaken",
        arguments: [
            "", ".", "..", "../etc", "a/b", "a\\b", "/a", "a/../b", "%2e%2e", "a%2fb", "-a", "_a", "A", "a.b",
            "a b",
            "a\n", "a\0b", "é", "ａ", "a:b", "a?b", "a#b", "~", String(repeating: "a", count: 64),
        ])
    func bad(_ name: String) async throws {
        #expect(!ResourceName.isValid(name))
        let control = try await TemporaryHome().open()
        #expect(
            await failure { _ = try await control.addSource(name, settings: .http, by: tester) }?.kind
                == .usage)
        #expect(await failure { try await control.addWorkspace(name, by: tester) }?.kind == .usage)
    }

    @Test("made at random pass only if they match the rule")
    func random() throws {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("abz09-_.A/%é ~\u{0}")
        for _ in 0..<2_000 {
            let name = String(
                (0..<Int.random(in: 0...5, using: &random)).map { _ in alphabet.randomElement() ?? "a" })
            let matches = name.wholeMatch(of: /[a-z0-9][a-z0-9_\-]{0,62}/) != nil
            #expect(ResourceName.isValid(name) == matches, "\(name)")
        }
    }
}

import Primitives
import Testing

@testable import ControlPlane

@Suite("Settings")
struct SettingTests {
    let home = TemporaryHome()

    @Test("have an initial value and come back as they were set")
    func roundTrip() async throws {
        struct Limits: Codable, Equatable { var rows: Int }
        let control = try await home.open()
        let key = SettingKey("limits", initial: Limits(rows: 1))
        #expect(try await control.setting(key) == Limits(rows: 1))
        #expect(try await control.setting(.publicURL) == nil)
        try await control.set(key, to: Limits(rows: 2), by: tester)
        try await control.set(key, to: Limits(rows: 3), by: tester)
        try await control.set(.publicURL, to: "https://sesame.example.com", by: tester)
        try control.close()
        let again = try await home.open()
        #expect(try await again.setting(key) == Limits(rows: 3))
        #expect(try await again.setting(.publicURL) == "https://sesame.example.com")
        let other = SettingKey("limits", initial: [1])
        #expect(await failure { _ = try await again.setting(other) }?.kind == .storage)
    }
}

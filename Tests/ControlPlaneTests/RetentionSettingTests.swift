import Primitives
import Testing

@testable import ControlPlane

@Suite("How long data is kept, as a setting")
struct RetentionSettingTests {
    @Test(
        "nothing is deleted until it is set; each change is in the audit log, and a contradiction changes nothing"
    )
    func policy() async throws {
        let home = TemporaryHome()
        let control = try await ControlDatabase.open(home: home.url)
        #expect(try await control.retention().isEmpty)
        var policy = RetentionPolicy()
        policy[.events].deleteAfterDays = 400
        #expect(try await control.retentionSetAt() == nil)
        try await control.setRetention(policy, by: .commandLine("ada"), at: Timestamp(microseconds: 5))
        #expect(try await control.retention() == policy)
        #expect(try await control.retentionSetAt() == Timestamp(microseconds: 5))
        let entry = try #require(try await control.auditLog(limit: 1).first)
        #expect(entry.action == "retention.set" && entry.actor == "cli:ada")
        #expect(entry.details["events"] == "delete after 400d" && entry.details["raw"] == "keep")

        var wrong = policy
        wrong[.events].anonymiseAfterDays = 400
        await #expect(throws: Failure.self) { try await control.setRetention(wrong, by: .system) }
        #expect(try await control.retention() == policy)
        #expect(try await control.auditLog(limit: 10).count { $0.action == "retention.set" } == 1)
        try control.close()
    }

    @Test("the clock that was believed goes forward, and back only where somebody says that it is right")
    func clock() async throws {
        let home = TemporaryHome()
        let control = try await ControlDatabase.open(home: home.url)
        #expect(try await control.lastClock() == nil)
        let (early, late) = (
            ClockReading(wall: 1, boot: "a", uptime: 1), ClockReading(wall: 2, boot: "b", uptime: 1)
        )
        try await control.noteClock(late)
        try await control.noteClock(early)
        #expect(try await control.lastClock() == late)
        try await control.noteClock(early, isConfirmed: true)
        #expect(try await control.lastClock() == early)
        try control.close()
    }
}

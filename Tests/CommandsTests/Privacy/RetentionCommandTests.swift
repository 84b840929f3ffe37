import Lake
import Primitives
import Testing

@testable import Commands

@Suite("Retention for people")
struct RetentionCommandTests {
    @Test("days are given with or without their letter", arguments: [("90d", 90), ("1", 1), ("0d", 0)])
    func days(text: String, count: Int) { #expect(Days(argument: text)?.count == count) }

    @Test("other spans are not understood", arguments: ["", "d", "soon", "2y", "1.5d", "90 d"])
    func noDays(text: String) { #expect(Days(argument: text) == nil) }

    @Test("a change reads as a sentence, in the tense that fits")
    func sentences() {
        let change = RetentionChange("events", .delete, days: 1, rows: 12_345, bytes: 1_500_000)
        #expect(change.sentence(isDone: true) == "events  1 day, 12,345 rows, 1.5 MB deleted")
        #expect(
            RetentionChange("raw", .anonymise, days: 2, bytes: 10).sentence(isDone: false)
                == "raw  2 days, 10 B would be made anonymous")
    }

    @Test("the doctor tells limits that nobody applies")
    func doctor() throws {
        let now = Timestamp(microseconds: 1_795_000_000_000_000)
        func level(_ policy: RetentionPolicy, daysAgo: Int64?, failure: String? = nil) -> Finding.Level? {
            var state = RetentionState()
            if let daysAgo {
                var report = RetentionReport(
                    at: Timestamp(microseconds: now.microseconds - daysAgo * 86_400_000_000))
                report.failure = failure
                state.lastRun = report
            }
            return RetentionCheckup(policy: policy, state: state, now: now).findings.first?.level
        }
        var policy = RetentionPolicy()
        #expect(level(policy, daysAgo: nil) == .ok)
        policy[.events].deleteAfterDays = 400
        #expect(level(policy, daysAgo: nil) == .warn)
        #expect(level(policy, daysAgo: 0) == .ok)
        #expect(level(policy, daysAgo: 3) == .warn)
        #expect(level(policy, daysAgo: 0, failure: "the clock jumped") == .warn)
    }
}

import Foundation
import Primitives
import Testing

@Suite("How long data is kept")
struct RetentionPolicyTests {
    private func policy(_ json: String) throws -> RetentionPolicy {
        try JSONDecoder().decode(RetentionPolicy.self, from: Data(json.utf8))
    }

    @Test("it is written as an object by table, and read back")
    func format() throws {
        let json =
            #"{"events":{"anonymise_after_days":90,"delete_after_days":400},"refused":{"delete_after_days":90}}"#
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(String(decoding: try encoder.encode(try policy(json)), as: UTF8.self) == json)
        #expect(try policy("{}").isEmpty)
        #expect(try policy(#"{"events":{"delete_after_days":null}}"#)[.events] == .init())
        #expect(throws: (any Error).self) { try policy(#"{"orders":{"delete_after_days":1}}"#) }
        #expect(throws: (any Error).self) { try policy(#"{"events":{"delete_after":1}}"#) }
    }

    @Test(
        "limits that contradict each other are refused, and the sentence says what to do",
        arguments: [
            (#"{"raw":{"delete_after_days":0}}"#, "1 to 36500"),
            (#"{"events":{"anonymise_after_days":-1}}"#, "1 to 36500"),
            (#"{"raw":{"anonymise_after_days":5}}"#, "set events --anonymise-after"),
            (#"{"messages":{"anonymise_after_days":5}}"#, "set events --anonymise-after"),
            (#"{"refused":{"anonymise_after_days":5}}"#, "set refused --delete-after"),
            (#"{"streams":{"anonymise_after_days":5}}"#, "set streams --delete-after"),
            (
                #"{"events":{"anonymise_after_days":9,"delete_after_days":9},"refused":{"delete_after_days":9}}"#,
                "keep them longer"
            ),
            (#"{"events":{"anonymise_after_days":90}}"#, "set refused --delete-after 90d"),
            (
                #"{"events":{"anonymise_after_days":90},"refused":{"delete_after_days":91}}"#,
                "set refused --delete-after 90d"
            ),
            (#"{"events":{"delete_after_days":9},"messages":{"delete_after_days":10}}"#, "no longer"),
        ])
    func contradictions(json: String, advice: String) throws {
        let policy = try policy(json)
        let failure = #expect(throws: Failure.self) { try policy.check() }
        #expect(failure?.kind == .usage)
        #expect(failure?.message.contains(advice) == true, "\(failure?.message ?? "")")
    }

    @Test(
        "others are taken",
        arguments: [
            "{}", #"{"events":{"anonymise_after_days":90},"refused":{"delete_after_days":90}}"#,
            #"{"events":{"delete_after_days":9},"messages":{"delete_after_days":9}}"#,
            #"{"messages":{"delete_after_days":10},"streams":{"delete_after_days":36500},"raw":{"delete_after_days":1}}"#,
        ])
    func agreements(json: String) throws { try policy(json).check() }

    @Test(
        "a day is due when its last instant has the age, and no instant earlier", arguments: [1, 2, 90, 400])
    func horizons(days: Int) throws {
        let policy = try policy(#"{"events":{"delete_after_days":\#(days)}}"#)
        let day = try #require(CivilDay(iso8601: "2026-08-01"))
        let due = Timestamp(
            microseconds: CivilDay(daysSinceEpoch: day.daysSinceEpoch + 1 + days).start.microseconds)
        let before = Timestamp(microseconds: due.microseconds - 1)
        #expect(try #require(policy.horizons(at: due).deletion[.events]) > day)
        #expect(try #require(policy.horizons(at: before).deletion[.events]) == day)
        #expect(policy.horizons(at: due).deletion[.messages] == policy.horizons(at: due).deletion[.events])
        #expect(policy.horizons(at: due).anonymity == nil)
    }
}

@Suite("Whether the clock is believed")
struct ClockReadingTests {
    private static let day: Int64 = 86_400_000_000
    private let last = ClockReading(wall: 1_000 * day, boot: "a", uptime: 50 * day)

    @Test("what the machine was up explains, and a jump it does not")
    func sameBoot() {
        func doubt(_ wall: Int64, _ uptime: Int64) -> String? {
            ClockReading(wall: wall, boot: "a", uptime: uptime).doubt(after: last, isBorneOut: false)
        }
        #expect(doubt(1_030 * Self.day, 80 * Self.day) == nil)
        #expect(doubt(1_001 * Self.day, 50 * Self.day) == nil)
        #expect(doubt(1_001 * Self.day + 1, 50 * Self.day) != nil)
        #expect(doubt(1_400 * Self.day, 50 * Self.day + 600_000_000)?.contains("600 seconds") == true)
        #expect(doubt(1 * Self.day, 51 * Self.day) == nil)
    }

    @Test("after a start a day is believed, and more only where an event bears it out")
    func otherBoot() {
        let later = ClockReading(wall: 1_003 * Self.day, boot: "b", uptime: 60)
        #expect(later.doubt(after: last, isBorneOut: false)?.contains("started") == true)
        #expect(later.doubt(after: last, isBorneOut: true) == nil)
        #expect(
            ClockReading(wall: 1_001 * Self.day, boot: "b", uptime: 60).doubt(after: last, isBorneOut: false)
                == nil)
    }

    @Test("a clock of which nothing is known is not believed")
    func first() {
        #expect(last.doubt(after: nil, isBorneOut: false) != nil)
        #expect(last.doubt(after: nil, isBorneOut: true) == nil)
    }

    @Test("this machine's clock goes with its uptime")
    func now() {
        let (one, two) = (ClockReading.now, ClockReading.now)
        #expect(one.boot == two.boot && one.uptime <= two.uptime)
        #expect(two.doubt(after: one, isBorneOut: false) == nil)
    }
}

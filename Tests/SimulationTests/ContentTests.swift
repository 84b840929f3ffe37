import Foundation
import Simulation
import Testing

@Suite struct `The events` {
    /// Generated and parsed once for all tests.
    private static let shared = Result {
        try SimulatedOutput(SimulationOptions(messages: 20_000, seed: 3)).events()
    }
    private let events: [ParsedEvent]

    init() throws { events = try Self.shared.get() }

    private func all(_ type: String) -> [ParsedEvent] { events.filter { $0.type == type } }

    @Test func `are of all ten types, about four to a message`() {
        #expect(Set(events.map(\.type)).count == 10)
        #expect((3.5...4.5).contains(Double(events.count) / 20_000))
    }

    @Test func `carry the tags of their stream, and SES's own address only once it tried`() {
        for event in events {
            #expect(
                ["transactional", "marketing", "newsletter"].contains(event.tag("ses:configuration-set")))
            #expect(event.tag("campaign") != nil && event.tag("team") != nil)
            #expect(event.tag("ses:operation") != nil && event.tag("ses:caller-identity") != nil)
        }
        #expect(all("Send").allSatisfy { $0.tag("ses:outgoing-ip") == nil })
        #expect(all("Delivery").allSatisfy { $0.tag("ses:outgoing-ip") != nil })
    }

    @Test func `have message ids that tell the time of sending`() throws {
        for event in events.prefix(500) {
            let sent = try Date(
                event.sentAt,
                strategy: .iso8601.year().month().day()
                    .time(includingFractionalSeconds: true))
            let milliseconds = Int64((sent.timeIntervalSince1970 * 1_000).rounded())
            let hex = try #require(Int64(event.messageID.dropFirst(4).prefix(12), radix: 16))
            #expect(event.messageID.hasPrefix("0102") && event.messageID.hasSuffix("-000000"))
            #expect(event.messageID.count == 60)
            #expect(hex == milliseconds)
        }
    }

    @Test func `lack the subject at Send where a template makes it`() {
        let bare = all("Send").filter { $0.commonHeaders?["subject"] == nil }
        #expect(!bare.isEmpty)
        #expect(bare.allSatisfy { $0.tag("ses:operation")?.contains("Templated") == true })
        #expect(all("Delivery").allSatisfy { $0.commonHeaders?["subject"] != nil })
    }

    @Test func `name no recipient at opens and clicks, nor an ARN`() {
        for event in all("Open") + all("Click") {
            #expect(event.object["recipients"] == nil)
            #expect(event.mail["sourceArn"] == nil)
        }
        #expect(all("Open").contains { $0.destination.count > 1 })
    }

    @Test func `keep complaints of Gmail and iCloud away`() {
        let complainers = all("Complaint").flatMap(\.recipients)
        #expect(!complainers.isEmpty)
        for ending in ["@gmail.com", "@googlemail.com", "@icloud.com"] {
            #expect(!complainers.contains { $0.hasSuffix(ending) })
        }
    }

    @Test func `suppress an address after its hard bounce`() {
        let bounces = all("Bounce")
        let hard = bounces.filter { ["NoEmail", "General"].contains($0.text("bounceSubType")) }
            .filter { $0.text("bounceType") == "Permanent" }
        let suppressed = bounces.filter { $0.text("bounceSubType") == "OnAccountSuppressionList" }
        let firstBounce = Dictionary(hard.map { ($0.recipients[0], $0.time) }, uniquingKeysWith: min)
        #expect(!suppressed.isEmpty)
        for event in suppressed {
            #expect(firstBounce[event.recipients[0]].map { $0 <= event.sentAt } == true)
        }
    }

    @Test func `delay mail to full mailboxes before it bounces, and end some of them hard`() {
        let delayed = Set(all("DeliveryDelay").map(\.messageID))
        let full = all("Bounce").filter { $0.text("bounceSubType") == "MailboxFull" }
        #expect(!full.isEmpty)
        #expect(full.allSatisfy { delayed.contains($0.messageID) })
        let hard = Set(all("Bounce").filter { $0.text("bounceType") == "Permanent" }.map { $0.recipients[0] })
        #expect(full.contains { hard.contains($0.recipients[0]) })
    }

    @Test func `bounce some mail after its delivery`() {
        let delivered = Dictionary(
            all("Delivery").filter { $0.destination.count == 1 }.map { ($0.messageID, $0.time) },
            uniquingKeysWith: min)
        #expect(
            all("Bounce").contains { event in delivered[event.messageID].map { $0 < event.time } == true })
    }

    @Test func `include sweeps of several links within seconds`() {
        func isSweep(_ clicks: [ParsedEvent]) -> Bool {
            let first = Array(clicks.prefix(3))
            guard first.count == 3 else { return false }
            // Within ten seconds by text: only the last digit of the second and the fraction may differ.
            let links = Set(first.map { $0.text("link") ?? "" })
            return links.count == 3 && first[0].time.prefix(18) == first[2].time.prefix(18)
        }
        let sweeps = Dictionary(grouping: all("Click"), by: \.messageID).values.filter(isSweep)
        #expect(sweeps.count > 100)
    }

    @Test func `tag some links and leave others with null`() {
        let clicks = all("Click")
        #expect(clicks.contains { $0.object["linkTags"] is [String: [String]] })
        #expect(clicks.contains { $0.object["linkTags"] is NSNull })
    }

    @Test func `go to several recipients in about three of a hundred messages`() {
        let sends = all("Send")
        let share = Double(sends.count { $0.destination.count > 1 }) / Double(sends.count)
        #expect((0.02...0.04).contains(share))
        let deliveries = all("Delivery")
        #expect(deliveries.contains { $0.recipients.count > 1 })
        #expect(deliveries.contains { $0.recipients.count < $0.destination.count })
        #expect(sends.allSatisfy { Set($0.destination).count == $0.destination.count })
    }
}

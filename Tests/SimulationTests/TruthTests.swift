import Foundation
import Primitives
import Simulation
import Testing

@Suite struct `The truth` {
    private static let options = SimulationOptions(
        messages: 12_000, days: 20, seed: 42, duplicates: 0.01, outOfOrder: 0.05)

    /// Counts the output as someone would who has nothing but the lines.
    private func recount(_ output: SimulatedOutput) throws -> SimulationTruth {
        let events = try Set(output.lines).map(ParsedEvent.init)
        var counted = output.truth
        counted.lines = output.lines.count
        counted.bytes = output.lines.reduce(0) { $0 + $1.count + 1 }
        counted.events = events.count
        counted.duplicates = output.lines.count - events.count
        counted.by_type = count(events) { $0.type }
        counted.by_day = countByType(events) { String($0.time.prefix(10)) }
        counted.by_configuration_set = countByType(events) { $0.tag("ses:configuration-set") }
        counted.by_campaign = countByType(events) { $0.tag("campaign") }
        counted.by_recipient_domain = countByType(events) { event in
            event.recipients.count == 1
                ? event.recipients[0].split(separator: "@").last.map(String.init) : nil
        }
        counted.multi_recipient_events = count(events.filter { $0.recipients.count > 1 }) { $0.type }
        counted.bounces = count(events.filter { $0.type == "Bounce" }) {
            "\($0.text("bounceType") ?? "?")/\($0.text("bounceSubType") ?? "?")"
        }
        let complaints = events.filter { $0.type == "Complaint" }
        counted.complaints = count(complaints) { $0.text("complaintFeedbackType") ?? "none" }
        counted.complaint_subtypes = count(complaints) { $0.text("complaintSubType") ?? "none" }
        counted.delays = count(events.filter { $0.type == "DeliveryDelay" }) { $0.text("delayType") ?? "?" }
        recountMessages(events, &counted)
        return counted
    }

    private func recountMessages(_ events: [ParsedEvent], _ counted: inout SimulationTruth) {
        let messages = Dictionary(grouping: events, by: \.messageID).values
        let opened = messages.filter { $0.contains { $0.type == "Open" } }
        counted.messages = messages.count
        counted.multi_recipient_messages = messages.count { ($0.first?.destination.count ?? 0) > 1 }
        counted.opened_messages = opened.count
        counted.clicked_messages = messages.count { $0.contains { $0.type == "Click" } }
        counted.opened_not_clicked_messages = opened.count { !$0.contains { $0.type == "Click" } }
        counted.first_event = events.map(\.time).min() ?? ""
        counted.last_event = events.map(\.time).max() ?? ""
    }

    private func count(_ events: [ParsedEvent], by key: (ParsedEvent) -> String) -> [String: Int] {
        events.reduce(into: [:]) { $0[key($1), default: 0] += 1 }
    }

    private func countByType(
        _ events: [ParsedEvent], by key: (ParsedEvent) -> String?
    ) -> [String: [String: Int]] {
        events.reduce(into: [:]) { counts, event in
            if let key = key(event) { counts[key, default: [:]][event.type, default: 0] += 1 }
        }
    }

    @Test func `equals a recount of the output`() throws {
        let output = try SimulatedOutput(Self.options)
        #expect(try recount(output) == output.truth)
    }

    @Test func `names the machines that the output only hints at`() throws {
        let output = try SimulatedOutput(Self.options)
        let events = try Set(output.lines).map(ParsedEvent.init)
        let opens = events.filter { $0.type == "Open" }
        let agents = opens.map { $0.text("userAgent") ?? "" }
        let truth = output.truth
        #expect(truth.opens_by_cause["apple_prefetch"] == agents.count { $0 == "Mozilla/5.0" })
        #expect(
            truth.opens_by_cause["reader_gmail_proxy"] == agents.count { $0.contains("GoogleImageProxy") })
        #expect(truth.opens_by_cause["reader_yahoo_proxy"] == agents.count { $0.contains("YahooMailProxy") })
        #expect(truth.opens_by_cause.values.reduce(0, +) == opens.count)
        #expect(truth.clicks_by_cause.values.reduce(0, +) == truth.by_type["Click"])
        #expect(truth.machine_opens > 0 && truth.machine_clicks > 0)
        #expect(truth.reader_opened_messages < truth.opened_messages)
    }

    @Test func `is written with sorted keys and reads back`() throws {
        let truth = try SimulatedOutput(SimulationOptions(messages: 100)).truth
        let json = try truth.json()
        #expect(try JSONDecoder().decode(SimulationTruth.self, from: json) == truth)
        #expect(json.last == UInt8(ascii: "\n"))
        let text = String(decoding: json, as: UTF8.self)
        let keys = text.split(separator: "\n").filter { $0.hasPrefix("  \"") }
        #expect(keys == keys.sorted())
    }
}

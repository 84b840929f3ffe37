import Crypto
import Foundation
import Primitives

@testable import Analytics

/// What metrics are, once more and as plainly as can be: loops over events, which share no code with the SQL.
struct NaiveCount {
    /// A mail's part in an event.
    struct Fact {
        var event: TestEvent
        var recipient: String?
        var domain: String?
        var isMachine: Bool?
        var mail: String { "\(event.message)|\(recipient ?? "-")" }
        var isReal: Bool { domain != "simulator.amazonses.com" }
    }

    let events: [TestEvent]
    let now: Timestamp
    let judged: [Fact]

    init(_ events: [TestEvent], now: Timestamp) {
        self.events = events
        self.now = now
        judged = events.flatMap { event in Self.facts(event, Self.verdict(event, events)) }
    }

    // MARK: - Facts

    private static func facts(_ event: TestEvent, _ isMachine: Bool?) -> [Fact] {
        var recipients: [String?] = event.recipients.map { $0.lowercased() }
        if event.type == "Complaint" { recipients = Array(recipients.prefix(1)) }
        if event.isEngagement && recipients.count != 1 { recipients = [] }
        var seen: Set<String> = []
        recipients = recipients.filter { seen.insert($0 ?? "").inserted }
        if recipients.isEmpty { recipients = [nil] }
        return recipients.map {
            Fact(event: event, recipient: $0, domain: $0.flatMap(TestEvent.domain), isMachine: isMachine)
        }
    }

    private static func verdict(_ event: TestEvent, _ all: [TestEvent]) -> Bool? {
        guard event.isEngagement else { return nil }
        if event["is_machine"] == "true" { return true }
        let engaged = all.filter(\.isEngagement)
        func near(_ seconds: Int64, _ also: (TestEvent) -> Bool) -> [TestEvent] {
            engaged.filter {
                abs($0.at.microseconds - event.at.microseconds) <= seconds * 1_000_000 && also($0)
            }
        }
        let links = Set(near(5) { $0.message == event.message }.compactMap { $0["link"] })
        let sameAddress = Set(
            near(5) { $0.message == event.message && $0["ip_address"] == event["ip_address"] }.compactMap {
                $0["link"]
            })
        let messages = Set(near(10) { $0["ip_address"] == event["ip_address"] }.map(\.message))
        let isFast = all.contains {
            $0.type == "Delivery" && $0.message == event.message && $0.at <= event.at
                && event.at.microseconds - $0.at.microseconds < 5_000_000
        }
        if event.type == "Click", isFast || links.count >= 3 { return true }
        guard event["machine_rule"] == nil else { return false }
        if event["ip_address"] != nil, messages.count >= 5 { return true }
        return event.type == "Open" && sameAddress.count >= 3
    }

    // MARK: - Rules

    private static func isListed(_ event: TestEvent) -> Bool {
        ["OnAccountSuppressionList", "OnTenantSuppressionList"].contains(event["bounce_subtype"])
    }

    private static func isCountedBounce(_ fact: Fact) -> Bool {
        fact.event.type == "Bounce" && fact.event["bounce_type"] == "Permanent" && !isListed(fact.event)
            && fact.isReal
    }

    private static func isComplaint(_ fact: Fact) -> Bool {
        fact.event.type == "Complaint" && fact.event["complaint_feedback_type"] != "not-spam"
    }

    private static func isCountedComplaint(_ fact: Fact) -> Bool {
        isComplaint(fact) && fact.event["complaint_subtype"] == nil && fact.isReal
    }

    private static func left(_ text: String?) -> (all: Bool, topics: Int) {
        (
            text?.contains(#""unsubscribeAll":true"#) ?? false,
            (text ?? "").components(separatedBy: "OptOut").count - 1
        )
    }

    private static func isUnsubscribe(_ event: TestEvent) -> Bool {
        guard let new = event["subscription_new"] else { return true }
        let (before, after) = (left(event["subscription_old"]), left(new))
        return after.all && !before.all || after.topics > before.topics
    }

    func isSettled(_ fact: Fact) -> Bool {
        judged.contains { other in
            other.mail == fact.mail && other.event.at >= fact.event.at
                && (["Delivery", "Bounce", "Reject", "Rendering Failure"].contains(other.event.type)
                    || other.event.type == "Complaint" && other.event["complaint_subtype"] != nil)
        }
    }

    private func isAnswered(_ fact: Fact) -> Bool {
        judged.contains { other in
            other.mail == fact.mail && other.event.at >= fact.event.at
                && ["Open", "Click", "Complaint", "Subscription"].contains(other.event.type)
        }
    }

    /// What happened to a mail at any time.
    func was(_ what: String, _ fact: Fact) -> Bool {
        judged.contains { other in
            guard other.mail == fact.mail else { return false }
            let type = other.event.type
            return switch what {
            case "was_sent": type == "Send"
            case "was_delivered": type == "Delivery"
            case "was_bounced": type == "Bounce"
            case "was_complained": Self.isComplaint(other)
            case "was_opened": type == "Open"
            case "was_clicked": type == "Click"
            case "was_opened_by_person": type == "Open" && other.isMachine == false
            default: type == "Click" && other.isMachine == false
            }
        }
    }

    // MARK: - Metrics

    /// A metric over facts; nil is null.
    func value(_ name: String, _ facts: [Fact]) -> Double? {
        func count(_ type: String, _ also: (Fact) -> Bool = { _ in true }) -> Double {
            Double(facts.filter { $0.event.type == type && also($0) }.count)
        }
        func unique(_ type: String, _ also: (Fact) -> Bool = { _ in true }) -> Double {
            Double(Set(facts.filter { $0.event.type == type && also($0) }.map(\.mail)).count)
        }
        func rate(_ above: String, _ below: String) -> Double? {
            guard let one = value(above, facts), let other = value(below, facts), other != 0 else {
                return nil
            }
            return one / other
        }
        switch name {
        case "sends": return count("Send")
        case "deliveries": return count("Delivery")
        case "delivery_rate": return rate("deliveries", "sends")
        case "events": return Double(Set(facts.map(\.event.id)).count)
        case "mails": return Double(Set(facts.map(\.mail)).count)
        case "messages": return Double(Set(facts.map(\.event.message)).count)
        case "senders": return Double(Set(facts.compactMap { $0.event["sender"] }).count)
        case "bounces": return count("Bounce")
        case "hard_bounces": return count("Bounce") { $0.event["bounce_type"] == "Permanent" }
        case "soft_bounces": return count("Bounce") { $0.event["bounce_type"] == "Transient" }
        case "undetermined_bounces": return count("Bounce") { $0.event["bounce_type"] == "Undetermined" }
        case "list_suppressed": return count("Bounce") { Self.isListed($0.event) && $0.isReal }
        case "suppressed":
            return count("Bounce") { Self.isListed($0.event) || $0.event["bounce_subtype"] == "Suppressed" }
                + count("Complaint") { $0.event["complaint_subtype"] != nil }
        case "real_sends": return count("Send", \.isReal)
        case "eligible_sends":
            return max(0, (value("real_sends", facts) ?? 0) - (value("list_suppressed", facts) ?? 0))
        case "counted_bounces": return count("Bounce", Self.isCountedBounce)
        case "bounce_rate": return rate("counted_bounces", "eligible_sends")
        case "complaints": return count("Complaint", Self.isComplaint)
        case "counted_complaints": return count("Complaint", Self.isCountedComplaint)
        case "complaint_rate": return rate("counted_complaints", "eligible_sends")
        case "opens": return count("Open")
        case "human_opens": return count("Open") { $0.isMachine == false }
        case "machine_clicks": return count("Click") { $0.isMachine == true }
        case "unique_opens": return unique("Open")
        case "unique_human_opens": return unique("Open") { $0.isMachine == false }
        case "unique_clicks": return unique("Click")
        case "unique_human_clicks": return unique("Click") { $0.isMachine == false }
        case "open_rate": return rate("unique_human_opens", "deliveries")
        case "click_to_open_rate": return rate("unique_human_clicks", "unique_human_opens")
        case "unsubscribes": return count("Subscription") { Self.isUnsubscribe($0.event) }
        case "delayed_mails": return unique("DeliveryDelay")
        case "delay_rate": return rate("delayed_mails", "sends")
        case "open_delays": return unique("DeliveryDelay") { !isSettled($0) && !isAnswered($0) }
        case "reach":
            return Double(Set(facts.filter { $0.event.type == "Delivery" }.compactMap(\.recipient)).count)
        case "frequency": return rate("deliveries", "reach")
        case "settled_sends": return count("Send", isSettled)
        case "due_sends":
            return count("Send") { isSettled($0) || $0.event.sentAt < now.moved(by: -6 * 3_600_000_000) }
        case "intake_completeness": return rate("settled_sends", "due_sends")
        case "time_to_deliver_p50": return percentile(0.5, deliveryTimes(facts))
        case "time_to_deliver_p90": return percentile(0.9, deliveryTimes(facts))
        case "time_to_open_p50": return percentile(0.5, openingTimes(facts))
        default: return nil
        }
    }

    private func deliveryTimes(_ facts: [Fact]) -> [Double] {
        facts.filter { $0.event.type == "Delivery" }.compactMap {
            $0.event["delivery_processing_ms"].flatMap(Double.init)
        }
    }

    private func openingTimes(_ facts: [Fact]) -> [Double] {
        facts.filter { $0.event.type == "Send" }.compactMap { send in
            let opens = judged.filter {
                $0.mail == send.mail && $0.event.type == "Open" && $0.isMachine == false
            }
            return opens.map(\.event.at).min().map { first in
                max(0, Double(first.microseconds / 1_000 - send.event.sentAt.microseconds / 1_000))
            }
        }
    }

    private func percentile(_ share: Double, _ unsorted: [Double]) -> Double? {
        let values = unsorted.map(Self.withThreeDigits).sorted()
        guard !values.isEmpty else { return nil }
        let place = share * Double(values.count - 1)
        let (low, high) = (values[Int(place)], values[min(Int(place) + 1, values.count - 1)])
        return low + (high - low) * (place - place.rounded(.down))
    }

    private static func withThreeDigits(_ value: Double) -> Double {
        var unit = 1.0
        while value / unit >= 1000 { unit *= 10 }
        return (value / unit).rounded(.toNearestOrAwayFromZero) * unit
    }

    /// Volume, bounces and complaints of the newest eligible mails among Sends.
    func representative(_ sends: [Fact], _ most: Int) -> (volume: Int, bounces: Int, complaints: Int) {
        let mails = eligible(sends).suffix(most)
        return (
            mails.count,
            mails.filter { mail in judged.contains { $0.mail == mail.mail && Self.isCountedBounce($0) } }
                .count,
            mails.filter { mail in judged.contains { $0.mail == mail.mail && Self.isCountedComplaint($0) } }
                .count
        )
    }

    /// By which mails of the same time are ordered.
    private static func key(_ fact: Fact) -> String {
        let text =
            "\(fact.event.message.count):\(fact.event.message)" + (fact.recipient.map { "/\($0)" } ?? "")
        return Insecure.MD5.hash(data: Array(text.utf8)).map { String(Int($0) + 256, radix: 16) }.joined()
    }

    /// Eligible mails in their order.
    private func eligible(_ sends: [Fact]) -> [Fact] {
        sends.filter { send in
            send.event.type == "Send" && send.isReal
                && !judged.contains {
                    $0.mail == send.mail && $0.event.type == "Bounce" && Self.isListed($0.event)
                }
        }.sorted { ($0.event.sentAt, Self.key($0)) < ($1.event.sentAt, Self.key($1)) }
    }
}

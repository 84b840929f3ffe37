import Primitives
import TestSupport

@testable import Analytics

/// Small sets of events in which everything odd is frequent: few addresses, few minutes, several recipients.
struct RandomEvents {
    var random: SeededGenerator
    private let start = Timestamp("2026-03-20T20:00:00Z")
    /// A moment at which many messages are sent.
    private var rush: Timestamp

    init(seed: Int) {
        random = SeededGenerator(seed: seed)
        rush = start
        rush = moment()
    }

    /// In twelve days around the night in which clocks are put forward.
    private mutating func moment() -> Timestamp {
        start.moved(by: Int64.random(in: 0..<12 * 24 * 12, using: &random) * 300_000_000)
    }

    private static let addresses = [
        "ann@gmail.com", "Ann@gmail.com", "bob@hotmail.co.uk", "cy@example.org", "dora@gmx.net",
        "bounce@simulator.amazonses.com", "ann+tag@gmail.com",
    ]
    private static let types = [
        "Send", "Delivery", "Bounce", "Complaint", "Open", "Click", "Open", "Click", "DeliveryDelay",
        "Subscription",
        "Reject", "Rendering Failure",
    ]
    private static let links = (1...4).map { "https://x.example/\($0)" }

    mutating func pick<T>(_ list: [T]) -> T { list[Int.random(in: 0..<list.count, using: &random)] }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    mutating func events() -> [TestEvent] {
        (0..<Int.random(in: 0...14, using: &random)).flatMap { messageEvents($0) }
    }

    /// The event as one of another message.
    static func renamed(_ event: TestEvent) -> TestEvent {
        var event = event
        event.message += "-b"
        event.id += "-b"
        return event
    }

    private mutating func messageEvents(_ number: Int) -> [TestEvent] {
        let sentAt = chance(50) ? rush : moment()
        let count = chance(70) ? 1 : Int.random(in: 2...3, using: &random)
        let destination = (0..<count).map { _ in pick(Self.addresses) }
        var common = ["source_name": pick(["one", "two"]), "sender": pick(["a@s.example", "b@s.example"])]
        if chance(70) { common["configuration_set"] = pick(["marketing", "system"]) }
        let subject: String? = chance(70) ? pick(["Hello", "Offer"]) : nil
        let tags = chance(60) ? ["campaign": pick(["spring", "summer"])] : [:]
        var events: [TestEvent] = []
        for (place, type) in Self.types.enumerated() where chance(type == "Send" ? 90 : 35) {
            var event = TestEvent(
                type: type, at: sentAt, sentAt: sentAt, message: "message-\(number)",
                destination: destination,
                recipients: destination)
            event.id = "\(number)-\(place)"
            event.columns = common
            event.tags = tags
            if type != "Send" || chance(50) { event["subject"] = subject }
            finish(&event)
            events.append(event)
        }
        return events
    }

    private mutating func finish(_ event: inout TestEvent) {
        if !["Send", "Reject", "Rendering Failure"].contains(event.type) {
            let most: Int64 = chance(60) ? 12 : 300_000
            event.at = event.sentAt.moved(by: Int64.random(in: 0...most, using: &random) * 1_000_000)
        }
        if ["Delivery", "Bounce", "Complaint", "DeliveryDelay"].contains(event.type), chance(50) {
            event.recipients = [pick(event.destination)]
        }
        switch event.type {
        case "Delivery":
            let most = pick([9, 900, 3_000_000])
            event["delivery_processing_ms"] =
                chance(90) ? String(Int.random(in: 0...most, using: &random)) : nil
        case "Bounce":
            event["bounce_type"] = pick(["Permanent", "Permanent", "Transient", "Undetermined"])
            event["bounce_subtype"] = pick([
                "General", "Suppressed", "OnAccountSuppressionList", "OnTenantSuppressionList", "NoEmail",
            ])
        case "Complaint":
            if chance(70) { event["complaint_feedback_type"] = pick(["abuse", "not-spam", "fraud"]) }
            if chance(20) { event["complaint_subtype"] = "OnAccountSuppressionList" }
        case "Open", "Click": finishEngagement(&event)
        case "Subscription":
            event["subscription_new"] = chance(90) ? preferences() : nil
            event["subscription_old"] = chance(80) ? preferences() : nil
        default: break
        }
    }

    private mutating func finishEngagement(_ event: inout TestEvent) {
        if event.destination.count > 1 { event.recipients = [] }
        event["ip_address"] = chance(90) ? pick(["192.0.2.1", "192.0.2.2"]) : nil
        if event.type == "Click" { event["link"] = pick(Self.links) }
        let isMachine = chance(20)
        event["is_machine"] = isMachine ? "true" : "false"
        event["machine_rule"] = isMachine ? "scanner" : chance(20) ? "gmail-proxy" : nil
    }

    private mutating func preferences() -> String {
        let (all, out) = (chance(30), Int.random(in: 0...2, using: &random))
        let topics = (0..<3).map {
            #"{"topicName":"t\#($0)","subscriptionStatus":"\#($0 < out ? "OptOut" : "OptIn")"}"#
        }
        return #"{"unsubscribeAll":\#(all),"topicSubscriptionStatus":[\#(topics.joined(separator: ","))]}"#
    }
}

import Foundation
import Simulation
import Testing

/// A finished run: its lines without newlines, and its truth.
struct SimulatedOutput {
    var lines: [Data]
    var truth: SimulationTruth

    init(_ options: SimulationOptions) throws {
        var simulator = try TrafficSimulator(options)
        var lines: [Data] = []
        truth = try simulator.run { line in
            #expect(line.last == UInt8(ascii: "\n"))
            lines.append(Data(line.dropLast()))
        }
        self.lines = lines
    }

    /// All lines as events.
    func events() throws -> [ParsedEvent] { try lines.map(ParsedEvent.init) }
}

/// An event as read back by a parser that knows nothing of the simulation.
///
/// Unchecked because the parser's dictionaries hold `Any`; nothing changes them after they are read.
struct ParsedEvent: @unchecked Sendable {
    let json: [String: Any]
    let mail: [String: Any]
    /// The object that belongs to the type.
    let object: [String: Any]
    let type: String

    private static let objectNames = [
        "Send": "send", "Delivery": "delivery", "Bounce": "bounce", "Complaint": "complaint",
        "Reject": "reject",
        "Open": "open", "Click": "click", "Rendering Failure": "failure", "DeliveryDelay": "deliveryDelay",
        "Subscription": "subscription",
    ]

    init(_ line: Data) throws {
        json = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
        type = try #require(json["eventType"] as? String)
        mail = try #require(json["mail"] as? [String: Any])
        object = try #require(json[Self.objectNames[type] ?? ""] as? [String: Any])
        try #require(json.count == 3)
    }

    var messageID: String { mail["messageId"] as? String ?? "" }
    var sentAt: String { mail["timestamp"] as? String ?? "" }
    var time: String { object["timestamp"] as? String ?? sentAt }
    var destination: [String] { mail["destination"] as? [String] ?? [] }
    var commonHeaders: [String: Any]? { mail["commonHeaders"] as? [String: Any] }

    /// The recipients of this event, else those of the message.
    var recipients: [String] {
        if let named = object["recipients"] as? [String] { return named }
        for key in ["bouncedRecipients", "complainedRecipients", "delayedRecipients"] {
            if let named = object[key] as? [[String: Any]] {
                return named.compactMap { $0["emailAddress"] as? String }
            }
        }
        return destination
    }

    func text(_ key: String) -> String? { object[key] as? String }

    func tag(_ name: String) -> String? { (mail["tags"] as? [String: [String]])?[name]?.first }

    /// What tells one event from another, by the rule of the lake.
    var identity: [String] {
        [type, messageID, time] + recipients
            + ["feedbackId", "ipAddress", "userAgent", "link"].map { text($0) ?? "" }
    }
}

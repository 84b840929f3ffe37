import Primitives
import Scanning

/// A mail that never was, to see whether events find their way: its Send and its Delivery, as SES writes them.
///
/// It is to SES's mailbox simulator, which no rate of the reputation counts, and has an outcome, so that nothing seems to be missing.
/// Whoever meets it knows it: by `sesame-test` in its message id, by its subject, and by a sender whose domain cannot exist (RFC 2606).
public struct TestEvents: Sendable {
    /// The id of the mail; it has its time in the place where SES has it.
    public let messageID: String
    /// The two events, a line each.
    public let lines: [UInt8]
    /// How many they are.
    public static let count = 2

    /// The events of a mail that was sent just now.
    ///
    /// - Parameter source: the source that is tried, which the subject names.
    public init(source: String, at now: Timestamp = .now, random: UInt64 = .random(in: .min ... .max)) {
        messageID =
            "0100\(Self.hex(UInt64(now.microseconds / 1_000), 12))-sesame-test-\(Self.hex(random, 12))-000000"
        let (time, subject) = (now.iso8601, JSONText.quoted("Sesame test of \(source)"))
        let mail = """
            "mail":{"timestamp":"\(time)","source":"test@sesame.invalid","messageId":"\(messageID)",\
            "destination":["\(Self.recipient)"],"headersTruncated":false,"headers":[{"name":"Subject","value":\(subject)}],\
            "commonHeaders":{"from":["test@sesame.invalid"],"to":["\(Self.recipient)"],"subject":\(subject)},\
            "tags":{"sesame-test":["true"]}}
            """
        let delivery = """
            "delivery":{"timestamp":"\(time)","processingTimeMillis":0,"recipients":["\(Self.recipient)"],\
            "smtpResponse":"250 2.0.0 a test of Sesame, no mail was sent","reportingMTA":"sesame.invalid"}
            """
        lines = Array(
            """
            {"eventType":"Send",\(mail),"send":{}}
            {"eventType":"Delivery",\(mail),\(delivery)}

            """.utf8)
    }

    private static let recipient = "success+sesame-test@simulator.amazonses.com"

    private static func hex(_ value: UInt64, _ digits: Int) -> String {
        let text = String(value & (1 << (4 * UInt64(digits)) - 1), radix: 16)
        return String(repeating: "0", count: digits - text.count) + text
    }
}

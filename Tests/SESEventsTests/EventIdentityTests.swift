import Foundation
import Testing
import TestSupport

@testable import SESEvents

private let click = """
    {"eventType":"Click","click":{"timestamp":"2026-08-01T12:09:40.000Z","ipAddress":"203.0.113.78","userAgent":"A",\
    "link":"https://example.com","linkTags":{"b":["2"],"a":["1"]},"new":{"z":1,"y":[2,{"q":1,"p":2}]}},\
    "mail":{"timestamp":"2026-08-01T12:00:00.123Z","messageId":"m-1","destination":["ada@example.net"],\
    "headers":[{"name":"N","value":"V"}],"tags":{"x":["1"],"ses:configuration-set":["s"]},"later":true}}
    """

@Suite("Event identity")
struct EventIdentityTests {
    @Test("the order of JSON keys changes no column", arguments: 0..<50)
    func keyOrder(seed: Int) throws {
        var generator = SeededGenerator(state: UInt64(seed))
        let document = try JSONSerialization.jsonObject(with: Data(click.utf8))
        let shuffled = render(document, using: &generator)
        #expect(try decode(shuffled) == decode(click))
    }

    @Test("an identity notification and its event-publishing twin are one event")
    func twins() throws {
        let bounce = """
            "bounce":{"feedbackId":"f","bounceType":"Permanent","bounceSubType":"General","timestamp":"2026-08-01T12:00:02Z",\
            "bouncedRecipients":[{"emailAddress":"Ada@example.net"}]}
            """
        let published = try decode(
            "{\"eventType\":\"Bounce\",\(bounce),\"mail\":{\"timestamp\":\"2026-08-01T12:00:00Z\",\"messageId\":\"m\",\"tags\":{\"a\":[\"b\"]}}}"
        )
        let notified = try decode(
            "{\"notificationType\":\"Bounce\",\(bounce),\"mail\":{\"timestamp\":\"2026-08-01T12:00:00Z\",\"messageId\":\"m\",\"sourceIp\":\"192.0.2.1\"}}"
        )
        #expect(published["event_id"] == notified["event_id"])
        #expect(notified["is_notification"] == "true")
    }

    @Test("a feedback id alone is no identity")
    func sharedFeedbackID() throws {
        let bounce = { (recipient: String) in
            try decode(
                """
                {"eventType":"Bounce","bounce":{"feedbackId":"f","timestamp":"2026-08-01T12:00:02Z","bouncedRecipients":\
                [{"emailAddress":"\(recipient)"}]},"mail":{"timestamp":"2026-08-01T12:00:00Z","messageId":"m"}}
                """)["event_id"]
        }
        #expect(try bounce("a@example.net") != bounce("b@example.net"))
        #expect(try bounce("a@example.net") == bounce("A@EXAMPLE.net"))
    }

    // Computed with another implementation (the Python package xxhash) from the parts that EventIdentity names.
    @Test("the identity of a known event never changes between versions")
    func fixed() throws {
        #expect(try decode(click)["event_id"] == "241dc291891eaa9b6c22c03c919ab484")
    }

    private func render(_ value: Any, using generator: inout SeededGenerator) -> String {
        switch value {
        case let object as [String: Any]:
            let members = object.keys.sorted().shuffled(using: &generator)
                .map { "\"\($0)\":" + render(object[$0] ?? NSNull(), using: &generator) }
            return "{" + members.joined(separator: ",") + "}"
        case let array as [Any]:
            return "[" + array.map { render($0, using: &generator) }.joined(separator: ",") + "]"
        case let text as String: return "\"\(text)\""
        case let number as NSNumber where CFGetTypeIDIsBoolean(number):
            return number.boolValue ? "true" : "false"
        default: return "\(value)"
        }
    }

    private func CFGetTypeIDIsBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }
}

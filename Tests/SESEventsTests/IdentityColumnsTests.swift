import Testing

@testable import SESEvents

@Suite("Identity from columns")
struct IdentityColumnsTests {
    private func parts(_ type: String, _ body: String, _ to: String) -> String {
        #"{"eventType":"\#(type)",\#(body),"mail":{"timestamp":"2026-08-01T12:00:00.123Z","messageId":"m-1","destination":\#(to)}}"#
    }

    @Test("is the one that the decoder gives")
    func agrees() throws {
        let click = try decode(
            parts(
                "Click",
                #""click":{"timestamp":"2026-08-01T12:09:40Z","ipAddress":"203.0.113.78","userAgent":"A","link":"l"}"#,
                #"["Ada@Example.net"]"#))
        let columns = IdentityColumns(
            eventType: "Click", messageID: "m-1", eventAt: 1_785_586_180_000_000,
            recipient: "Ada@example.net",
            recipients: ["Ada@example.net"], feedbackID: nil, ipAddress: "203.0.113.78", userAgent: "A",
            link: "l",
            extra: nil)
        #expect(click["event_id"] == columns.eventID)
    }

    @Test("takes several recipients in any order, and the extra fields of types to come")
    func others() throws {
        let send = try decode(parts("Send", #""send":{}"#, #"["b@x.example","A@x.example"]"#))
        var columns = IdentityColumns(
            eventType: "Send", messageID: "m-1", eventAt: 1_785_585_600_123_000, recipient: nil,
            recipients: ["A@x.example", "b@x.example"], feedbackID: nil, ipAddress: nil, userAgent: nil,
            link: nil,
            extra: nil)
        #expect(send["event_id"] == columns.eventID)
        let later = try decode(parts("Later", #""later":{"a":1}"#, #"["b@x.example","A@x.example"]"#))
        columns.eventType = "Later"
        columns.extra = later["extra"]
        #expect(later["event_id"] == columns.eventID)
    }
}

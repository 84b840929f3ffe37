import Foundation
import Primitives
import Testing
import TestSupport

@testable import Ingest

private func unwrap(_ text: String) -> Unwrapped {
    Array(text.utf8).withUnsafeBytes { Envelope.unwrap($0) }
}

private func contents(_ text: String) -> [EnvelopeContent] {
    if case .contents(let contents) = unwrap(text) { contents } else { [] }
}

/// The records in `text`, as text.
private func records(_ text: String) -> [String] {
    contents(text).compactMap {
        if case .record(let record) = $0 { String(decoding: record.bytes, as: UTF8.self) } else { nil }
    }
}

private func firstContext(_ text: String) -> EnvelopeContext? {
    if case .record(let record) = contents(text).first { record.context } else { nil }
}

private func quoted(_ text: String) -> String {
    let escaped = text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(
        of: "\"", with: "\\\"")
    return "\"" + escaped.replacingOccurrences(of: "\n", with: "\\n") + "\""
}

private func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

private func sns(_ message: String) -> String {
    "{\"Type\":\"Notification\",\"MessageId\":\"22b8\",\"TopicArn\":\"arn:aws:sns:eu-west-1:123456789012:ses-events\","
        + "\"Subject\":\"Amazon SES Email Event Notification\",\"Message\":\(quoted(message)),"
        + "\"Timestamp\":\"2026-08-01T12:00:03.321Z\",\"SignatureVersion\":\"2\"}"
}

private let event =
    "{\"eventType\":\"Send\",\"mail\":{\"messageId\":\"m-1\",\"subject\":\"\\\"{ü\"},\"send\":{}}"

@Suite("An envelope")
struct EnvelopeTests {
    @Test("of SNS gives its message, and the account and region of its topic")
    func notification() throws {
        #expect(records(sns(event)) == [event])
        let context = try #require(firstContext(sns(event)))
        #expect(context.account == "123456789012")
        #expect(context.region == "eu-west-1")
        #expect(context.topicARN == "arn:aws:sns:eu-west-1:123456789012:ses-events")
        #expect(context.deliveryID == "22b8")
        #expect(context.deliveredAt == Timestamp(parsing: "2026-08-01T12:00:03.321Z"))
        #expect(context.eventTypeHint == nil)
    }

    @Test(
        "may be no event but a message that AWS sends on setting up",
        arguments: [
            "{\"Type\":\"SubscriptionConfirmation\",\"Message\":\"You have chosen\",\"Token\":\"x\"}",
            "{\"Type\":\"UnsubscribeConfirmation\",\"Message\":\"You have chosen\"}",
            "Successfully validated SNS topic for Amazon SES event publishing.",
            "  \"Successfully validated SNS topic for Amazon SES event publishing.\"\n",
            sns("Successfully validated SNS topic for Amazon SES event publishing."),
            "{\"notificationType\":\"AmazonSnsSubscriptionSucceeded\",\"message\":\"You have successfully subscribed\"}",
            sns("{\"notificationType\":\"AmazonSnsSubscriptionSucceeded\",\"message\":\"You have\"}"),
        ])
    func noEvent(text: String) {
        guard case .notAnEvent = unwrap(text) else {
            Issue.record("\(unwrap(text))")
            return
        }
    }

    @Test("of EventBridge gives the detail, and says what the event is where the detail does not")
    func eventBridge() throws {
        func wrapped(_ detail: String) -> String {
            "{\"version\":\"0\",\"id\":\"a1\",\"detail-type\":\"Email Bounced\",\"source\":\"aws.ses\",\"account\":"
                + "\"210987654321\",\"time\":\"2026-08-01T12:00:02Z\",\"region\":\"us-east-2\",\"resources\":[],\"detail\":\(detail)}"
        }
        #expect(records(wrapped(event)) == [event])
        #expect(records(wrapped("{\"mail\":{}}")) == ["{\"eventType\":\"Bounce\",\"mail\":{}}"])
        #expect(records(wrapped("{ }")) == ["{\"eventType\":\"Bounce\" }"])
        let context = try #require(firstContext(sns(wrapped("{\"mail\":{}}"))))
        #expect(context.account == "210987654321")
        #expect(context.region == "us-east-2")
        #expect(context.eventTypeHint == "Bounce")
        #expect(context.topicARN != nil)
        #expect(context.deliveryID == "a1")
        #expect(unwrap("{\"detail-type\":\"EC2\",\"source\":\"aws.ec2\",\"detail\":{\"a\":1}}") != .unknown)
    }

    @Test("of Firehose may hold several records, also joined ones")
    func firehose() {
        let other = "{\"eventType\":\"Open\"}"
        let failed =
            "{\"attemptsMade\":4,\"errorCode\":\"X\",\"rawData\":\"\(base64(event + other + "\n"))\"}"
        #expect(records(failed) == [event, other])
        let body =
            "{\"requestId\":\"r\",\"timestamp\":1,\"records\":[{\"data\":\"\(base64(event + "\n"))\"},{\"data\":\"\(base64(sns(other)))\"}]}"
        #expect(records(body) == [event, other])
        let broken =
            "{\"requestId\":\"r\",\"records\":[{\"data\":\"%%\"},{\"data\":\"\(base64(other))\"},{\"x\":1},7]}"
        #expect(records(broken) == [other])
        #expect(contents(broken).count == 4)
        let cut = "{\"attemptsMade\":4,\"rawData\":\"\(base64("{\"a\":1}\n{\"b\":"))\"}"
        #expect(
            contents(cut).last
                == .refused(Array("{\"b\":".utf8), reason: "record is cut off at the end of the file"))
    }

    @Test("of Lambda or SQS gives each message")
    func lambda() throws {
        let notification = sns(event).replacingOccurrences(of: "\"Notification\"", with: "\"Notification\"")
        let lambda =
            "{\"Records\":[{\"EventSource\":\"aws:sns\",\"Sns\":\(notification)},{\"messageId\":\"1\",\"body\":\(quoted(sns(event)))},"
            + "{\"body\":\(quoted(event))},{\"kinesis\":{\"data\":\"\(base64(event))\"}}]}"
        #expect(records(lambda) == [event, event, event, event])
        let all = contents(lambda)
        guard case .record(let first) = all[0], case .record(let third) = all[2] else {
            Issue.record("\(all)")
            return
        }
        #expect(first.context.region == "eu-west-1")
        // What one message's envelope says is nothing about the next.
        #expect(third.context == EnvelopeContext())
        #expect(records("{\"MessageId\":\"1\",\"ReceiptHandle\":\"r\",\"Body\":\(quoted(event))}") == [event])
        #expect(records("{\"Messages\":[{\"Body\":\(quoted(event))}]}") == [event])
        #expect(unwrap("{\"Records\":[{\"eventSource\":\"aws:s3\",\"s3\":{}}]}") == .unknown)
    }

    @Test("may lie in another, up to four deep")
    func depth() {
        var text = event
        for _ in 1...4 { text = sns(text) }
        #expect(records(text) == [event])
        text = sns(text)
        #expect(records(text) == [])
        guard case .refused(_, let reason) = contents(text).first else {
            Issue.record("\(unwrap(text))")
            return
        }
        #expect(reason == "more than 4 envelopes lie in each other")
        let hostile = String(repeating: "{\"detail-type\":\"x\",\"detail\":", count: 100_000)
        #expect(unwrap(hostile + "{}" + String(repeating: "}", count: 100_000)) != .unknown)
    }

    @Test(
        "is not what an event or anything else is",
        arguments: [
            event, "{\"notificationType\":\"Bounce\",\"mail\":{}}", "{}", "{\"a\":1}", "text", "", "[]",
            "{\"Type\":\"Other\",\"Message\":\"x\"}",
            "{\"Records\":7}", "{\"records\":[]}", "{\"detail-type\":7,\"detail\":{}}", "{\"Type\":",
            "{\"rawData\":\"e30=\"}",
        ])
    func unknown(text: String) {
        #expect(unwrap(text) == .unknown)
    }

    @Test("with an unreadable message is refused with the reason")
    func badMessage() {
        #expect(
            contents("{\"Type\":\"Notification\",\"Message\":\"\\x\"}").map(\.reason) == [
                "the SNS message is not a valid JSON string"
            ])
        #expect(contents(sns("hello")).map(\.reason) == ["text that is not a JSON object"])
        #expect(contents(sns("")).map(\.reason) == ["the envelope is empty"])
    }

    @Test("never crashes on broken bytes")
    func mutations() {
        let seeds = [
            sns(event), sns(sns(event)),
            "{\"requestId\":\"r\",\"records\":[{\"data\":\"\(base64(event))\"}]}",
            "{\"Records\":[{\"body\":\(quoted(event))}]}",
            "{\"detail-type\":\"Email Sent\",\"detail\":{\"mail\":{}}}",
        ]
        for seed in 0..<3_000 {
            var generator = SeededGenerator(seed: seed)
            var bytes = Array((seeds.randomElement(using: &generator) ?? "").utf8)
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[place] = Bool.random(using: &generator) ? .random(in: 0...255, using: &generator) : 0x5c
            }
            bytes.removeLast(Int.random(in: 0..<(bytes.count / 2), using: &generator) * (seed & 1))
            _ = bytes.withUnsafeBytes { Envelope.unwrap($0) }
        }
    }
}

extension EnvelopeContent {
    fileprivate var reason: String? {
        if case .refused(_, let reason) = self { reason } else { nil }
    }
}

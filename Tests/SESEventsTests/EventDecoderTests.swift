import Testing

@testable import SESEvents

private let mail = """
    "mail":{"timestamp":"2026-08-01T12:00:00.123Z","source":"Example Shop <orders@Example.com>",\
    "sourceArn":"arn:aws:ses:eu-west-1:123456789012:identity/example.com","sendingAccountId":"123456789012",\
    "messageId":"m-1","destination":["Ada <ada@Example.NET>"],"headersTruncated":false,\
    "headers":[{"name":"From","value":"orders@example.com"},{"name":"X-campaign","value":"c1"}],\
    "commonHeaders":{"from":["orders@example.com"],"to":["ada@example.net"],"subject":"Your order \\u2603"},\
    "tags":{"ses:configuration-set":["transactional"],"ses:source-ip":["192.0.2.10"],"campaign":["order","two"]}}
    """

private let mailToTwo = mail.replacing(
    "[\"Ada <ada@Example.NET>\"]", with: "[\"ada@example.net\",\"bob@example.org\"]")

@Suite("Decoding SES events")
struct EventDecoderTests {
    @Test("the message's own columns are filled on every event")
    func messageColumns() throws {
        let event = try decode("{\"eventType\":\"Send\",\(mail),\"send\":{}}")
        #expect(event["event_type"] == "Send")
        #expect(event["event_at"] == "2026-08-01T12:00:00.123Z")
        #expect(event["sent_at"] == "2026-08-01T12:00:00.123Z")
        #expect(event["region"] == "eu-west-1")
        #expect(event["account_id"] == "123456789012")
        #expect(event["configuration_set"] == "transactional")
        #expect(event["source_ip"] == "192.0.2.10")
        #expect(event["from_domain"] == "example.com")
        #expect(event["sender"] == "Example Shop <orders@Example.com>")
        #expect(event["recipient"] == "ada@example.net")
        #expect(event["recipient_domain"] == "example.net")
        #expect(event["destination"] == "[Ada <ada@Example.NET>]")
        #expect(event["subject"] == "Your order ☃")
        #expect(event["headers"] == "From|orders@example.com; X-campaign|c1")
        #expect(
            event["tags"] == "campaign=order+two ses:configuration-set=transactional ses:source-ip=192.0.2.10"
        )
        #expect(event["is_notification"] == "false")
        #expect(event["extra"] == nil)
    }

    @Test("a bounce is timed by its own object and carries the remote server's reply")
    func bounce() throws {
        let event = try decode(
            """
            {"eventType":"Bounce","bounce":{"feedbackId":"f-1","bounceType":"Permanent","bounceSubType":"NoEmail",\
            "bouncedRecipients":[{"emailAddress":"ada@example.net","action":"failed","status":"5.1.1",\
            "diagnosticCode":"smtp; 550 5.1.1 user unknown"}],"timestamp":"2026-08-01T12:00:02.000Z",\
            "reportingMTA":"dns; a4-10.smtp-out.eu-west-1.amazonses.com"},\(mail)}
            """)
        #expect(event["event_at"] == "2026-08-01T12:00:02.000Z")
        #expect(event["bounce_status"] == "5.1.1")
        #expect(event["bounce_diagnostic"] == "smtp; 550 5.1.1 user unknown")
        #expect(event["bounced_recipients"] == "ada@example.net|failed|5.1.1|smtp; 550 5.1.1 user unknown")
        #expect(event["recipients"] == "[ada@example.net]")
    }

    @Test("a delivery, a complaint, a reject, a failure, a delay and a subscription keep their own fields")
    func otherTypes() throws {
        let delivery = try decode(
            """
            {"eventType":"Delivery",\(mail),"delivery":{"timestamp":"2026-08-01T12:00:01.480Z","processingTimeMillis":1357,\
            "recipients":["ada@example.net"],"smtpResponse":"250 OK","reportingMTA":"a4","remoteMtaIp":"203.0.113.25"}}
            """)
        #expect(delivery["delivery_processing_ms"] == "1357")
        #expect(delivery["delivery_smtp_response"] == "250 OK")
        #expect(delivery["remote_mta_ip"] == "203.0.113.25")

        let complaint = try decode(
            """
            {"eventType":"Complaint","complaint":{"feedbackId":"f","complaintSubType":null,"complainedRecipients":\
            [{"emailAddress":"ada@example.net"}],"timestamp":"2026-08-02T08:15:00.000Z","userAgent":"ISP/1.0",\
            "complaintFeedbackType":"abuse","arrivalDate":"2026-08-02T08:14:58.000Z"},\(mail)}
            """)
        #expect(complaint["complaint_feedback_type"] == "abuse")
        #expect(complaint["complaint_arrival_at"] == "2026-08-02T08:14:58.000Z")
        #expect(complaint["complaint_subtype"] == nil)
        #expect(complaint["user_agent"] == nil, "the reporting system is not the reader's browser")
        #expect(complaint["recipient"] == "ada@example.net")

        let reject = try decode("{\"eventType\":\"Reject\",\(mail),\"reject\":{\"reason\":\"Bad content\"}}")
        #expect(reject["reject_reason"] == "Bad content")

        let failure = try decode(
            "{\"eventType\":\"Rendering Failure\",\(mail),\"failure\":{\"errorMessage\":\"no name\",\"templateName\":\"T\"}}"
        )
        #expect(failure["failure_template"] == "T")
        #expect(failure["event_at"] == "2026-08-01T12:00:00.123Z")

        let delay = try decode(
            """
            {"eventType":"DeliveryDelay",\(mail),"deliveryDelay":{"timestamp":"2026-08-01T12:10:00.000Z","delayType":\
            "MailboxFull","expirationTime":"2026-08-02T02:00:00.123Z","reportingMTA":"198.51.100.7","delayedRecipients":\
            [{"emailAddress":"ada@example.net","status":"4.4.1","diagnosticCode":"smtp; 421"}]}}
            """)
        #expect(delay["delay_expires_at"] == "2026-08-02T02:00:00.123Z")
        #expect(delay["delayed_recipients"] == "ada@example.net|4.4.1|smtp; 421")

        let subscription = try decode(
            """
            {"eventType":"Subscription",\(mail),"subscription":{"contactList":"C","timestamp":"2026-08-03T09:00:00.910Z",\
            "source":"UnsubscribeHeader","newTopicPreferences":{"unsubscribeAll":true,"topicSubscriptionStatus":[]},\
            "oldTopicPreferences":{"unsubscribeAll":false}}}
            """)
        #expect(subscription["subscription_new"] == #"{"topicSubscriptionStatus":[],"unsubscribeAll":true}"#)
        #expect(subscription["sender"] == "Example Shop <orders@Example.com>")
    }

    @Test("an open of a message with several recipients names nobody")
    func sharedOpen() throws {
        let open =
            "\"open\":{\"timestamp\":\"2026-08-01T13:00:00Z\",\"ipAddress\":\"203.0.113.7\",\"userAgent\":\"Mozilla/5.0\"}"
        let shared = try decode("{\"eventType\":\"Open\",\(mailToTwo),\(open)}")
        #expect(shared["recipient"] == nil)
        #expect(shared["recipients"] == "[]")
        #expect(shared["recipient_ambiguous"] == "true")
        let single = try decode("{\"eventType\":\"Open\",\(mail),\(open)}")
        #expect(single["recipient"] == "ada@example.net")
        #expect(single["recipient_ambiguous"] == "false")
    }

    @Test("a send to several is about all of them")
    func sharedSend() throws {
        let send = try decode("{\"eventType\":\"Send\",\(mailToTwo),\"send\":{}}")
        #expect(send["recipients"] == "[ada@example.net, bob@example.org]")
        #expect(send["recipient"] == nil)
    }

    @Test("real data's oddities are read", arguments: ["{}", "\"{}\"", "null"])
    func emptyObjects(object: String) throws {
        let odd = mail.replacing("2026-08-01T12:00:00.123Z", with: "2021-08-23 06:56:30.37")
        let event = try decode("{\"eventType\":\"Reject\",\(odd),\"reject\":\(object)}")
        #expect(event["event_at"] == "2021-08-23T06:56:30.370Z")
        #expect(event["extra"] == nil)
    }

    @Test("abbreviated and lower-case subtypes read as SES spells them, and the original is kept")
    func subtypes() throws {
        let bounce = { (subtype: String) in
            try decode(
                """
                {"eventType":"Bounce",\(mail),"bounce":{"bounceType":"Permanent","bounceSubType":"\(subtype)",\
                "timestamp":"2026-08-01T12:00:02Z","bouncedRecipients":[{"emailAddress":"ada@example.net"}]}}
                """)
        }
        #expect(try bounce("OnAccountSuppress")["bounce_subtype"] == "OnAccountSuppressionList")
        #expect(try bounce("mailboxfull")["bounce_subtype"] == "MailboxFull")
        #expect(try bounce("mailboxfull")["extra"] == #"{"bounce.bounceSubType":"mailboxfull"}"#)
        #expect(try bounce("BrandNew")["bounce_subtype"] == "BrandNew")
        #expect(try bounce("BrandNew")["extra"] == nil)
    }

    @Test("unknown types and fields are kept, not refused")
    func unknown() throws {
        let event = try decode(
            "{\"eventType\":\"Teleport\",\(mail),\"teleport\":{\"timestamp\":\"2026-08-05T00:00:00Z\",\"to\":\"Mars\"},\"v\":2}"
        )
        #expect(event["event_type"] == "Teleport")
        #expect(event["event_at"] == "2026-08-05T00:00:00.000Z")
        #expect(event["extra"] == #"{"teleport":{"timestamp":"2026-08-05T00:00:00Z","to":"Mars"},"v":2}"#)
    }

    @Test("numbers where texts belong are read as texts")
    func numbersForTexts() throws {
        let odd = mail.replacing("\"messageId\":\"m-1\"", with: "\"messageId\":42")
        #expect(try decode("{\"eventType\":\"Send\",\(odd)}")["message_id"] == "42")
    }

    @Test("the values that would corrupt a count are refused with their path")
    func refusals() {
        #expect(throws: EventDecodingError.missing("mail")) { try decode("{\"eventType\":\"Send\"}") }
        #expect(throws: EventDecodingError.missing("mail.messageId")) {
            try decode("{\"eventType\":\"Send\",\"mail\":{\"timestamp\":\"2026-08-01T12:00:00Z\"}}")
        }
        #expect(throws: EventDecodingError.missing("mail.timestamp")) {
            try decode("{\"eventType\":\"Send\",\"mail\":{\"messageId\":\"m\"}}")
        }
        #expect(
            throws: EventDecodingError.wrongValue(field: "mail.timestamp", value: "\"NaN\"", expected: "time")
        ) {
            try decode("{\"eventType\":\"Send\",\"mail\":{\"messageId\":\"m\",\"timestamp\":\"NaN\"}}")
        }
        #expect(throws: EventDecodingError.self) { try decode("{\"eventType\":\"Se") }
        #expect(throws: EventDecodingError.self) { try decode(String(repeating: "[", count: 100_000)) }
        #expect(throws: EventDecodingError.notJSON("it is not an object")) { try decode("[1]") }
    }

    @Test("what is no event is told from what is an envelope")
    func outcomes() throws {
        let decoder = EventDecoder()
        #expect(try decode("{\"Type\":\"Notification\",\"Message\":\"{}\"}", with: decoder) == .noEventType)
        let confirmation =
            "{\"notificationType\":\"AmazonSnsSubscriptionSucceeded\",\"message\":\"You have\"}"
        guard case .notAnEvent = try decode(confirmation, with: decoder) else {
            Issue.record("a set-up message was taken for an event")
            return
        }
    }
}

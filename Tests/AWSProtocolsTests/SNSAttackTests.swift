import AWSProtocols
import Primitives
import Testing
import TestSupport

@Suite("A message that is not from SNS, or not for us, is refused")
struct SNSAttackTests {
    @Test("when any signed member was changed")
    func changedMembers() async throws {
        let world = try SNSWorld.shared.get()
        let verifier = world.verifier(trust: world.trust)
        let signed = try world.signer.sign(SNSWorld.message())
        let changes: [(inout SNSMessage) -> Void] = [
            { $0.message[3] ^= 1 }, { $0.messageID += "0" }, { $0.subject = "Other" }, { $0.subject = nil },
            { $0.timestamp = SNSWorld.now.plus(seconds: 1).iso8601 }, { $0.signature[9] ^= 1 },
            { $0.signature.removeLast() }, { $0.signature.append(0) }, { $0.signature = [0] },
            { message in
                message.kind = .subscriptionConfirmation
                message.token = "t"
                message.subscribeURL = "https://sns.eu-west-1.amazonaws.com/"
            },
        ]
        for change in changes {
            var message = signed
            change(&message)
            #expect(await refusal(verifier, message) == .signature)
        }
        #expect(await refusal(verifier, signed) == nil)
    }

    @Test("when it is for another account's topic, however well signed")
    func foreignTopic() async throws {
        let world = try SNSWorld.shared.get()
        for arn in [
            "arn:aws:sns:eu-west-1:999999999999:ses-events", "arn:aws:sns:us-east-1:123456789012:ses-events",
            "arn:aws:sns:eu-west-1:123456789012:ses-events2",
        ] {
            let message = try world.signer.sign(SNSWorld.message(arn: arn))
            #expect(await refusal(world.verifier(trust: world.trust), message) == .topic)
        }
    }

    @Test(
        "when its certificate lies elsewhere",
        arguments: [
            "http://sns.eu-west-1.amazonaws.com/a.pem", "HTTPS://sns.eu-west-1.amazonaws.com/a.pem",
            "https://sns.eu-west-1.amazonaws.com.evil.org/a.pem",
            "https://evil.org/sns.eu-west-1.amazonaws.com/a.pem",
            "https://sns.evil.amazonaws.com.evil.org/a.pem",
            "https://sns.eu-west-1.amazonaws.com@evil.org/a.pem",
            "https://user:pass@sns.eu-west-1.amazonaws.com/a.pem",
            "https://sns.eu-west-1.amazonaws.com:443/a.pem",
            "https://sns.eu-west-1.amazonaws.com:8443/a.pem",
            "https://sns.eu-west-1.amazonaws.com/a.pem?x=.pem",
            "https://sns.eu-west-1.amazonaws.com/a.pem#.pem", "https://sns.eu-west-1.amazonaws.com/?a.pem",
            "https://sns.eu-west-1.amazonaws.com/a.txt", "https://sns.eu-west-1.amazonaws.com",
            "https://sns.eu-west-1.amazonaws.com/x/../a.pem",
            "https://sns.eu-west-1.amazonaws.com//evil.org/a.pem",
            "https://sns.eu-west-1.amazonaws.com/%2e%2e/a.pem",
            "https://sns.eu-west-1.amazonaws.com\\@evil.org/a.pem",
            "https://sns.us-east-1.amazonaws.com/a.pem", "https://sns.eu-west-1.amazonaws.com.cn/a.pem",
            "https://s3.eu-west-1.amazonaws.com/a.pem", "https://sns.s3.eu-west-1.amazonaws.com/a.pem",
            "https://sns.eu-west-1.amazonaws.com./a.pem", "https://sns.eu-west-1.amazonaws.com /a.pem",
            "https://127.0.0.1/a.pem", "https://[::1]/a.pem", "https://sns.ev.amazonaws.com/a.pem",
            "https://snsXeu-west-1.amazonaws.com/a.pem", "https:/sns.eu-west-1.amazonaws.com/a.pem",
            "https:///sns.eu-west-1.amazonaws.com/a.pem", "//sns.eu-west-1.amazonaws.com/a.pem", "",
            "file:///etc/passwd.pem", "https://sns.eu-wést-1.amazonaws.com/a.pem",
        ])
    func certificateURLs(url: String) async throws {
        let world = try SNSWorld.shared.get()
        var message = try SNSWorld.message()
        message.signingCertURL = url
        message = try world.signer.sign(message)
        message.signingCertURL = url
        let verifier = SNSVerifier(
            SNSRules(topics: [SNSWorld.arn]),
            certificates: SNSCertificates(trust: world.trust) { url in
                Issue.record("\(url) was fetched")
                return world.signer.certificatePEM
            })
        #expect(await refusal(verifier, message) == .certificateURL)
    }

    @Test("when it is replayed after an hour, or comes from the future")
    func replays() async throws {
        let world = try SNSWorld.shared.get()
        let verifier = world.verifier(trust: world.trust)
        let message = try world.signer.sign(SNSWorld.message())
        #expect(await refusal(verifier, message, now: SNSWorld.now.plus(seconds: 3_600)) == nil)
        #expect(await refusal(verifier, message, now: SNSWorld.now.plus(seconds: 3_601)) == .timestamp)
        #expect(await refusal(verifier, message, now: SNSWorld.now.plus(seconds: -301)) == .timestamp)
        #expect(
            SNSRefusal(.timestamp, "").isTransient,
            "the clock here may be wrong, and SNS drops what is answered 403")
    }

    @Test("when its certificate is another authority's, another host's, too old, or none")
    func certificates() async throws {
        let world = try SNSWorld.shared.get()
        let forged = try world.stranger.sign(SNSWorld.message())
        let pem = world.stranger.certificatePEM
        #expect(await refusal(world.verifier(trust: world.trust, pem: pem), forged) == .certificate)
        // Without trusted roots the host's TLS stands for it.
        #expect(await refusal(world.verifier(trust: nil, pem: pem), forged) == nil)

        let otherHost = try world.authority.signer(name: "evil.amazonaws.com", from: SNSWorld.now)
        let fromOther = try otherHost.sign(SNSWorld.message())
        for trust in [world.trust, nil] {
            let verifier = world.verifier(trust: trust, pem: otherHost.certificatePEM)
            #expect(await refusal(verifier, fromOther) == .certificate)
        }
        let expired = try world.authority.signer(from: SNSWorld.now.plus(seconds: -100), seconds: 99)
        for trust in [world.trust, nil] {
            let verifier = world.verifier(trust: trust, pem: expired.certificatePEM)
            #expect(await refusal(verifier, try expired.sign(SNSWorld.message())) == .certificate)
        }
        for pem in [
            [], Array("<html>".utf8), [UInt8](repeating: 65, count: 70_000),
            Array(world.authority.rootPEM.utf8),
        ] {
            #expect(await refusal(world.verifier(trust: world.trust, pem: pem), forged) == .certificate)
        }
    }

    @Test(
        "when the confirmation would lead anywhere but to SNS",
        arguments: [
            "https://evil.org/?Action=ConfirmSubscription&TopicArn=ARN&Token=t",
            "http://169.254.169.254/latest/meta-data/",
            "https://sns.eu-west-1.amazonaws.com:80/?Action=ConfirmSubscription&TopicArn=ARN&Token=t",
            "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&TopicArn=ARN&Token=t",
            "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:eu-west-1:123456789012:x&Token=t",
            "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Action=DeleteTopic&TopicArn=ARN&Token=t",
            "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=ARN&Token=t",
            "https://sns.eu-west-1.amazonaws.com/x?Action=ConfirmSubscription&TopicArn=ARN&Token=t",
        ])
    func subscribeURLs(url: String) async throws {
        let world = try SNSWorld.shared.get()
        var message = try SNSWorld.confirmation()
        message.subscribeURL = url.replacing("ARN", with: SNSWorld.arn)
        #expect(
            await refusal(world.verifier(trust: world.trust), try world.signer.sign(message)) == .subscribeURL
        )
    }

    @Test("when a line feed would make one signature fit two messages")
    func lineFeeds() async throws {
        let world = try SNSWorld.shared.get()
        let honest = try world.signer.sign(SNSWorld.message("a\nMessageId\nb\nSubject\nc", subject: nil))
        var split = honest
        split.message = Array("a".utf8)
        split.messageID = "b"
        split.subject = "c\nMessageId\n\(honest.messageID)"
        #expect(split.stringToSign == honest.stringToSign)
        #expect(await refusal(world.verifier(trust: nil), split) == .malformed)
    }

    @Test(
        "when it is no message at all",
        arguments: [
            "", "{}", "[]", "null", #"{"Type":"Notification"}"#, #"{"eventType":"Send","mail":{}}"#,
            #"{"Type":"Notification","Type":"Notification"}"#, #"{"Type":5}"#,
        ])
    func malformed(body: String) async throws {
        let world = try SNSWorld.shared.get()
        await #expect(throws: SNSRefusal.self) {
            try await world.verifier(trust: nil).verify(Array(body.utf8), now: SNSWorld.now)
        }
    }

    @Test("and never makes the reader crash, whatever the bytes")
    func mutations() throws {
        let bytes = try SNSWorld.shared.get().signer.sign(SNSWorld.message()).json
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<20_000 {
            let mutated = bytes.mutated(&generator)
            if let message = try? SNSMessage(parsing: mutated) { _ = message.stringToSign }
        }
    }
}

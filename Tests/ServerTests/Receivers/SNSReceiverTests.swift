import AWSProtocols
import ControlPlane
import EventLog
import Foundation
import HTTPTypes
import Primitives
import Synchronization
import Testing

@testable import Server

/// Keys that all tests here share, for one takes long to make.
private struct Keys: Sendable {
    let signer: SNSSigner
    let stranger: SNSSigner
    let trust: SNSTrust
    static let shared = Result { try Keys() }

    private init() throws {
        let authority = try SNSAuthority(now: ReceiverWorld.noon)
        signer = try authority.signer(from: ReceiverWorld.noon.plus(-3_600))
        stranger = try SNSAuthority(now: ReceiverWorld.noon).signer(from: ReceiverWorld.noon.plus(-3_600))
        trust = try SNSTrust(rootsPEM: authority.rootPEM)
    }
}

private let arn = "arn:aws:sns:eu-west-1:123456789012:ses-events"
private let event = #"{"eventType":"Send","mail":{"messageId":"m-1"}}"#

private func topic(_ name: String = arn) throws -> SNSTopic { try #require(SNSTopic(arn: name)) }

private func message(
    _ text: String = event, topic name: String = arn, at time: Timestamp = ReceiverWorld.noon
) throws -> SNSMessage {
    SNSMessage(
        .notification, messageID: "id-1", topic: try topic(name), message: Array(text.utf8),
        timestamp: time.iso8601)
}

private func confirmation(
    _ kind: SNSMessage.Kind = .subscriptionConfirmation, url: String? = nil
) throws -> SNSMessage {
    SNSMessage(
        kind, messageID: "id-2", topic: try topic(), message: Array("You have chosen".utf8),
        timestamp: ReceiverWorld.noon.iso8601, token: "t0ken",
        subscribeURL: url
            ?? "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=\(arn)&Token=t0ken")
}

/// What is fetched in the tests' stead.
private final class Web: Sendable {
    let fetched = Mutex<[String]>([])
    let isDown = Mutex(false)

    func get(_ url: SNSServiceURL, _ bytes: [UInt8]) throws -> [UInt8] {
        if isDown.withLock({ $0 }) { throw Failure(.storage, "no route to host") }
        fetched.withLock { $0.append(url.description) }
        return bytes
    }
    var urls: [String] { fetched.withLock { $0 } }
}

@Suite("SNS delivers")
struct SNSReceiverTests {
    private let world: ReceiverWorld
    private let keys: Keys
    private let web = Web()
    private let receiver: SNSReceiver

    init() async throws {
        world = try await ReceiverWorld()
        keys = try Keys.shared.get()
        let (web, pem) = (web, keys.signer.certificatePEM)
        receiver = SNSReceiver(
            context: world.context,
            certificates: SNSCertificates(trust: keys.trust) { try web.get($0, pem) },
            fetch: { try web.get($0, []) })
        try await world.add("shop", .sns(.init(topicARNs: [arn])))
    }

    private func send(
        _ message: SNSMessage, to name: String = "shop", at time: Timestamp = ReceiverWorld.noon
    ) async throws -> ReceiverAnswer {
        let signed = message.signature.isEmpty ? try keys.signer.sign(message) : message
        return await receiver.receive(
            try post(name, signed.json, headers: [("Content-Type", "text/plain; charset=UTF-8")], at: time))
    }

    @Test("a signed notification becomes one record: the event as SES wrote it, and where it came from")
    func notification() async throws {
        let answer = try await send(message())
        #expect(answer.status == .ok && answer.outcome == "accepted" && answer.records == 1)
        let record = try #require(await world.sink.kept.first)
        #expect(record.body == Array(event.utf8) && record.source == "shop")
        #expect(record.receivedAt == ReceiverWorld.noon)
        #expect(record.attribute("topic") == arn && record.attribute("message_id") == "id-1")
        #expect(record.attribute("region") == "eu-west-1" && record.attribute("account") == "123456789012")
        let status = try await world.status("shop")
        #expect(status?.events == 1 && status?.lastEventAt == ReceiverWorld.noon)
    }

    @Test("what SES publishes when a destination is set up goes on to the decoder, which knows it")
    func setUpMessages() async throws {
        let text = "Successfully validated SNS topic for Amazon SES event publishing."
        #expect(try await send(message(text)).status == .ok)
        #expect(await world.sink.bodies == [text])
    }

    @Test("the real log has it when the answer is OK")
    func realLog() async throws {
        let log = try await EventLog.open(world.home.appending(path: "log").path)
        var context = world.context
        context.sink = { _ in log }
        let pem = keys.signer.certificatePEM
        let receiver = SNSReceiver(
            context: context, certificates: SNSCertificates(trust: keys.trust) { _ in pem },
            fetch: { _ in [] })
        let answer = await receiver.receive(try post("shop", try keys.signer.sign(message()).json))
        #expect(answer.status == .ok)
        let read = try await log.makeReader().read(from: 0, maximumBytes: 10_000)
        #expect(read.map(\.record.body) == [Array(event.utf8)])
        await log.close()
    }

    @Test("forged, foreign and odd messages are refused for good, without a trace in the log")
    func attacks() async throws {
        var tampered = try keys.signer.sign(message())
        tampered.message = Array(#"{"eventType":"Complaint"}"#.utf8)
        var elsewhere = try message()
        elsewhere.signingCertURL = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0.pem"
        var evil = try message()
        evil.signingCertURL = "https://sns.eu-west-1.amazonaws.com.evil.example/x.pem"
        var local = try message()
        local.signingCertURL = "https://127.0.0.1/x.pem"
        let attacks: [(SNSMessage, String)] = [
            (tampered, "forged"), (try keys.stranger.sign(message()), "forged"), (elsewhere, "forged"),
            (evil, "forged"), (local, "forged"),
            (try message(topic: "arn:aws:sns:eu-west-1:999999999999:ses-events"), "foreign_topic"),
            (try keys.signer.sign(message(), version: .sha1), "signature_version"),
        ]
        for (message, outcome) in attacks {
            let answer = try await send(message)
            #expect(answer.status == .forbidden && answer.outcome == outcome, "\(answer.text)")
        }
        #expect(await world.sink.kept.isEmpty)
        let status = try await world.status("shop")
        #expect(status?.refusedByReason == ["forged": 5, "foreign_topic": 1, "signature_version": 1])
        #expect(status?.events == 0)
    }

    @Test("messages too old or still to come are not taken, and SNS keeps them: the clock here may be wrong")
    func stale() async throws {
        for seconds in [-3_601, 301, -86_400, 365 * 86_400] {
            let answer = try await send(message(at: ReceiverWorld.noon.plus(seconds)))
            #expect(answer.status == .serviceUnavailable && answer.outcome == "stale", "\(answer.text)")
            #expect(answer.headers[.retryAfter] == "30" && answer.text.contains("the clock"))
        }
        #expect(await world.sink.kept.isEmpty)
        #expect(try await world.status("shop")?.refusedByReason == ["stale": 4])
    }

    @Test("signatures of version 1 are believed only where the source says so")
    func versionOne() async throws {
        try await world.add("old", .sns(.init(topicARNs: [arn], signatureVersions: [1, 2])))
        let old = try keys.signer.sign(message(), version: .sha1)
        #expect(try await send(old, to: "old").status == .ok)
        #expect(try await send(message(), to: "old").status == .ok)
    }

    @Test(
        "what is no SNS message is unreadable",
        arguments: ["", "{}", "[]", "\u{0}", #"{"Type":"Notification"}"#])
    func unreadable(body: String) async throws {
        let answer = await receiver.receive(try post("shop", body.utf8))
        #expect(answer.status == .badRequest && answer.outcome == "unreadable")
    }

    @Test("what cannot be stored or checked now is 503, so that SNS tries again")
    func transient() async throws {
        await world.sink.become(.overloaded)
        let overloaded = try await send(message())
        #expect(overloaded.status == .serviceUnavailable && overloaded.outcome == "overloaded")
        #expect(overloaded.headers[.retryAfter] == "7")
        await world.sink.become(.broken)
        let unstored = try await send(message())
        #expect(unstored.status == .serviceUnavailable && unstored.outcome == "unstored")
        #expect(!unstored.text.contains("/secret/path"), "a path is not for strangers")
        #expect(try await world.status("shop")?.lastError?.contains("/secret/path") == true)
    }

    @Test("a certificate that cannot be fetched is 503")
    func certificateUnavailable() async throws {
        web.isDown.withLock { $0 = true }
        let answer = try await send(message())
        #expect(answer.status == .serviceUnavailable && answer.outcome == "certificate_unavailable")
        #expect(answer.headers[.retryAfter] != nil)
    }

    @Test("a subscription to an allowed topic is confirmed at SNS's own URL, and said")
    func confirms() async throws {
        let answer = try await send(confirmation())
        #expect(answer.status == .ok && answer.outcome == "confirmed")
        #expect(web.urls.last?.contains("Action=ConfirmSubscription") == true)
        #expect(world.lines.all == ["source 'shop': the subscription to \(arn) is confirmed"])
        #expect(await world.sink.kept.isEmpty)
    }

    @Test("a confirmation that fails is asked for again")
    func confirmationFails() async throws {
        _ = try await send(message())
        web.isDown.withLock { $0 = true }
        let answer = try await send(confirmation())
        #expect(answer.status == .serviceUnavailable && answer.outcome == "unconfirmed")
        #expect(world.lines.all.isEmpty)
    }

    @Test(
        "a SubscribeURL that leads elsewhere is never fetched, signed or not",
        arguments: [
            "http://127.0.0.1:80/?Action=ConfirmSubscription",
            "https://127.0.0.1/?Action=ConfirmSubscription",
            "https://169.254.169.254/latest/meta-data/", "https://localhost/",
            "https://sns.eu-west-1.amazonaws.com@127.0.0.1/?Action=ConfirmSubscription",
            "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=\(arn)&Token=t",
            "https://sns.eu-west-1.amazonaws.com/?Action=Publish&TopicArn=\(arn)&Token=t",
        ])
    func forgery(url: String) async throws {
        let answer = try await send(confirmation(url: url))
        #expect(answer.status == .forbidden && answer.outcome == "forged")
        #expect(!web.urls.contains(url))
    }

    @Test("a topic that is not the source's cannot be confirmed")
    func foreignConfirmation() async throws {
        try await world.add("other", .sns(.init(topicARNs: ["arn:aws:sns:eu-west-1:123456789012:other"])))
        let answer = try await send(confirmation(), to: "other")
        #expect(answer.outcome == "foreign_topic" && web.urls.isEmpty)
    }

    @Test("the end of a subscription is told, and not undone")
    func unsubscribed() async throws {
        let answer = try await send(confirmation(.unsubscribeConfirmation))
        #expect(answer.status == .ok && answer.outcome == "unsubscribed")
        #expect(web.urls.allSatisfy { $0.hasSuffix(".pem") })
        #expect(world.lines.all.first?.contains("unsubscribed") == true)
        #expect(try await world.status("shop")?.lastError?.contains("unsubscribed") == true)
    }

    @Test(
        "unknown, paused and ill-named sources",
        arguments: ["nobody", "../shop", "%2e%2e%2fshop", "SHOP", "", "shop\u{0}"])
    func names(name: String) async throws {
        let answer = try await send(message(), to: name)
        #expect(answer.status == .notFound && answer.outcome == "unknown_source")
    }

    @Test("a paused source asks to be tried again, within the directory's two seconds")
    func paused() async throws {
        #expect(try await send(message()).status == .ok)
        try await world.database.setSource("shop", paused: true, by: ReceiverWorld.actor)
        world.pass(.seconds(2))
        let answer = try await send(message())
        #expect(answer.status == .serviceUnavailable && answer.outcome == "paused")
    }

    @Test("only POST brings events")
    func method() async throws {
        let answer = await receiver.receive(try post("shop", [], method: .get))
        #expect(answer.status == .methodNotAllowed && answer.headers[.allow] == "POST")
    }
}

import AWSProtocols
import ControlPlane
import EventLog
import Foundation
import HTTPTypes
import Primitives
import Testing

@testable import Server

private let arn = "arn:aws:sns:eu-west-1:123456789012:ses-events"
private let event = #"{"eventType":"Send","mail":{"messageId":"m-1"}}"#

@Suite("SNS delivers raw")
struct SNSRawTests {
    private let world: ReceiverWorld
    private let receiver: SNSReceiver
    private let secret: String

    init() async throws {
        world = try await ReceiverWorld()
        receiver = SNSReceiver(
            context: world.context, certificates: SNSCertificates(trust: nil) { _ in [] },
            fetch: { _ in [] })
        secret = try await world.add("raw", .sns(.init(topicARNs: [arn], allowsRawDelivery: true)))
    }

    private func send(
        to name: String = "raw", query: String = "", topic: String = arn, body: String = event,
        authorization: String? = nil
    ) async throws -> ReceiverAnswer {
        var headers = [
            ("x-amz-sns-rawdelivery", "true"), ("x-amz-sns-topic-arn", topic),
            ("x-amz-sns-message-id", "id-9"),
        ]
        if let authorization { headers.append(("Authorization", authorization)) }
        return await receiver.receive(try post(name, body.utf8, query: query, headers: headers))
    }

    private func basic(_ password: String) -> String {
        "Basic " + Data("sesame:\(password)".utf8).base64EncodedString()
    }

    @Test("the secret in the query or as password lets the event in as it is")
    func accepted() async throws {
        #expect(try await send(query: "token=\(secret)").status == .ok)
        #expect(try await send(query: "a=b&token=\(secret)&c").status == .ok)
        #expect(try await send(authorization: basic(secret)).status == .ok)
        let record = try #require(await world.sink.kept.first)
        #expect(record.body == Array(event.utf8))
        #expect(record.attribute("topic") == arn && record.attribute("message_id") == "id-9")
        #expect(record.attribute("account") == "123456789012")
    }

    @Test("without a secret SNS is asked for the password; with a wrong one it is refused")
    func refused() async throws {
        let asked = try await send()
        #expect(asked.status == .unauthorized && asked.outcome == "bad_key")
        #expect(asked.headers[.wwwAuthenticate]?.hasPrefix("Basic") == true)
        let other = try await world.add("other", .sns(.init(topicARNs: [arn], allowsRawDelivery: true)))
        for query in ["token=\(other)", "token=", "token=\(secret)x", "token=\(secret.dropLast())"] {
            let answer = try await send(query: query)
            #expect(answer.status == .forbidden && answer.outcome == "bad_key", "\(query)")
        }
        #expect(try await send(query: "token=\(secret)&token=\(secret)").status == .unauthorized)
        #expect(try await send(authorization: basic(other)).status == .forbidden)
        #expect(await world.sink.kept.isEmpty)
    }

    @Test("another topic, an empty body and a source without raw delivery are refused")
    func limits() async throws {
        let foreign = try await send(
            query: "token=\(secret)", topic: "arn:aws:sns:eu-west-1:999999999999:ses-events")
        #expect(foreign.status == .forbidden && foreign.outcome == "foreign_topic")
        #expect(try await send(query: "token=\(secret)", body: "").outcome == "unreadable")
        try await world.add("signed", .sns(.init(topicARNs: [arn])))
        world.pass(.seconds(2))
        let answer = try await send(to: "signed", query: "token=\(secret)")
        #expect(answer.status == .forbidden && answer.outcome == "raw_delivery")
        #expect(await world.sink.kept.isEmpty)
    }

    @Test("after a rotation the old secret serves for its grace only")
    func rotation() async throws {
        let now = ReceiverWorld.noon
        let new = try await world.database.rotateSecret(
            of: "raw", grace: 60, by: ReceiverWorld.actor, at: now)
        #expect(try await send(query: "token=\(secret)").status == .ok)
        #expect(try await send(query: "token=\(new.secret?.text ?? "")").status == .ok)
        let late = try post(
            "raw", event.utf8, query: "token=\(secret)",
            headers: [("x-amz-sns-rawdelivery", "true"), ("x-amz-sns-topic-arn", arn)], at: now.plus(60))
        #expect(await receiver.receive(late).status == .forbidden)
    }

    @Test("a presented secret can be neither compared nor printed")
    func presented() throws {
        let presented = PresentedSecret("ses_in_hidden")
        #expect(!(presented is any Equatable))
        var dumped = ""
        dump(presented, to: &dumped)
        #expect(!"\(presented)\(dumped)\(String(reflecting: presented))".contains("hidden"))
    }
}

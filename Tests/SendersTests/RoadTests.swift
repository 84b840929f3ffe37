import AWSProtocols
import Foundation
import NIOCore
import Primitives
import Simulation
import Testing

@testable import Senders

/// What a road packs is read back by the parts that receive it.
@Suite("Roads")
struct RoadTests {
    private static func events(_ count: Int) async throws -> EventBatch {
        try #require(try await EventFeed(SimulationOptions(messages: 300, days: 2)).next(count))
    }

    private static func destination(_ road: Road) -> Destination {
        Destination(
            road: road, url: "http://localhost:1/ingest/x/y", secret: "secret", accessKeyID: "SESMKEY",
            topic: SNSTopic(arn: "arn:aws:sns:eu-west-1:123456789012:ses-events"))
    }

    @Test("a Firehose delivery holds its events, and only an answer with its id counts")
    func firehose() async throws {
        let events = try await Self.events(40)
        let road = FirehoseRoad(destination: Self.destination(.firehose))
        let delivery = road.pack(events)
        let parsed = try Array(delivery.body.readableBytesView).withUnsafeBytes(
            FirehoseDelivery.init(parsing:))
        #expect(parsed.requestID == delivery.id)
        #expect(parsed.records.bytes == events.bytes && parsed.records.count == 40)
        func answer(_ text: String) -> Bool { road.isAcknowledged(ByteBuffer(string: text), of: delivery) }
        #expect(answer(#"{"requestId":"\#(delivery.id)","timestamp":1}"#))
        #expect(!answer(#"{"requestId":"other","timestamp":1}"#))
        #expect(!answer(#"{"timestamp":1}"#))
        #expect(!answer(""))
    }

    @Test("a call of the Firehose API is signed as the verifier wants it")
    func firehoseAPI() async throws {
        let road = FirehoseAPIRoad(Self.destination(.firehoseAPI))
        let delivery = road.pack(try await Self.events(3))
        let body = Array(delivery.body.readableBytesView)
        let request = SignedRequest(
            method: "POST", path: "/ingest/x/y",
            headers: road.headers(delivery).map { ($0.0, $0.1) } + [("host", "localhost:1")],
            bodyHash: SignedRequest.bodyHash(of: body))
        let identity = try await SigV4Verifier(SigV4Rules(service: "firehose")).verify(request, now: .now) {
            key in
            key == "SESMKEY" ? "secret" : nil
        }
        #expect(identity.scope.region == "eu-west-1")
        let target = try #require(AWSTarget(header: "Firehose_20150804.PutRecordBatch"))
        guard case .put("ses-events", let records, true) = try FirehoseAPI.decode(target, body: body) else {
            Issue.record("it is no PutRecordBatch")
            return
        }
        #expect(records.bytes == delivery.events.bytes)
    }

    @Test("a notification is believed by who trusts the folder's roots, also by a later run's")
    func sns() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sesame-sns-\(UUID().uuidString)")
            .path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/keys"
        _ = try SimulatedSNS(folder: path)
        let sns = try SimulatedSNS(folder: path)
        let road = try SNSRoad(Self.destination(.sns), signer: sns.signer)
        let events = try await Self.events(1)
        let delivery = try road.pack(events)
        let trust = try SNSTrust(rootsPEM: String(contentsOfFile: sns.roots, encoding: .utf8))
        let certificates = SNSCertificates(trust: trust) { _ in sns.signer.certificatePEM }
        let rules = SNSRules(topics: ["arn:aws:sns:eu-west-1:123456789012:ses-events"])
        let found = try await SNSVerifier(rules, certificates: certificates).verify(
            Array(delivery.body.readableBytesView), now: .now)
        guard case .notification(delivery.id, _, _, Array(events.event(0))) = found else {
            Issue.record("it is no notification of this event")
            return
        }
        let mode = try FileManager.default.attributesOfItem(atPath: path + "/signer.pem")[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    @Test("EventBridge's envelope holds the event and its type's name")
    func eventBridge() async throws {
        let events = try await Self.events(1)
        let delivery = try EventBridgeRoad(destination: Self.destination(.eventbridge)).pack(events)
        let object = try JSONSerialization.jsonObject(with: Data(delivery.body.readableBytesView))
        let envelope = try #require(object as? [String: Any])
        #expect(envelope["detail-type"] as? String == "Email Sent")
        #expect((envelope["detail"] as? [String: Any])?["eventType"] as? String == "Send")
    }

    @Test("SNS and EventBridge carry one event a request", arguments: [Road.sns, .eventbridge])
    func single(road: Road) async throws {
        #expect(throws: Failure.self) {
            let feed = try EventFeed(SimulationOptions())
            _ = try SendingRun(
                to: Self.destination(road), plan: SendingPlan(batch: 2, retry: RetryPolicy(road)), feed: feed,
                ledger: DeliveryLedger(road))
        }
    }
}

import Foundation
import Primitives
import Testing

@testable import ControlPlane

@Suite("Orders of sources")
struct SourceOrderTests {
    private func order(_ json: String) throws -> SourceOrder {
        try JSONDecoder().decode(SourceOrder.self, from: Data(json.utf8))
    }

    @Test("become the settings of their kind")
    func settings() throws {
        let sns = try order(
            #"{"topic_arns":["arn:aws:sns:eu-west-1:123456789012:ses"],"accept_signature_v1":true}"#)
        #expect(
            try sns.settings(of: .sns)
                == .sns(
                    .init(topicARNs: ["arn:aws:sns:eu-west-1:123456789012:ses"], signatureVersions: [1, 2])))
        let s3 = try order(#"{"bucket":"acme","region":"eu-west-1","every":5,"access_key_id":"AKIA"}"#)
        #expect(
            try s3.settings(of: .s3)
                == .s3(
                    .init(
                        bucket: "acme", region: "eu-west-1", credentials: .accessKey(id: "AKIA"), interval: 5)
                ))
        #expect(try SourceOrder().settings(of: .http) == .http)
    }

    @Test("say by name what is missing or belongs to another kind")
    func mistakes() throws {
        let order = try order(#"{"bucket":"acme","queue_url":"https://q"}"#)
        #expect(throws: Failure(.usage, "bucket does not belong to a source of kind sqs")) {
            try order.settings(of: .sqs)
        }
        #expect(throws: Failure(.usage, "--region is missing")) {
            try order.settings(of: .s3) { "--\($0.rawValue)" }
        }
    }

    @Test("what a source is told has the same names for every kind, and no secret")
    func texts() throws {
        let kinds: [SourceSettings] = [
            .http, .firehoseAPI(.init()), .sqs(.init(queueURL: "https://q", region: "r")),
        ]
        #expect(Set(kinds.map { $0.texts.map(\.name) }).count == 1)
        #expect(
            SourceSettings.sqs(.init(queueURL: "https://q", region: "r")).texts.flatMap(\.texts) == [
                "r", "https://q",
            ])
    }
}

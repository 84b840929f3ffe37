import AWSProtocols
import Foundation
import Primitives
import Testing
import TestSupport

private func parse(_ text: String) throws(Failure) -> FirehoseDelivery { try parse(Array(text.utf8)) }

private func parse(_ bytes: [UInt8]) throws(Failure) -> FirehoseDelivery {
    try bytes.withUnsafeBytes { bytes in
        Result { () throws(Failure) in try FirehoseDelivery(parsing: bytes) }
    }.get()
}

private func kind(_ text: String) -> Failure.Kind? {
    do {
        _ = try parse(text)
        return nil
    } catch {
        return error.kind
    }
}

private func body(_ records: String) -> String { #"{"requestId":"r","timestamp":1,"records":[\#(records)]}"# }

extension FirehoseRecords {
    fileprivate var texts: [[UInt8]] { (0..<count).map { Array(bytes[self[$0]]) } }
}

@Suite("A delivery of Firehose")
struct FirehoseDeliveryTests {
    @Test("gives its id, its time and its records")
    func reads() throws {
        let delivery = try parse(
            #"{"requestId":"ed4acda5-0000-4000-8000-000000000001","timestamp":1785585603000,"records":[{"data":"eyJldmVudFR5cGUiOiJTZW5kIn0K"}]}"#
        )
        #expect(delivery.requestID == "ed4acda5-0000-4000-8000-000000000001")
        #expect(delivery.timestamp == .at("2026-08-01T12:00:03Z"))
        #expect(delivery.records == FirehoseRecords([Array("{\"eventType\":\"Send\"}\n".utf8)]))
    }

    @Test("may have its members in any order, others beside them, empty data, and escaped slashes")
    func forms() throws {
        let delivery = try parse(
            #" { "records" : [ {"x":{"data":1},"data":"\/\/8="} , {"data":""} ,{"data" : "YQ"}] ,"extra":[{}],"timestamp":5,"requestId":"r" } "#
        )
        #expect(delivery.records.texts == [[0xff, 0xff], [], [0x61]])
    }

    @Test("holds whatever bytes were put into it")
    func roundTrips() throws {
        for seed in 0..<200 {
            var generator = SeededGenerator(seed: seed)
            let records = (0..<Int.random(in: 1...20, using: &generator)).map { _ in
                (0..<Int.random(in: 0...50, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
            }
            let list = records.map { record in
                var text = Data(record).base64EncodedString()
                if Bool.random(using: &generator) { text = text.replacing("/", with: "\\/") }
                return #"{"data":"\#(text)"}"#
            }
            #expect(try parse(body(list.joined(separator: ","))).records == FirehoseRecords(records))
        }
    }

    @Test(
        "that Firehose would not send is refused",
        arguments: [
            "", "[]", "{}", body(""), body("{}"), body(#"{"data":1}"#), body(#"{"data":null}"#),
            body(#"{"data":"A"}"#),
            body(#"{"data":"YQ==","data":"YQ=="}"#), body(#""YQ==""#), body(#"{"data":"YQ=="}"#) + "x",
            body(#"{"data":"Y Q="}"#), body(#"{"data":"YQ=="},"#),
            #"{"requestId":"r","records":[{"data":"YQ=="}]}"#,
            #"{"timestamp":1,"records":[{"data":"YQ=="}]}"#,
            #"{"requestId":"","timestamp":1,"records":[{"data":"YQ=="}]}"#,
            #"{"requestId":"r","timestamp":-1,"records":[{"data":"YQ=="}]}"#,
            #"{"requestId":"r","timestamp":"1","records":[{"data":"YQ=="}]}"#,
            #"{"requestId":"r","timestamp":1,"records":[{"data":"YQ=="}],"records":[{"data":"YQ=="}]}"#,
        ])
    func refuses(text: String) { #expect(kind(text) == .input) }

    @Test("past Firehose's limits is refused as such")
    func limits() throws {
        let record = #"{"data":"YQ=="}"#
        let full = Array(repeating: record, count: 10_000).joined(separator: ",")
        #expect(try parse(body(full)).records.count == 10_000)
        #expect(kind(body(full + "," + record)) == .limit)
        let large = Data(repeating: 65, count: 1_024_000)
        #expect(kind(body(#"{"data":"\#(large.base64EncodedString())"}"#)) == nil)
        #expect(kind(body(#"{"data":"\#((large + [65]).base64EncodedString())"}"#)) == .limit)
    }

    @Test("never makes the reader crash, whatever the bytes")
    func mutations() {
        let bytes = Array(
            body(#"{"data":"eyJldmVudFR5cGUiOiJTZW5kIn0K"},{"data":"\/\/8="},{"data":""}"#).utf8)
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<20_000 { _ = try? parse(bytes.mutated(&generator)) }
    }

    @Test("is answered with its own id")
    func answers() {
        func text(_ error: String?) -> String {
            String(
                decoding: FirehoseDelivery.answer(
                    requestID: "a\"b", at: .at("2026-08-01T12:00:03.9Z"), error: error), as: UTF8.self)
        }
        #expect(text(nil) == #"{"requestId":"a\"b","timestamp":1785585603900}"#)
        #expect(
            text("no\nspace") == #"{"requestId":"a\"b","timestamp":1785585603900,"errorMessage":"no\nspace"}"#
        )
        #expect(text(String(repeating: "ü", count: 9_000)).count < 8_192)
    }
}

@Suite("The headers of a delivery")
struct FirehoseDeliveryHeadersTests {
    private let usual = [
        ("X-Amz-Firehose-Protocol-Version", "1.0"), ("X-Amz-Firehose-Request-Id", "r"),
        ("X-Amz-Firehose-Source-Arn", "arn:aws:firehose:eu-west-1:123456789012:deliverystream/s"),
        ("X-Amz-Firehose-Access-Key", "k=/ "),
        ("X-Amz-Firehose-Common-Attributes", #"{"commonAttributes":{"env":"prod","\u00fc":"\"x\""}}"#),
    ]

    @Test("say who sends, with which key, and what was set")
    func reads() throws {
        let headers = try FirehoseDeliveryHeaders(usual)
        #expect(headers.requestID == "r" && headers.accessKey == "k=/ ")
        #expect(headers.sourceARN?.hasSuffix("deliverystream/s") == true)
        #expect(headers.commonAttributes == ["env": "prod", "ü": "\"x\""])
        #expect(try FirehoseDeliveryHeaders(Array(usual.prefix(2))).accessKey == nil)
    }

    @Test("that are missing, doubled or malformed are refused")
    func refuses() {
        let bad = [
            Array(usual.dropFirst()), Array(usual.prefix(1)),
            usual + [("x-amz-firehose-access-key", "other")],
            usual.dropLast() + [("X-Amz-Firehose-Common-Attributes", "{")],
            usual.dropLast() + [("X-Amz-Firehose-Common-Attributes", #"{"commonAttributes":{"a":1}}"#)],
            usual.dropLast() + [
                ("X-Amz-Firehose-Common-Attributes", #"{"commonAttributes":{"a":"1","a":"2"}}"#)
            ],
            [("X-Amz-Firehose-Protocol-Version", "2.0"), ("X-Amz-Firehose-Request-Id", "r")],
        ]
        for headers in bad { #expect(throws: Failure.self) { try FirehoseDeliveryHeaders(headers) } }
    }
}

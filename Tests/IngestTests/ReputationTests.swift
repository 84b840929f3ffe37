import DuckDB
import EventLog
import Foundation
import Lake
import Primitives
import Testing

@testable import Ingest

/// Signals as AWS's pages show them.
private enum Signal {
    static let tenant = #""resources":["arn:aws:ses:eu-west-1:123456789012:tenant/acme/tn-0001"]"#
    static let head = #""source":"aws.ses","account":"123456789012","region":"eu-west-1""#
    static let advice =
        #"{"id":"e-1","detail-type":"Advisor Recommendation Status Open",\#(head),"time":"2026-08-01T17:00:59Z",\#(tenant),"#
        + #""detail":{"version":"1.0.0","data":"The bounce rate exceeded 15.0% based on a representative volume of 197 emails","metadata":{"impact":"HIGH","type":"BOUNCE"}}}"#
    static let paused =
        #"{"id":"e-2","detail-type":"Sending Status Disabled",\#(head),"time":"2026-08-01T12:44:28Z",\#(tenant),"#
        + #""detail":{"version":"1.0.0","data":{"origin":"CUSTOMER_MANAGED","record":{"status":"DISABLED","cause":"Status manually updated.","lastUpdatedTimestamp":[2026,8,1,12,44,28,995000000]}}}}"#
    static let threshold =
        "Threshold Crossed: 1 datapoint [0.0612 (01/08/26 12:00:00)] was greater than the threshold (0.05)."

    static func alarm(_ namespace: String = "AWS/SES") -> String {
        #"{"id":"e-3","detail-type":"CloudWatch Alarm State Change","source":"aws.cloudwatch","account":"123456789012","region":"eu-west-1","#
            + #""time":"2026-08-01T12:05:01Z","resources":["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:bounces"],"detail":{"alarmName":"bounces","#
            + #""state":{"value":"ALARM","reason":"\#(threshold)","timestamp":"2026-08-01T12:05:00.000+0000"},"previousState":{"value":"OK"},"#
            + #""configuration":{"metrics":[{"metricStat":{"metric":{"namespace":"\#(namespace)","name":"Reputation.BounceRate","#
            + #""dimensions":{"ses:configuration-set":"news"}},"period":300,"stat":"Average"}}]}}}"#
    }

    static func alarmOfSNS(_ namespace: String = "AWS/SES") -> String {
        #"{"AlarmName":"bounces","AWSAccountId":"123456789012","NewStateValue":"ALARM","NewStateReason":"\#(threshold)","#
            + #""StateChangeTime":"2026-08-01T12:05:00.000+0000","Region":"EU (Ireland)","AlarmArn":"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:bounces","#
            + #""OldStateValue":"OK","Trigger":{"MetricName":"Reputation.BounceRate","Namespace":"\#(namespace)","#
            + #""Dimensions":[{"name":"ses:configuration-set","value":"news"}],"Threshold":0.05}}"#
    }

    static func sns(_ text: String) throws -> String {
        let message = String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
        return
            #"{"Type":"Notification","MessageId":"m","TopicArn":"arn:aws:sns:eu-west-1:123456789012:t","Message":\#(message)}"#
    }
}

@Suite("What AWS says of the sender's reputation")
struct ReputationTests {
    private func read(_ text: String) throws -> ReputationSignal {
        var copy = text
        guard case .contents(let contents) = copy.withUTF8({ Envelope.unwrap(UnsafeRawBufferPointer($0)) }),
            case .signal(let record)? = contents.first
        else { throw Failure(.input, "it is no signal: \(text)") }
        let signal = SignalReader.read(
            record, receivedAt: Timestamp(microseconds: 0), sourceName: "bus", account: nil, region: nil)
        return try #require(signal)
    }

    @Test("a recommendation tells its metric, its impact and the tenant")
    func advice() throws {
        let signal = try read(Signal.advice)
        #expect(signal.id == "e-1" && signal.kind == .recommendation && signal.status == "OPEN")
        #expect(signal.scope == "tenant" && signal.scopeName == "acme")
        #expect(signal.metric == "BOUNCE" && signal.impact == "HIGH" && signal.value == 0.15)
        #expect(signal.eventAt == Timestamp(parsing: "2026-08-01T17:00:59Z"))
        let closed = try read(Signal.advice.replacing("Status Open", with: "Status Closed"))
        #expect(closed.status == "RESOLVED" && closed.statusBefore == "OPEN")
    }

    @Test("paused sending tells who paused it and why")
    func paused() throws {
        let signal = try read(Signal.paused)
        #expect(signal.kind == .sendingStatus && signal.status == "DISABLED")
        #expect(signal.reason == "Status manually updated." && signal.account == "123456789012")
        #expect(signal.raw == Signal.paused)
    }

    @Test("an alarm says the same by EventBridge and by SNS")
    func alarm() throws {
        for text in [Signal.alarm(), Signal.alarmOfSNS(), try Signal.sns(Signal.alarmOfSNS())] {
            let signal = try read(text)
            #expect(signal.kind == .alarm && signal.status == "ALARM" && signal.statusBefore == "OK")
            #expect(signal.metric == "Reputation.BounceRate" && signal.value == 0.0612)
            #expect(signal.scope == "configuration_set" && signal.scopeName == "news")
            #expect(signal.account == "123456789012" && signal.region == "eu-west-1")
            #expect(signal.eventAt == Timestamp(parsing: "2026-08-01T12:05:00Z"))
            #expect(signal.reason == Signal.threshold)
        }
    }

    @Test("an alarm on another service's metric is none")
    func foreign() {
        for text in [Signal.alarm("AWS/EC2"), Signal.alarmOfSNS("AWS/EC2"), "{}", #"{"AlarmName":1}"#] {
            #expect(throws: Failure.self) { try read(text) }
        }
    }

    @Test("each signal is one row, whatever brings it and however often")
    func once() async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog()
        let bodies = [
            Signal.advice, Signal.paused, Signal.alarm(), Signal.alarmOfSNS(),
            try Signal.sns(Signal.alarmOfSNS()),
            "[" + Signal.advice + "," + Signal.paused + "]", openEvent(1),
        ]
        for _ in 0..<2 {
            try await log.append(bodies.map { logged($0) })
            try await live.drain(log).run(until: log.durableEnd)
        }
        let relation = try #require(try await live.lake.relations().first { $0.name == "reputation" })
        let files = "[" + relation.files.map { "'\($0)'" }.joined(separator: ", ") + "]"
        let kinds = try await live.rows(
            "SELECT kind, count(*), count(DISTINCT signal_id) FROM read_parquet(\(files)) GROUP BY 1 ORDER BY 1"
        )
        #expect(kinds == [["alarm", 1, 1], ["recommendation", 1, 1], ["sending_status", 1, 1]])
        #expect(try await live.events() == [1, 1])
        #expect(try await live.lake.verify() == [])
        let refused = try await live.rows("SELECT count(*) FROM \(try await live.lake.refusedRelation())")
        #expect(refused == [[0]])
    }
}

import Foundation
import Primitives
import Testing

@testable import Analytics

@Suite("Queries in JSON")
struct QueryJSONTests {
    private static let now = Timestamp("2026-04-01T00:00:00Z")

    private static func error(_ json: String) -> AnalyticsError? {
        do {
            _ = try AnalyticsPlan(AnalyticsQuery.decode(json.utf8), now: now).compiled(columns: [
                "orders": ["email", "region"]
            ])
            return nil
        } catch { return error }
    }

    @Test(
        "an error names the place and a code",
        arguments: [
            ("", "not-json", ""), ("[]", "bad-value", ""), ("{", "not-json", ""),
            (#"{"metric":["sends"]}"#, "unknown-member", "/metric"),
            (#"{}"#, "bad-value", "/metrics"), (#"{"metrics":"sends"}"#, "bad-value", "/metrics"),
            (#"{"metrics":["sends","bounce_rat"]}"#, "unknown-metric", "/metrics/1"),
            (#"{"metrics":["sends","sends"]}"#, "bad-value", "/metrics/1"),
            (#"{"metrics":["sends"],"dimensions":["days"]}"#, "unknown-dimension", "/dimensions/0"),
            (#"{"metrics":["sends"],"dimensions":["tag:"]}"#, "unknown-dimension", "/dimensions/0"),
            (
                #"{"metrics":["sends"],"dimensions":["tag:NAME:x","DATASET.COLUMN"]}"#, "bad-dataset",
                "/dimensions/1"
            ),
            (#"{"metrics":["sends"],"dimensions":["orders.region"]}"#, "bad-dataset", "/dimensions/0"),
            (
                #"{"metrics":["sends"],"dimensions":["orders.x"],"join":{"orders":{"recipient":"email"}}}"#,
                "bad-dataset", "/dimensions/0"
            ),
            (
                #"{"metrics":["sends"],"dimensions":["orders.region"],"join":{"orders":{"recipient":"mail"}}}"#,
                "bad-dataset", "/join/orders"
            ),
            (
                #"{"metrics":["sends"],"dimensions":["gone.region"],"join":{"gone":{"recipient":"mail"}}}"#,
                "bad-dataset", "/join/gone"
            ),
            (#"{"metrics":["sends"],"join":{"orders":{"address":"mail"}}}"#, "bad-value", "/join"),
            (
                #"{"metrics":["sends"],"filters":[{"field":"isp","op":"like","value":"x"}]}"#, "bad-operator",
                "/filters/0/op"
            ),
            (#"{"metrics":["sends"],"filters":[{"field":"isp","op":"is"}]}"#, "bad-value", "/filters/0"),
            (
                #"{"metrics":["sends"],"filters":[{"and":[{"field":"x","value":1}]}]}"#, "unknown-dimension",
                "/filters/0/and/0/field"
            ),
            (
                #"{"metrics":["sends"],"filters":[{"not":{"field":"sends","value":1}}]}"#,
                "unknown-dimension", "/filters/0/not/field"
            ),
            (
                #"{"metrics":["sends"],"filters":[{"field":"weekday","op":"contains","value":"1"}]}"#,
                "bad-operator", "/filters/0/op"
            ),
            (
                #"{"metrics":["sends"],"filters":[{"field":"weekday","op":"is","value":"monday"}]}"#,
                "bad-value", "/filters/0/value"
            ),
            (
                #"{"metrics":["sends"],"filters":[{"field":"day","op":"gte","values":["2026-01-01","now"]}]}"#,
                "bad-value", "/filters/0/values/1"
            ),
            (
                #"{"metrics":["sends"],"filters":[{"field":"isp","op":"gt","value":null}]}"#, "bad-value",
                "/filters/0/value"
            ),
            (
                #"{"metrics":["sends"],"having":[{"field":"isp","op":"gt","value":1}]}"#, "unknown-metric",
                "/having/0/field"
            ),
            (#"{"metrics":["sends"],"date_range":"last week"}"#, "bad-date-range", "/date_range"),
            (
                #"{"metrics":["sends"],"date_range":{"from":"2026-02-30"}}"#, "bad-date-range",
                "/date_range/from"
            ),
            (
                #"{"metrics":["sends"],"date_range":{"from":"2026-03-02","to":"2026-03-01"}}"#,
                "bad-date-range", "/date_range"
            ),
            (#"{"metrics":["sends"],"time_zone":"Berlin"}"#, "unknown-time-zone", "/time_zone"),
            (#"{"metrics":["sends"],"compare":"before"}"#, "bad-comparison", "/compare"),
            (#"{"metrics":["sends"],"date_range":"all","compare":"previous"}"#, "bad-comparison", "/compare"),
            (#"{"metrics":["sends"],"order":["-opens"]}"#, "bad-order", "/order/0"),
            (#"{"metrics":["sends"],"limit":0}"#, "bad-value", "/limit"),
            (#"{"metrics":["sends"],"limit":1e9}"#, "bad-value", "/limit"),
        ])
    func errors(json: String, code: String, pointer: String) {
        let found = Self.error(json)
        #expect(found?.code.rawValue == code, "\(String(describing: found))")
        #expect(found?.pointer == pointer)
    }

    @Test("a misspelt name is told what was probably meant")
    func hints() {
        #expect(Self.error(#"{"metrics":["bounce_rat"]}"#)?.hint == "did you mean bounce_rate?")
        #expect(
            Self.error(#"{"metrics":["sends"],"dimensions":["recipient_domian"]}"#)?.hint
                == "did you mean recipient_domain?")
        #expect(Self.error(#"{"metrics":["sends"],"timezone":"UTC"}"#)?.hint == "did you mean time_zone?")
    }

    @Test("filters that nest without end are refused")
    func depth() {
        let deep =
            String(repeating: #"{"not":"#, count: 200) + #"{"field":"isp","value":"x"}"#
            + String(repeating: "}", count: 200)
        #expect(Self.error(#"{"metrics":["sends"],"filters":[\#(deep)]}"#)?.code == .badValue)
    }

    @Test("what is written is read again")
    func roundTrip() throws {
        let json = #"""
            {"metrics":["sends","bounce_rate"],"dimensions":["day","tag:x"],"filters":[{"or":[{"field":"isp","op":"in","values":["Gmail",null]},
            {"not":{"field":"weekday","op":"gt","value":5}}]}],"having":{"field":"sends","op":"gte","value":100},
            "date_range":{"from":"2026-01-01","to":"2026-01-31"},"compare":"weekday","time_zone":"Europe/Berlin","time_basis":"sent",
            "order":["-sends","day"],"limit":5,"offset":10,"join":{"orders":{"recipient":"email"}},"representative_volume":500}
            """#
        let query = try AnalyticsQuery.decode(json.utf8)
        #expect(query.filters.count == 1 && query.having.count == 1 && query.order[0].isDescending)
        #expect(try AnalyticsQuery.decode(JSONEncoder().encode(query)) == query)
    }
}

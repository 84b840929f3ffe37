import Analytics
import ArgumentParser
import Testing

@testable import Commands

@Suite("Options of sesame query")
struct QueryFlagsTests {
    private static func query(_ arguments: [String]) throws -> AnalyticsQuery {
        try QueryCommand.parse(arguments).flags()
    }

    @Test("say what the JSON says")
    func all() throws {
        let query = try Self.query([
            "--metrics", "sends,bounce_rate", "--by", "day,isp", "--since", "2026-08-01", "--until",
            "2026-08-31", "--where", "isp=Gmail|Yahoo",
            "--where", "weekday>=6", "--compare", "year", "--order", "-sends", "--limit", "5", "--time-zone",
            "Europe/Berlin",
        ])
        let json = #"""
            {"metrics":["sends","bounce_rate"],"dimensions":["day","isp"],"date_range":{"from":"2026-08-01","to":"2026-08-31"},
            "filters":[{"field":"isp","op":"is","values":["Gmail","Yahoo"]},{"field":"weekday","op":"gte","value":6}],
            "compare":"year","order":["-sends"],"limit":5,"time_zone":"Europe/Berlin"}
            """#
        #expect(try query == AnalyticsQuery.decode(json.utf8))
    }

    @Test(
        "read a condition by the first sign in it",
        arguments: [
            ("isp=Gmail", "isp", AnalyticsFilter.Operator.is, [AnalyticsValue.text("Gmail")]),
            ("isp!=Gmail", "isp", .isNot, [.text("Gmail")]),
            ("subject~a=b", "subject", .contains, [.text("a=b")]),
            ("subject!~x", "subject", .notContains, [.text("x")]),
            ("link=~a|b", "link", .matches, [.text("a|b")]), ("campaign=", "campaign", .is, [.null]),
            ("account=012345678901", "account", .is, [.text("012345678901")]),
            ("smtp_code=550", "smtp_code", .is, [.integer(550)]),
            ("was_clicked=false", "was_clicked", .is, [.flag(false)]),
            ("orders.amount>7.5", "orders.amount", .greater, [.number(7.5)]),
            ("version=1.50", "version", .is, [.text("1.50")]),
            ("day<2026-08-01", "day", .less, [.text("2026-08-01")]),
        ])
    func condition(
        text: String, field: String, comparison: AnalyticsFilter.Operator, values: [AnalyticsValue]
    ) throws {
        #expect(try QueryCommand.filter(text) == .condition(.init(field, comparison, values)))
    }

    @Test("refuse what is none", arguments: ["", "isp", "=x"])
    func noCondition(text: String) {
        #expect(throws: ValidationError.self) { _ = try QueryCommand.filter(text) }
    }

    @Test("need metrics, and a beginning where there is an end")
    func missing() {
        #expect(throws: ValidationError.self) { _ = try Self.query([]) }
        #expect(throws: ValidationError.self) {
            _ = try Self.query(["--metrics", "sends", "--until", "2026-08-01"])
        }
        #expect(throws: ValidationError.self) {
            _ = try Self.query(["--metrics", "sends", "--since", "soon"])
        }
    }
}

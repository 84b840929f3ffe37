import DuckDB
import Primitives
import Testing

@testable import Analytics
@testable import Query

/// Whatever stands in a query's values and names, it stays a text.
@Suite("Values of users in SQL")
struct InjectionTests {
    private static let now = Timestamp("2026-04-01T00:00:00Z")
    private static let pieces = [
        "'", "''", "'\u{301}", "\"", "\"\u{301}", ";", "--", "/*", "*/", "\\", "$$", "$x$", "\n", "\r",
        "\u{2028}", "%", "_", "(", ")",
        "E'", "é", "🙂", "\u{200D}", "\u{FEFF}", "x", "OR 1=1", "DROP TABLE events",
        "CROSS JOIN UNNEST(a) AS t(b)",
        "checkpoint (", "query('", "enable_logging(", "write_log/", "json_execute_serialized_sql\"(",
        "events", "`", "\u{1}", " ",
    ]

    private static func text(_ random: inout RandomEvents) -> String {
        (0..<Int.random(in: 1...6, using: &random.random)).map { _ in random.pick(pieces) }.joined()
    }

    private static func event(_ text: String, _ number: Int) -> TestEvent {
        var event = TestEvent(
            type: "Send", at: now.moved(by: -1_000_000), sentAt: now.moved(by: -1_000_000),
            message: "m\(number)", destination: ["a@x.org"],
            recipients: ["a@x.org"])
        event["configuration_set"] = text
        event.tags = [text: text]
        return event
    }

    @Test("a value finds what has it and nothing else, whatever characters it has", arguments: 0..<4)
    func isFound(seed: Int) async throws {
        var random = RandomEvents(seed: seed)
        let texts = (0..<25).map { _ in Self.text(&random) }
        let lake = try await EventFixture(texts.enumerated().map { Self.event($1, $0) })
        for text in texts {
            // By bytes, as the engine compares: Swift takes composed and decomposed letters for one.
            let same = texts.filter { Array($0.utf8) == Array(text.utf8) }.count
            let conditions: [AnalyticsFilter.Condition] = [
                .init("configuration_set", .is, [.text(text)]),
                .init("tag:\(text)", .in, [.text(text), .text("none")]),
            ]
            for condition in conditions {
                let query = AnalyticsQuery(metrics: ["sends"], filters: [.condition(condition)])
                let found = try await lake.answer(query, now: Self.now)
                #expect(found.total("sends") == .integer(Int64(same)), "\(text.debugDescription)")
            }
            let part = AnalyticsQuery(
                metrics: ["sends"],
                filters: [.condition(.init("configuration_set", .contains, [.text(text)]))])
            let found = try await lake.answer(part, now: Self.now)
            #expect(found.total("sends") != .integer(0), "\(text.debugDescription)")
        }
    }

    @Test("the worker takes the statement as it stands, whatever is in it", arguments: 0..<4)
    func passesTheCheck(seed: Int) async throws {
        var random = RandomEvents(seed: seed)
        let connection = try Connection(Database())
        for _ in 0..<50 {
            let text = Self.text(&random)
            var query = AnalyticsQuery(
                metrics: ["bounce_rate"], dimensions: ["tag:\(text)", "header:\(text)"],
                filters: [
                    .or([
                        .condition(.init("subject", .matches, [.text(text)])),
                        .condition(.init("link_tag:\(text)", .isNot, [.text(text), .null])),
                    ])
                ])
            // The name of a column that is there has to stand in the statement as it is; the check may refuse that.
            let column = SQL.isSuspicious(text) ? "region" : text
            query.join = ["orders": .init(.recipient, column)]
            query.dimensions.append("orders.\(column)")
            let columns = ["orders": [column]]
            let sql = try AnalyticsPlan(query, now: Self.now).compiled(columns: columns).sql
            #expect(AthenaDialect.translate(sql) == sql)
            #expect(FunctionRules.refusedCall(in: sql) == nil, "\(text.debugDescription)")
            #expect(try await connection.statementCount(sql) == 1)
            #expect(StatementSplitter.split(sql).count == 1)
        }
    }

    @Test(
        "the name of no function that the sandbox refuses keeps a value out",
        arguments: FunctionRules.refused.sorted() + ["query"])
    func functionNames(name: String) throws {
        for text in ["\(name)(1)", "\(name) (", "\(name)\"(\"", "\(name.uppercased())/", "a \(name)--"] {
            let query = AnalyticsQuery(
                metrics: ["sends"], filters: [.condition(.init("subject", .is, [.text(text)]))])
            let sql = try AnalyticsPlan(query, now: Self.now).compiled(columns: [:]).sql
            #expect(FunctionRules.refusedCall(in: sql) == nil, "\(text)")
        }
    }

    @Test("U+0000, at which the engine would stop reading, is refused", arguments: ["a\0b", "\0"])
    func zero(text: String) {
        for condition in [
            AnalyticsFilter.Condition("subject", .is, [.text(text)]),
            .init("subject", .contains, [.text(text)]), .init("tag:\(text)", .is, [.text("x")]),
        ] {
            #expect(throws: AnalyticsError.self) {
                _ = try AnalyticsPlan(
                    AnalyticsQuery(metrics: ["sends"], filters: [.condition(condition)]), now: Self.now
                ).compiled(columns: [:])
            }
        }
    }

    @Test(
        "a quote with a combining mark behind it is a quote",
        arguments: ["'\u{301}", "a'\u{301}; SELECT 1 --", "\"\u{301}"])
    func combiningMarks(text: String) async throws {
        let connection = try Connection(Database())
        #expect(
            try await connection.rows("SELECT \(SQL.literal(text)) AS \(SQL.identifier(text))")[0][0]
                == .text(text))
        #expect(AthenaDialect.tokenize(SQL.literal(text)) == [SQL.literal(text)])
    }
}

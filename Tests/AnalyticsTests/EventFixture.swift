import DuckDB
import Foundation
import Lake
import Primitives
import Scanning

@testable import Analytics

/// An event as a row of `events`; what stands here is what metrics look at.
struct TestEvent: Sendable {
    var type: String
    var at: Timestamp
    var sentAt: Timestamp
    var message: String
    var destination: [String]
    /// Whom it is about; as the decoder fills it.
    var recipients: [String]
    var id = UUID().uuidString
    var columns: [String: String] = [:]
    var tags: [String: String] = [:]

    var isEngagement: Bool { type == "Open" || type == "Click" }

    /// A column of text; nil is null.
    subscript(_ column: String) -> String? {
        get { columns[column] }
        set { columns[column] = newValue }
    }

    static func domain(_ address: String) -> String? {
        address.contains("@") ? address.split(separator: "@").last.map { $0.lowercased() } : nil
    }
}

/// `events` and `messages` in an engine of their own.
struct EventFixture {
    let connection: Connection

    private static let columns = LakeReference.tables[0].columns.filter {
        !["year", "month", "day"].contains($0.name)
    }

    init(_ events: [TestEvent], sql extra: String = "") async throws {
        connection = try Connection(Database())
        let list = Self.columns.map { "\(SQL.identifier($0.name)) \($0.type)" }.joined(separator: ", ")
        try await connection.execute("SET TimeZone = 'UTC'; CREATE TABLE events (\(list))")
        for start in stride(from: 0, to: events.count, by: 200) {
            let rows = events[start..<min(start + 200, events.count)].map(Self.row).joined(separator: ", ")
            try await connection.execute("INSERT INTO events BY NAME \(Self.values(rows))")
        }
        try await connection.execute(
            """
            CREATE TABLE messages AS
                SELECT message_id, min(sent_at) AS sent_at, any_value(subject) AS subject FROM events GROUP BY 1;
            \(extra)
            """)
    }

    private static let texts = [
        "event_id", "event_type", "source_name", "account_id", "configuration_set", "source_arn",
        "message_id", "sender",
        "from_domain", "subject", "recipient", "recipient_domain", "bounce_type", "bounce_subtype",
        "bounce_status",
        "bounce_diagnostic", "complaint_subtype", "complaint_feedback_type", "delivery_smtp_response",
        "subscription_new", "subscription_old", "ip_address", "link", "machine_rule", "client_name",
        "delay_type",
    ]

    private static func values(_ rows: String) -> String {
        let names =
            texts + [
                "event_at", "sent_at", "recipients", "destination", "delivery_processing_ms", "is_machine",
                "tags",
            ]
        return "SELECT * FROM (VALUES \(rows)) AS v(\(names.joined(separator: ", ")))"
    }

    private static func row(_ event: TestEvent) -> String {
        var event = event
        event["event_id"] = event.id
        event["event_type"] = event.type
        event["message_id"] = event.message
        if event.recipients.count == 1 {
            event["recipient"] = event.recipients[0]
            event["recipient_domain"] = TestEvent.domain(event.recipients[0])
        }
        let list = { (texts: [String]) in
            "[" + texts.map(SQL.literal).joined(separator: ", ") + "]::VARCHAR[]"
        }
        let tags =
            event.tags.isEmpty
            ? "NULL"
            : "MAP {" + event.tags.map { "\(SQL.literal($0)): [\(SQL.literal($1))]" }.joined(separator: ", ")
                + "}"
        let cells =
            texts.map { event[$0].map(SQL.literal) ?? "NULL::VARCHAR" } + [
                "TIMESTAMPTZ '\(event.at)'", "TIMESTAMPTZ '\(event.sentAt)'", list(event.recipients),
                list(event.destination),
                "\(event["delivery_processing_ms"] ?? "NULL")::BIGINT",
                "\(event["is_machine"] ?? "NULL")::BOOLEAN",
                "\(tags)::MAP(VARCHAR, VARCHAR[])",
            ]
        return "(\(cells.joined(separator: ", ")))"
    }

    /// Makes the facts of some days beforehand, and of some of these the repeats. `events` has no more then than what the other days need.
    func cover(_ isCovered: (CivilDay) -> Bool, linked isLinked: (CivilDay) -> Bool = { _ in true })
        async throws -> FactCoverage
    {
        let isFirst = try await connection.rows("FROM duckdb_tables() WHERE table_name = 'all_events'")
            .isEmpty
        if isFirst { try await connection.execute("ALTER TABLE events RENAME TO all_events") }
        try await connection.execute(
            "CREATE OR REPLACE VIEW events AS FROM all_events; DROP TABLE IF EXISTS _facts; DROP TABLE IF EXISTS _half_hours; DROP TABLE IF EXISTS _repeats; DROP TABLE IF EXISTS _repeat_counts"
        )
        let found = try await connection.rows(
            "SELECT DISTINCT epoch_us(event_at) // 86400000000 FROM all_events ORDER BY 1")
        let days = found.compactMap { row in row[0].integer.map { CivilDay(daysSinceEpoch: Int($0)) } }
        var coverage = FactCoverage(hasFiles: false, rest: [])
        for day in days {
            guard isCovered(day) else {
                coverage.rest?.append(day.start..<day.end)
                continue
            }
            // As a large day is: a part of its time after the other.
            let middle = try await middle(day.start, day.end)
            for part in [day.start..<middle, middle..<day.end] where !part.isEmpty {
                let (tables, select) = FactsRollup.sql(from: part.lowerBound, to: part.upperBound)
                let rows = "WITH \(tables) \(select)"
                try await connection.execute(
                    coverage.hasFiles ? "INSERT INTO _facts \(rows)" : "CREATE TABLE _facts AS \(rows)")
                coverage.hasFiles = true
            }
        }
        if coverage.hasFiles {
            try await connection.execute(
                "CREATE TABLE _half_hours AS WITH facts AS (FROM _facts) \(CountsRollup.sql)")
        }
        try await link(days, isLinked, &coverage)
        let needed = coverage.condition(margin: FactsRollup.reach)
        try await connection.execute(
            "CREATE OR REPLACE VIEW events AS FROM all_events WHERE \(needed)")
        return coverage
    }

    /// Makes the repeats of some days, of the facts of all.
    private func link(_ days: [CivilDay], _ isLinked: (CivilDay) -> Bool, _ coverage: inout FactCoverage)
        async throws
    {
        let (tables, select) = FactsRollup.sql(
            from: Timestamp("2000-01-01T00:00:00Z"), to: Timestamp("2100-01-01T00:00:00Z"))
        for day in days {
            guard coverage.hasFiles, isLinked(day) else {
                coverage.unlinked?.append(day.start..<day.end)
                continue
            }
            let isFirst = coverage.unlinked == nil
            if isFirst {
                try await connection.execute("CREATE TEMP TABLE _whole AS WITH \(tables) \(select)")
                coverage.unlinked = days.filter { $0 < day }.map { $0.start..<$0.end }
            }
            let repeats = RepeatsRollup.sql(from: day.start, to: day.end)
            let rows = "WITH facts AS (FROM _whole), \(repeats.tables) \(repeats.select)"
            try await connection.execute(
                isFirst ? "CREATE TABLE _repeats AS \(rows)" : "INSERT INTO _repeats \(rows)")
        }
        guard coverage.unlinked != nil else { return }
        try await connection.execute(
            "DROP TABLE _whole; CREATE TABLE _repeat_counts AS WITH repeats AS (FROM _repeats) \(RepeatsRollup.counts)"
        )
    }

    /// The time that half of the events of a time are before.
    private func middle(_ from: Timestamp, _ to: Timestamp) async throws -> Timestamp {
        let found = try await connection.rows(
            """
            SELECT quantile_disc(epoch_us(event_at), 0.5) FROM all_events
            WHERE event_at >= make_timestamptz(\(from.microseconds)) AND event_at < make_timestamptz(\(to.microseconds))
            """)
        return Timestamp(microseconds: found[0][0].integer ?? from.microseconds)
    }

    /// The answer to a query.
    func answer(
        _ query: AnalyticsQuery, now: Timestamp, datasets: [String: [String]] = [:],
        coverage: FactCoverage = .none
    ) async throws -> AnalyticsResult {
        try await answer(AnalyticsPlan(query, now: now), datasets: datasets, coverage: coverage)
    }

    /// The answer to a query with its clock.
    func answer(
        _ plan: AnalyticsPlan, datasets: [String: [String]] = [:], coverage: FactCoverage = .none
    ) async throws -> AnalyticsResult {
        let compiled = try plan.compiled(columns: datasets, coverage: coverage)
        let names = try await connection.columns(compiled.sql).map(\.name)
        let lines = try await connection.rows(compiled.sql).map { row in
            "{" + zip(names, row).map { "\(JSONText.quoted($0)):\(Self.json($1))" }.joined(separator: ",")
                + "}"
        }
        return try AnalyticsResult(
            compiled, lines: Array(lines.joined(separator: "\n").utf8),
            freshness: .init(snapshotVersion: 0, lastEventAt: nil))
    }

    private static func json(_ value: Value) -> String {
        switch value {
        case .null: "null"
        case .boolean, .integer, .double: value.description
        default: JSONText.quoted(value.description)
        }
    }
}

extension Timestamp {
    /// A time in a test, which is known to be one.
    init(_ text: StaticString) { self = Timestamp(parsing: "\(text)") ?? Timestamp(microseconds: 0) }
}

extension AnalyticsResult {
    /// The value of a column in all.
    func total(_ column: String) -> AnalyticsValue { value(column, in: totals) }
}

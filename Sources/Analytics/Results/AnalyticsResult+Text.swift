import Primitives
import Scanning

extension AnalyticsResult {
    /// The answer as JSON:
    ///
    ///     {"columns": [{"name": "day", "title": "Day", "kind": "dimension", "type": "date"}, …],
    ///      "rows": [{"day": "2026-08-01", "bounce_rate": 0.012, "compare:bounce_rate": 0.011, "sample_too_small": []}, …],
    ///      "totals": {…}, "row_count": 30, "limit": 1000, "offset": 0,
    ///      "date_range": {"from": …, "to": …, "time_zone": "UTC"}, "compare": {"from": …, "to": …},
    ///      "freshness": {"snapshot_version": 12, "last_event_at": …}}
    public var json: String {
        let compare = plan.compared.map { "\"compare\":{\(Self.bounds($0))},\n" } ?? ""
        return """
            {"columns":[\(columns.map(Self.json).joined(separator: ","))],
            "rows":[\(rows.map { "\n" + json($0) }.joined(separator: ","))],
            "totals":\(json(totals)),
            "row_count":\(rowCount),"limit":\(plan.query.limit),"offset":\(plan.query.offset),
            "date_range":{\(Self.bounds(plan.span)),"time_zone":\(JSONText.quoted(plan.query.timeZone))},
            \(compare)"freshness":{"snapshot_version":\(freshness.snapshotVersion),"last_event_at":\(Self.json(freshness.lastEventAt))}}

            """
    }

    /// The rows as CSV, RFC 4180 with a header and the line ends of Unix; null is an empty field.
    public var csv: String {
        ([columns.map { CSVText.field($0.name) }] + rows.map { $0.values.map(\.csv) })
            .map { $0.joined(separator: ",") + "\n" }.joined()
    }

    private func json(_ row: Row) -> String {
        let members = zip(columns, row.values).map { "\(JSONText.quoted($0.name)):\($1.json)" }
        let small = "\"sample_too_small\":[\(row.smallSamples.map(JSONText.quoted).joined(separator: ","))]"
        return "{" + (members + [small]).joined(separator: ",") + "}"
    }

    private static func json(_ column: AnalyticsColumn) -> String {
        let unit = column.unit.map { ",\"unit\":\"\($0.rawValue)\"" } ?? ""
        return "{\"name\":\(JSONText.quoted(column.name)),\"title\":\(JSONText.quoted(column.title)),"
            + "\"kind\":\"\(column.kind.rawValue)\",\"type\":\"\(column.type.rawValue)\"\(unit)}"
    }

    private static func bounds(_ span: DateSpan) -> String {
        "\"from\":\(json(span.from)),\"to\":\(json(span.to))"
    }

    private static func json(_ time: Timestamp?) -> String { time.map { "\"\($0.iso8601)\"" } ?? "null" }
}

extension AnalyticsValue {
    /// The value as JSON.
    public var json: String {
        switch self {
        case .null: "null"
        case .text(let text): JSONText.quoted(text)
        case .integer(let integer): "\(integer)"
        case .number(let number): number.isFinite ? "\(number)" : "null"
        case .flag(let flag): flag ? "true" : "false"
        }
    }

    /// The value as a field of CSV.
    var csv: String {
        switch self {
        case .null: ""
        case .text(let text): CSVText.field(text)
        default: json
        }
    }
}

import Primitives

extension Metric {
    /// The aggregate over facts, or what it is computed of: for people who count by themselves.
    public var sql: String {
        switch measure {
        case .ratio(let above, let below): "\(above) / nullif(\(below), 0)"
        case .difference(let one, let other): "greatest(\(one) - \(other), 0)"
        case .representative(let count): "\(count.sql) of the newest mails"
        case .quantile(let share, let value, let condition, _):
            "quantile_cont(\(Percentiles.rounded(value)), \(share))\(condition.filter)"
        default: aggregate ?? ""
        }
    }

    /// The aggregate over facts; nil for what is not counted over facts one by one.
    var aggregate: String? {
        switch measure {
        case .mails(let condition): "count(*)\(condition.filter)"
        case .events(let condition): condition.eventCount
        case .distinct(let key, let condition): "count(DISTINCT \(key.sql))\(condition.filter)"
        case .quantile, .representative, .ratio, .difference: nil
        }
    }

    /// For different mails the metric that counts all of their facts, each time.
    var eachTime: Metric {
        guard case .distinct(_, let condition) = measure else { return self }
        return Metric(name, title, meaning, formula: formula, unit: unit, .mails(condition))
    }

    /// The metric computed of columns; `column` names that of a metric.
    func expression(_ column: (String) -> String) -> String {
        func part(_ name: String) -> String { Metric.named(name)?.expression(column) ?? "NULL" }
        return switch measure {
        case .ratio(let above, let below): "(\(part(above)) / nullif(\(part(below)), 0))"
        case .difference(let one, let other): "greatest(\(part(one)) - \(part(other)), 0)"
        case .quantile: column(name)
        default: "coalesce(\(column(name)), 0)"
        }
    }
}

extension EventCondition {
    /// The condition in SQL; nil where all facts count.
    var sql: String? {
        let list = types.map(SQL.literal).joined(separator: ", ")
        let type = types.isEmpty ? nil : types.count == 1 ? "event_type = \(list)" : "event_type IN (\(list))"
        let parts = [type, condition].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: " AND ")
    }

    /// The condition as an aggregate has it.
    var filter: String { sql.map { " FILTER (\($0))" } ?? "" }

    /// The aggregate of events over facts, of which an event about several recipients has several.
    var eventCount: String {
        let alone = [sql, "shared_event_id IS NULL"].compactMap(\.self).joined(separator: " AND ")
        return "count(*) FILTER (\(alone)) + count(DISTINCT shared_event_id)\(filter)"
    }
}

extension Measure.Key {
    fileprivate var sql: String {
        switch self {
        case .mail: "mail"
        case .recipient: "recipient"
        case .message: "message_id"
        case .sender: "sender"
        }
    }
}

extension RepresentativeCount {
    /// The aggregate over mails.
    var sql: String {
        switch self {
        case .volume: "count(*)"
        case .bounces: "count(*) FILTER (was_counted_bounce)"
        case .complaints: "count(*) FILTER (was_counted_complaint)"
        }
    }
}

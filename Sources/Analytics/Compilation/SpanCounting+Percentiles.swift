import Primitives

extension SpanCounting {
    /// SELECTs of percentiles by facts.
    func percentiles(_ parts: [Metric]) -> [String] {
        percentiles(parts) { values($0, madeBefore: nil) }
    }

    /// SELECTs of percentiles by a cut, and by facts of what it lacks.
    func percentiles(_ parts: [Metric], of cut: CountsCut) -> [String] {
        percentiles(parts) { part in
            let counted =
                "SELECT \(cut.own[0]) AS \(Percentiles.value), counted\(dimensions) FROM \(rows(of: cut, [part]))"
            guard let lacking = lacking(in: cut) else { return counted }
            return "\(counted)\nUNION ALL BY NAME\n\(values(part, madeBefore: lacking))"
        }
    }

    /// A SELECT for all percentiles of the same values.
    private func percentiles(_ parts: [Metric], _ rows: (Metric) -> String) -> [String] {
        var left = parts.filter { $0.quantile != nil }
        var selects: [String] = []
        while let first = left.first {
            let same = left.filter { $0.quantile?.value == first.quantile?.value }
            left.removeAll { $0.quantile?.value == first.quantile?.value }
            let columns = same.compactMap { part in
                part.quantile.map { "\(Percentiles.aggregate($0.share)) AS \(SQL.identifier(part.name))" }
            }
            selects.append(
                """
                SELECT \(period) AS period, is_total\(plan.comma(plan.keys + columns))
                FROM (\(Percentiles.ranked(by: plan.keys, rows(first)))) GROUP BY ALL
                """)
        }
        return selects
    }

    /// The rounded values of facts, each with its dimensions.
    private func values(_ part: Metric, madeBefore: [String]?) -> String {
        let value = part.quantile.map { Percentiles.rounded($0.value) } ?? "NULL"
        let counted = part.condition?.sql.map { "CASE WHEN \($0) THEN \(value) END" } ?? value
        return """
            SELECT \(counted) AS \(Percentiles.value), 1 AS counted\(dimensions)
            FROM (\(facts(for: [part], madeBefore: madeBefore))) WHERE \(filter)
            """
    }
}

extension Metric {
    /// The share below a percentile and SQL of its values over facts; nil for what is none.
    fileprivate var quantile: (share: Double, value: String)? {
        if case .quantile(let share, let value, _, _) = measure { (share, value) } else { nil }
    }
}

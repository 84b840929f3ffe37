import Primitives

extension AnalyticsPlan {
    /// Makes SQL of the plan.
    ///
    /// - Parameters:
    ///   - columns: the columns of datasets by name, of those that are there.
    ///   - coverage: which facts were made beforehand.
    /// - Throws: ``AnalyticsError`` where a dataset or a column is missing, or a filter's value does not fit.
    public func compiled(columns: [String: [String]], coverage: FactCoverage = .none) throws(AnalyticsError)
        -> CompiledQuery
    {
        var plan = self
        plan.coverage = isWide ? .none : coverage
        return try plan.compile(columns)
    }

    private func compile(_ columns: [String: [String]]) throws(AnalyticsError) -> CompiledQuery {
        try checkDatasets(columns)
        var counts: [String] = []
        for (index, span) in spans.enumerated() { counts += try self.counts(of: span, period: index) }
        let having = FilterSQL { name, _ in
            (Metric.named(name)?.expression { SQL.identifier("\($0):0") } ?? "NULL", .integer)
        }
        let condition = try having.sql(query.having, at: "/having")
        let counted = counts.joined(separator: "\nUNION ALL BY NAME\n")
        // The rows are counted without a FILTER, which the engine would look at anew for each.
        let head = """
            WITH \(try shared(by: counted))_counts AS (
            \(counted)
            ),
            _both AS (
                SELECT is_total\(comma(keys)), \(pivots.joined(separator: ", "))
                FROM _counts GROUP BY is_total\(comma(keys))
            ),
            _numbered AS (
                SELECT *, row_number() OVER (PARTITION BY is_total ORDER BY \(order)) AS place,
                    count(CASE WHEN NOT is_total THEN 1 END) OVER () AS row_count
                FROM _both WHERE is_total OR \(condition)
            )
            """
        let rows = "NOT is_total AND place > \(query.offset) AND place <= \(query.offset + query.limit)"
        return CompiledQuery(
            plan: self,
            sql:
                "\(head)\nSELECT is_total, row_count\(comma(outputs + samples)) FROM _numbered\nWHERE is_total OR \(rows) ORDER BY is_total DESC, place",
            rowsSQL:
                "\(head)\nSELECT \(outputs.joined(separator: ", ")) FROM _numbered\nWHERE \(fields.isEmpty ? "true" : rows) ORDER BY place",
            columns: resultColumns)
    }

    func checkDatasets(_ columns: [String: [String]]) throws(AnalyticsError) {
        for name in query.join.keys.sorted() where usedDatasets.contains(name) {
            guard let present = columns[name] else {
                throw AnalyticsError(
                    .badDataset, at: AnalyticsError.pointer(["join", name]),
                    "there is no dataset '\(name.prefix(100))'",
                    hint: "sesame dataset list shows those there are")
            }
            let column = query.join[name]?.column ?? ""
            guard present.contains(column) else {
                throw AnalyticsError(
                    .badDataset, at: AnalyticsError.pointer(["join", name]),
                    "the dataset '\(name)' has no column '\(column.prefix(100))'",
                    hint: "it has: " + present.joined(separator: ", "))
            }
        }
        let named =
            fields.enumerated().map { ($1, "/dimensions/\($0)") }
            + filterFields.map { ($0.field, $0.pointer) }
        for (field, pointer) in named {
            guard let dataset = field.dataset, let column = field.entry, let present = columns[dataset] else {
                continue
            }
            guard present.contains(column) else {
                throw AnalyticsError(
                    .badDataset, at: pointer,
                    "the dataset '\(dataset)' has no column '\(column.prefix(100))'",
                    hint: "it has: " + present.joined(separator: ", "))
            }
        }
    }

    // MARK: - Columns

    /// Each part in each period, as a column `name:period`.
    private var pivots: [String] {
        parts.flatMap { part in
            spans.indices.map { period in
                "\(joined(part, period)) AS \(SQL.identifier("\(part.name):\(period)"))"
            }
        }
    }

    /// What is counted here and there is added.
    private func joined(_ part: Metric, _ period: Int) -> String {
        let column = SQL.identifier(part.name)
        return part.isSummed
            ? "CAST(sum(\(column)) FILTER (period = \(period)) AS BIGINT)"
            : "any_value(\(column)) FILTER (period = \(period))"
    }

    private func expression(_ metric: Metric, period: Int) -> String {
        metric.expression { SQL.identifier("\($0):\(period)") }
    }

    private var outputs: [String] {
        zip(keys, labels).map { "\($0) AS \(SQL.identifier($1))" }
            + metrics.map { "\(expression($0, period: 0)) AS \(SQL.identifier($0.name))" }
            + (compared == nil
                ? []
                : metrics.map { "\(expression($0, period: 1)) AS \(SQL.identifier("compare:\($0.name)"))" })
    }

    /// What the dimensions' columns are called: a name in which the check could see a call is not repeated.
    var labels: [String] { zip(keys, fields).map { SQL.isSuspicious($1.reference) ? $0 : $1.reference } }

    private var samples: [String] {
        metrics.compactMap { metric in
            metric.sample.flatMap(Metric.named).map {
                "\(expression($0, period: 0)) AS \(SQL.identifier("sample:\(metric.name)"))"
            }
        }
    }

    private var order: String {
        var terms = query.order.map { order in
            "\(column(order.field)) \(order.isDescending ? "DESC" : "ASC") NULLS LAST"
        }
        if terms.isEmpty, !fields.contains(where: \.isTime), let first = metrics.first {
            terms.append("\(expression(first, period: 0)) DESC NULLS LAST")
        }
        terms += keys.map { "\($0) NULLS LAST" }
        return terms.isEmpty ? "is_total" : terms.joined(separator: ", ")
    }

    private func column(_ name: String) -> String {
        if let index = query.dimensions.firstIndex(of: name) { return keys[index] }
        return Metric.named(name).map { expression($0, period: 0) } ?? "NULL"
    }

    private var resultColumns: [AnalyticsColumn] {
        let numbers = { (kind: AnalyticsColumn.Kind, prefix: String) in
            metrics.map {
                AnalyticsColumn(
                    name: prefix + $0.name, title: $0.title, kind: kind, type: $0.unit.valueType,
                    unit: $0.unit)
            }
        }
        return fields.map {
            AnalyticsColumn(
                name: $0.reference, title: $0.dimension.title, kind: .dimension,
                type: $0.dimension.type.valueType)
        } + numbers(.metric, "") + (compared == nil ? [] : numbers(.comparison, "compare:"))
    }
}

extension AnalyticsError {
    fileprivate static func pointer(_ names: [String]) -> String {
        names.map { "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1") }.joined()
    }
}

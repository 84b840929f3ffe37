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
        let head = """
            WITH \(shared)_counts AS (
            \(counts.joined(separator: "\nUNION ALL BY NAME\n"))
            ),
            _both AS (
                SELECT is_total\(comma(keys)), \(pivots.joined(separator: ", "))
                FROM _counts GROUP BY is_total\(comma(keys))
            ),
            _numbered AS (
                SELECT *, row_number() OVER (PARTITION BY is_total ORDER BY \(order)) AS place,
                    count(*) FILTER (NOT is_total) OVER () AS row_count
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

    /// Tables that the counts of all spans share.
    var shared: String {
        var tables: [String] = []
        if coverage.hasRest, !needs.isDisjoint(with: [.verdict, .personHistory]) {
            // All that is read is heard: it has the neighbours of both ends.
            let read = reads[0]
            let condition =
                FactScope.time("event_at", read.from, read.through)
                + (coverage.rest == nil ? "" : " AND \(coverage.condition(margin: EngagementVerdict.reach))")
            tables.append(EngagementVerdict.tables(where: condition, isMaterialized: true))
        }
        if usesFates {
            let fates = FatesSQL(questions: questions).sql(since: fatesStart, coverage: coverage)
            tables.append("_fates AS MATERIALIZED (\n\(fates)\n)")
        }
        return tables.map { $0 + ",\n" }.joined()
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

    // MARK: - Counts

    /// The columns that hold dimensions within the statement.
    var keys: [String] { fields.indices.map { "d\($0 + 1)" } }

    private func comma(_ columns: [String]) -> String { columns.map { ", " + $0 }.joined() }

    /// SELECTs that count one span.
    private func counts(of span: DateSpan, period: Int) throws(AnalyticsError) -> [String] {
        let clock = clock(period)
        let filter = try FilterSQL { (name, pointer) throws(AnalyticsError) in
            let field = try QueryField(name, in: query, at: pointer)
            return (field.sql(clock), field.dimension.type)
        }.sql(query.filters, at: "/filters")
        let dimensions = zip(keys, fields).map { ", \($1.sql(clock)) AS \($0)" }.joined()
        var selects: [String] = []
        let aggregates = parts.compactMap { part in
            part.aggregate.map { "\(withDue($0)) AS \(SQL.identifier(part.name))" }
        }
        if !aggregates.isEmpty {
            let facts = enriched(FactScope(span, self, types: countedTypes))
            let total = keys.isEmpty ? "true" : "grouping(\(keys[0])) = 1"
            let groups = keys.isEmpty ? "" : "GROUP BY GROUPING SETS ((\(keys.joined(separator: ", "))), ())"
            selects.append(
                """
                SELECT \(period) AS period, \(total) AS is_total\(comma(keys)), \(aggregates.joined(separator: ", "))
                FROM (SELECT *\(dimensions) FROM (\(facts)) WHERE \(filter)) \(groups)
                """)
        }
        if usesVolume {
            let mails = """
                SELECT *\(dimensions) FROM (\(enriched(FactScope(volumeOf: span, self))))
                WHERE \(Rule.isReal) AND NOT was_list_suppressed AND \(filter)
                """
            let counts = RepresentativeSQL(
                volume: query.representativeVolume,
                dimensions: Array(zip(keys, fields).map { (column: $0, field: $1) })
            ).sql(mails: mails, from: span.from)
            selects.append("SELECT \(period) AS period, * FROM (\(counts))")
        }
        return selects
    }

    /// The types of the events that are counted; none where all are.
    private var countedTypes: Set<String> {
        let conditions = parts.compactMap(\.condition)
        return conditions.contains { $0.types.isEmpty } ? [] : Set(conditions.flatMap(\.types))
    }

    func withDue(_ sql: String) -> String {
        sql.replacing("$due", with: SQL.instant(now.moved(by: -6 * 3_600_000_000)))
    }

    func clock(_ period: Int) -> FactClock {
        var clock = FactClock(
            column: query.timeBasis == .event ? "event_at" : "sent_at", timeZone: query.timeZone)
        if period == 1, let from = compared?.from, let to = span.from {
            clock.moved = .init(
                from: reckoner.local(from), to: reckoner.local(to),
                distance: to.microseconds - from.microseconds)
        }
        return clock
    }

    // MARK: - Columns

    /// Each part in each period, as a column `name:period`.
    private var pivots: [String] {
        parts.flatMap { part in
            spans.indices.map { period in
                "any_value(\(SQL.identifier(part.name))) FILTER (period = \(period)) AS \(SQL.identifier("\(part.name):\(period)"))"
            }
        }
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

/// Tables of a statement that the counts of all spans share.
extension AnalyticsPlan {
    /// SQL of the tables, for WITH, each with a comma behind it.
    ///
    /// - Parameter counts: the SQL that reads them.
    func shared(by counts: String) -> String {
        var tables: [String] = []
        if hasFreshVerdict { tables.append(freshVerdict) }
        let fates = usesFates ? "_fates AS MATERIALIZED (\n\(self.fates)\n)" : nil
        if coverage.isRestShared {
            tables.append(
                "\(FactsSQL.sharedTable) AS MATERIALIZED (\n\(freshFacts(for: counts + (fates ?? "")))\n)")
        }
        if let fates { tables.append(fates) }
        return tables.map { $0 + ",\n" }.joined()
    }

    private var fates: String {
        FatesSQL(questions: questions).sql(since: fatesStart, coverage: coverage, of: volumeMails)
    }

    /// SQL of the mails of representative volumes, where nothing else is asked about mails and the times of these are known: they are
    /// few, and the bounces of months are not.
    private var volumeMails: String? {
        guard questions == [.volume], volumeTimes != nil else { return nil }
        return spans.indices.map { period in
            let scope = FactScope(volumeOf: spans[period], self, period: period)
            return "SELECT mail FROM (\(FactsSQL(coverage: coverage).sql(where: scope.condition)))"
        }.joined(separator: "\nUNION ALL\n")
    }

    /// Whether opens and clicks are judged that have no facts.
    private var hasFreshVerdict: Bool {
        coverage.hasRest && !needs.isDisjoint(with: [.verdict, .personHistory])
    }

    private var freshVerdict: String {
        // All that is read is heard: it has the neighbours of both ends.
        let read = reads[0]
        let condition =
            FactScope.time("event_at", read.from, read.through)
            + (coverage.rest == nil ? "" : " AND \(coverage.condition(margin: EngagementVerdict.reach))")
        return EngagementVerdict.tables(where: condition, isMaterialized: true)
    }

    /// The facts that were not made beforehand, with the columns that a statement names.
    private func freshFacts(for sql: String) -> String {
        let read = reads[0]
        let types = usesFates || usesVolume ? [] : types(of: parts)
        let condition = FactScope.condition(
            "event_at", DateSpan(from: read.from, to: read.through), types: types)
        let facts = FactsSQL(
            hasVerdict: hasFreshVerdict, coverage: FactCoverage(hasFiles: false, rest: coverage.rest)
        ).sql(where: condition)
        let named = FactsSQL.columns(namedIn: sql).sorted().joined(separator: ", ")
        return "SELECT \(named) FROM (\(facts))"
    }
}

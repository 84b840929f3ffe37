/// Tables of a statement that the counts of all spans share.
extension AnalyticsPlan {
    /// SQL of the tables, for WITH, each with a comma behind it.
    ///
    /// - Parameter counts: the SQL that reads them.
    func shared(by counts: String) throws(AnalyticsError) -> String {
        var tables = try volumes
        if usesFates { tables.append("_fates AS MATERIALIZED (\n\(fates)\n)") }
        if coverage.isRestShared {
            let facts = freshFacts(for: ([counts] + tables).joined())
            tables.insert("\(FactsSQL.sharedTable) AS MATERIALIZED (\n\(facts)\n)", at: 0)
        }
        if hasFreshVerdict { tables.insert(freshVerdict, at: 0) }
        return tables.map { $0 + ",\n" }.joined()
    }

    /// Whether the Sends of representative volumes are tables of the statement. Where it is known when they were sent they are few; and they are asked for
    /// twice, to find what became of them and to be counted.
    var sharesVolumes: Bool { usesVolume && volumeTimes != nil && !isWide }

    /// The tables of these, with the columns that the counts name.
    private var volumes: [String] {
        get throws(AnalyticsError) {
            guard sharesVolumes else { return [] }
            var tables: [String] = []
            for (period, span) in spans.enumerated() {
                let scope = FactScope(volumeOf: span, self, period: period)
                let counts = try SpanCounting(self, span, period: period).representativeVolume()
                let facts = FactsSQL(coverage: coverage).sql(where: scope.condition)
                let named = FactsSQL.columns(namedIn: counts).sorted().joined(separator: ", ")
                tables.append(
                    "\(FactScope.volumeTable(period)) AS MATERIALIZED (\nSELECT \(named) FROM (\(facts))\n)")
            }
            return tables
        }
    }

    private var fates: String {
        if let mails = mailsAsking("DeliveryDelay"), questions == [.outcome], coverage.hasFiles,
            let unlinked = coverage.unlinked
        {
            return FatesSQL.ofDelays(since: fatesStart, coverage: coverage, unlinked: unlinked, of: mails)
        }
        return FatesSQL(questions: questions).sql(since: fatesStart, coverage: coverage, of: askedMails)
    }

    /// SQL of the mails of which it is asked what became of them, where they are few: what is known of all mails of months is not. Nil for all.
    private var askedMails: String? {
        var mails: [String] = []
        if usesVolume {
            guard sharesVolumes else { return nil }
            mails += spans.indices.map { "SELECT mail FROM \(FactScope.volumeTable($0))" }
        }
        if questions != [.volume] {
            guard let delayed = mailsAsking("DeliveryDelay") else { return nil }
            mails.append(delayed)
        }
        return mails.joined(separator: "\nUNION ALL\n")
    }

    /// SQL of the mails with an event of a type, where no others are asked what became of them.
    private func mailsAsking(_ type: String) -> String? {
        let asking = parts.filter { $0.condition?.needs.isDisjoint(with: FactNeed.ofFates) == false }
        guard types(of: asking) == [type], fieldNeeds.isDisjoint(with: FactNeed.ofFates) else { return nil }
        return spans.map { span in
            let scope = FactScope(span, self, types: [type])
            return "SELECT mail FROM (\(FactsSQL(coverage: coverage).sql(where: scope.condition)))"
        }.joined(separator: "\nUNION ALL\n")
    }

    /// Whether opens and clicks are judged that have no facts.
    private var hasFreshVerdict: Bool {
        coverage.hasRest && !needs.isDisjoint(with: [.verdict, .personHistory, .opening])
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

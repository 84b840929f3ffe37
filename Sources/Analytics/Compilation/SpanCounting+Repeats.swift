import Primitives

extension SpanCounting {
    /// Whether different mails are all facts less the repeats: where mails are chosen and grouped by what they keep, or grouped by a span
    /// of time.
    var hasRepeats: Bool {
        guard asksFacts, plan.coverage.hasFiles, plan.coverage.unlinked != nil else { return false }
        let kept = Set(RepeatsRollup.own + ["event_type"])
        return FactsSQL.columns(namedIn: filter).isSubset(of: kept)
            && plan.fields.allSatisfy {
                $0.span != nil || FactsSQL.columns(namedIn: $0.sql(clock)).isSubset(of: kept)
            }
    }

    /// Whether mails are chosen by the time of sending, which they keep, and not by that of the fact.
    private var isBySending: Bool { plan.query.timeBasis == .sent }

    /// SELECTs that make different mails of the counts of all facts, to which they are to be added.
    ///
    /// Each mail of which the repeats do not tell everything is looked at by itself: its facts and repeats are taken out, and it is counted.
    func lessRepeats(_ parts: [Metric]) -> [String] {
        let all = repeats(of: parts, "-")
        let mails = mailsToLookAt(parts)
        guard !mails.isEmpty else { return [all] }
        let isOne = "mail IN (FROM _mails)"
        let counts = parts.map { part in
            "\(part.aggregate ?? "0") - \(part.eachTime.aggregate ?? "0") AS \(SQL.identifier(part.name))"
        }
        let facts = "SELECT *\(dimensions) FROM (\(facts(for: parts))) WHERE \(filter) AND \(isOne)"
        let looked = [select(counts, from: facts), repeats(of: parts, "", whose: isOne)]
        // By way of a list, since the engine takes that for short: else it may keep all facts in memory, and look for these mails among them.
        return [
            all,
            """
            SELECT * FROM (
            WITH _mails AS MATERIALIZED (
            SELECT unnest(mails) AS mail
            FROM (SELECT list(DISTINCT mail) AS mails FROM (\(mails.joined(separator: "\nUNION ALL\n"))))
            )
            \(looked.joined(separator: "\nUNION ALL BY NAME\n"))
            )
            """,
        ]
    }

    /// SQL of how many repeats there are, with a sign.
    ///
    /// - Parameter mails: SQL of the mails that count; nil for all.
    private func repeats(of parts: [Metric], _ sign: String, whose mails: String? = nil) -> String {
        let isInSpan = isBySending ? "true" : FactScope.time("since", span.from, nil)
        var before = clock
        before.column = "since"
        // In a group by time a mail's first fact counts, though it is a repeat in all.
        let spans = isBySending ? [] : plan.fields.filter { $0.span != nil }
        let isInGroup = spans.map { "\($0.sql(before)) = \($0.sql(clock))" }.joined(separator: " AND ")
        let counts = parts.map { part in
            let isOfPart = "metric = \(SQL.literal(part.name))"
            let all = "sum(counted) FILTER (\(isOfPart))"
            let count =
                spans.isEmpty
                ? all
                : "CASE WHEN grouping(\(plan.keys[0])) = 1 THEN \(all) ELSE sum(counted) FILTER (\(isOfPart) AND is_in_group) END"
            return "coalesce(\(sign)\(count), 0) AS \(SQL.identifier(part.name))"
        }
        let column = spans.isEmpty ? "" : ", \(isInGroup) AS is_in_group"
        let rows = "SELECT *\(dimensions)\(column) FROM (\(rows(of: parts, mails)))"
        return select(counts, from: "\(rows)\nWHERE \(isInSpan) AND \(filter)")
    }

    /// The repeats of the span, of their counts where these tell all that is asked.
    private func rows(of parts: [Metric], _ mails: String?) -> String {
        func each(_ span: DateSpan) -> String {
            """
            SELECT *, 1 AS counted FROM \(RepeatsRollup.table)
            WHERE \(isRepeat(of: parts, in: span)) AND since IS NOT NULL\(mails.map { " AND \($0)" } ?? "")
            """
        }
        guard mails == nil, canBeCut, span.from == inner.from,
            let cut = RepeatsCut.telling(clock.column, dimensions + filter)
        else { return each(span) }
        let counted = "FROM \(RepeatsCut.table) WHERE cut = '\(cut)' AND \(isRepeat(of: parts, in: inner))"
        return inner.to == span.to
            ? counted : "\(counted)\nUNION ALL BY NAME\n\(each(DateSpan(from: inner.to, to: span.to)))"
    }

    /// Whether groups, filters or the span are of what mails keep.
    private var namesOwn: Bool {
        isBySending
            || !FactsSQL.columns(namedIn: dimensions + filter).isDisjoint(with: RepeatsRollup.own)
    }

    /// Rows of the tables of repeats that belong to a span.
    private func isRepeat(of parts: [Metric], in span: DateSpan) -> String {
        let names = parts.map { SQL.literal($0.name) }.joined(separator: ", ")
        return "metric IN (\(names)) AND \(FactScope.time(clock.column, span.from, span.to))"
    }

    /// SQL of the mails of which repeats do not tell everything; none where there can be none.
    private func mailsToLookAt(_ parts: [Metric]) -> [String] {
        var mails: [String] = []
        let unlinked = (plan.coverage.unlinked ?? []).filter { range in
            (isBySending || span.to.map { range.lowerBound < $0 } ?? true)
                && (span.from.map { $0 < range.upperBound } ?? true)
        }
        if !unlinked.isEmpty {
            let facts = facts(
                for: parts, madeBefore: plan.coverage.unlinkedMadeBefore, isJudged: false)
            mails.append("SELECT mail FROM (\(facts)) WHERE \(FactCoverage.condition(unlinked))")
        }
        let isShort =
            if let from = span.from, let to = span.to {
                to.microseconds - from.microseconds <= RepeatsRollup.lookback
            } else {
                false
            }
        if !isShort || namesOwn {
            mails.append(
                "SELECT mail FROM \(RepeatsRollup.table) WHERE \(RepeatsRollup.isOdd) AND \(isRepeat(of: parts, in: span))"
            )
        }
        return mails
    }
}

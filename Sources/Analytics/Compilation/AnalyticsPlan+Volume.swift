import Primitives

/// When the mails of a representative volume were sent.
///
/// It may reach back 90 days, and is a matter of hours for most who send. Counts of half hours tell which, at a small part of the price of
/// looking at the mails: so they are asked first.
extension AnalyticsPlan {
    /// The metrics of ``volumeQuestions``.
    private enum Counted {
        static let sent = "real_sends"
        static let stopped = "list_suppressed"
        static let time = "half_hour"
    }

    /// What to ask before, for ``narrowed(by:)``; none where all of the 90 days are wanted, for a group may have few mails.
    public var volumeQuestions: [AnalyticsQuery] {
        guard usesVolume, fields.allSatisfy({ $0.span != nil }) else { return [] }
        let start = Timestamp(microseconds: volumeStart.microseconds.roundedDown(to: CountsCut.span))
        let end = now.roundedUp(to: CountsCut.span)
        func question(_ metrics: [String], filters: [AnalyticsFilter]) -> AnalyticsQuery {
            var question = AnalyticsQuery(
                metrics: metrics, dimensions: query.dimensions.filter { $0 != Counted.time } + [Counted.time],
                filters: filters, dateRange: .between(.time(start), .time(end)), timeZone: query.timeZone)
            (question.join, question.limit) = (query.join, AnalyticsQuery.mostRows)
            return question
        }
        // A filter may hold for a mail and not for the bounce that tells of the suppression list.
        return query.filters.isEmpty
            ? [question([Counted.sent, Counted.stopped], filters: [])]
            : [question([Counted.sent], filters: query.filters), question([Counted.stopped], filters: [])]
    }

    /// The plan that looks at no more mails than it has to.
    ///
    /// - Parameter answers: those to ``volumeQuestions``.
    public func narrowed(by answers: [AnalyticsResult]) -> AnalyticsPlan {
        var counts: [Timestamp: VolumeCount] = [:]
        for answer in answers {
            guard answer.rows.count == answer.rowCount else { return self }
            for row in answer.rows {
                guard case .text(let text) = answer.value(Counted.time, in: row),
                    let start = Timestamp(parsing: text)
                else { return self }
                // A time dimension that is the same stands once.
                let spans = query.dimensions.map { answer.value($0, in: row) }
                var count = counts[start] ?? VolumeCount(start: start, spans: spans)
                count.sent += answer.count(Counted.sent, in: row)
                count.stopped += answer.count(Counted.stopped, in: row)
                counts[start] = count
            }
        }
        let newestFirst = counts.values.sorted { $0.start > $1.start }
        var plan = self
        plan.volumeTimes = spans.map { volumeTimes($0, newestFirst) }
        return plan
    }

    /// When the mails were sent that are among the newest at the end of one of a span's rows.
    ///
    /// Whatever a suppression list stopped since then was among them at worst. A few more than are wanted are looked for, since mails can be
    /// erased between the two questions.
    private func volumeTimes(_ span: DateSpan, _ newestFirst: [VolumeCount]) -> VolumeTimes {
        let wanted = Int64(query.representativeVolume) * 5 / 4 + 1
        let furthest = furthestVolumeStart(span)
        let (from, to) = (
            span.from ?? Timestamp(microseconds: .min), span.to ?? Timestamp(microseconds: .max)
        )
        var (times, row) = (VolumeTimes(start: furthest), [AnalyticsValue]?.none)
        // Those of the row, and those of all half hours so far.
        var (sent, stopped): (Int64, Int64) = (0, 0)
        var (isEnough, isSkipping) = (false, false)
        for count in newestFirst where count.end > furthest {
            defer { stopped += count.stopped }
            guard count.start < to else { continue }
            // What was sent before the first row ends where that begins.
            let own = count.end <= from || fields.isEmpty ? [] : count.spans
            if own != row { (row, sent, isEnough) = (own, 0, false) }
            isEnough = isEnough || sent - stopped >= wanted
            guard !isEnough else {
                isSkipping = true
                continue
            }
            times.hasGaps = times.hasGaps || isSkipping
            times.halfHours.append(count.start)
            sent += count.end <= to ? count.sent : 0
        }
        if let first = times.halfHours.last { times.start = max(first, furthest) }
        return times
    }

    /// Since when mails are looked at for a representative volume.
    var volumeStart: Timestamp { spans.indices.map { volumeTimes(period: $0).start }.min() ?? now }

    /// When the mails were sent that are looked at for the representative volume of a span.
    func volumeTimes(period: Int) -> VolumeTimes {
        volumeTimes?[period] ?? VolumeTimes(start: furthestVolumeStart(spans[period]))
    }

    private func furthestVolumeStart(_ span: DateSpan) -> Timestamp {
        (span.to ?? now).moved(by: -RepresentativeSQL.days * 86_400_000_000)
    }
}

/// When the mails of a representative volume were sent: since a moment, and of that time in some half hours alone if it has gaps.
struct VolumeTimes: Sendable {
    var start: Timestamp
    var halfHours: [Timestamp] = []
    var hasGaps = false

    /// SQL over the time of a Send.
    var sql: String {
        let since = FactScope.time("event_at", start, nil)
        guard hasGaps else { return since }
        // By the clocks of few zones they begin amid those of UTC.
        let ends = halfHours.flatMap { [$0.microseconds, $0.microseconds + CountsCut.span - 1] }
        let starts = Set(ends.map { $0.roundedDown(to: CountsCut.span) }).sorted()
        let list = starts.map { SQL.instant(Timestamp(microseconds: $0)) }.joined(separator: ", ")
        return "\(since) AND \(FactsSQL.halfHour) IN (\(list))"
    }
}

/// What was sent in a half hour.
private struct VolumeCount {
    let start: Timestamp
    /// The values of the time dimensions that it belongs to.
    let spans: [AnalyticsValue]
    var sent: Int64 = 0
    /// Mails that the bounces in the half hour say a suppression list stopped.
    var stopped: Int64 = 0

    var end: Timestamp { start.moved(by: CountsCut.span) }
}

extension AnalyticsResult {
    fileprivate func count(_ metric: String, in row: Row) -> Int64 {
        if case .integer(let count) = value(metric, in: row) { count } else { 0 }
    }
}

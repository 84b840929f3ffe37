// The files of rollups/<recipe>/:
//
//   <span>-<recipe>-<files>.parquet   what is derived of the events of a UTC day, such as 2026-11-05, or of an hour, 2026-11-05T13
//   .<uuid>                           one that is being written
//
// <recipe>, 16 hexadecimal digits, is a hash of the recipe's SQL. <files>, 32 of them, is a hash of which files of `events` were written
// with events that can have a say in the span, by the commit log; where a recipe looks back, in the span or in one of those before. A
// data file never changes, so where the two are those of a snapshot, the rows are those of the snapshot; where an event came, went or
// was rewritten, the name that a snapshot looks for is another one. A merge of files leaves it as it is; see FileOrigins.swift. Nothing
// else says whether a file is valid, so nothing can say it wrongly.
//
// A file is synced before it gets its name.
//
// Hours have files on the two newest days alone. Events come to these all the time, so that the name of the day is another one each
// second; but hours that are over come to rest.

import Primitives

/// The days and hours of a table that may have files, each with the files of the table that have a say in it.
struct RollupDays: Sendable {
    /// The days with events that can be derived by themselves, in their order.
    let days: [CivilDay]
    /// Times of which that cannot be said: of files that span too many days, or whose time nobody knows.
    private(set) var others: [ClosedRange<Timestamp>] = []
    /// What has a say in a span.
    private var sources: [RollupSpan: (files: [DataFile], digest: UInt128)] = [:]

    /// So many days before its own a recipe looks back that looks back at all.
    static let lookback = 61

    /// Files of more days than this are those of a foreign writer, who does not sort by days.
    private static let mostDays = 40

    /// Events come to so many days all the time, the newest; these have files by the hour until they have one as a whole.
    private static let runningDays = 2

    /// The days of a table's files by the times of their events.
    init(_ all: [DataFile]) {
        var files: [CivilDay: [(file: DataFile, times: ClosedRange<Timestamp>)]] = [:]
        var days: Set<CivilDay> = []
        for file in all where file.rowCount != 0 {
            guard let times = file.eventTimes else {
                others.append(Timestamp(microseconds: .min / 2)...Timestamp(microseconds: .max / 2))
                continue
            }
            guard times.days.count < Self.mostDays else {
                others.append(times)
                continue
            }
            days.formUnion(times.days)
            for day in times.widened(by: RollupRecipe.reach).days {
                files[day, default: []].append((file, times))
            }
        }
        let unsure = others.map { $0.widened(by: RollupRecipe.reach) }
        self.days = days.filter { day in !unsure.contains { $0.overlaps(day.times) } }.sorted()
        for day in self.days { take(RollupSpan(day), (files[day] ?? []).map(\.file)) }
        for hour in self.days.suffix(Self.runningDays).flatMap(RollupSpan.hours) {
            let files = files[hour.day] ?? []
            guard files.contains(where: { $0.times.overlaps(hour.times) }) else { continue }
            let heard = hour.times.widened(by: RollupRecipe.reach)
            take(hour, files.filter { $0.times.overlaps(heard) }.map(\.file))
        }
    }

    private mutating func take(_ span: RollupSpan, _ files: [DataFile]) {
        sources[span] = (files, FileOrigins.digest(of: span, files.compactMap(\.origins)))
    }

    /// Whatever may have a file, in its order.
    var spans: [RollupSpan] { sources.keys.sorted() }

    /// The hours with events of a day to which events still come; none of another.
    func hours(of day: CivilDay) -> [RollupSpan] {
        days.suffix(Self.runningDays).contains(day)
            ? RollupSpan.hours(of: day).filter { sources[$0] != nil } : []
    }

    /// The files that have a say in a span; none where it has no events.
    func files(of span: RollupSpan) -> [DataFile] { sources[span]?.files ?? [] }

    /// The spans with events on which a recipe looks for one, that one as the last.
    func history(of span: RollupSpan) -> [RollupSpan] {
        let before = (-Self.lookback..<0).map {
            RollupSpan(CivilDay(daysSinceEpoch: span.day.daysSinceEpoch + $0))
        }
        return before.filter { sources[$0] != nil }
            + (span.hour == nil ? [] : hours(of: span.day).filter { $0 < span }) + [span]
    }

    /// A hash of the rows that have a say in a span; nil for one that has no event, or cannot be derived.
    ///
    /// - Parameter looksBack: whether those of the days before have a say, too.
    func key(of span: RollupSpan, looksBack: Bool = false) -> String? {
        guard let own = sources[span]?.digest else { return nil }
        guard looksBack else { return RollupHash.hex(own) }
        // What cannot be said of a day before cannot be said of this one.
        let before = CivilDay(daysSinceEpoch: span.day.daysSinceEpoch - Self.lookback).start
        guard !others.contains(where: { $0.overlaps(before...span.times.upperBound) }) else { return nil }
        let numbers = history(of: span).flatMap { before in
            let digest = sources[before]?.digest ?? 0
            return [
                UInt64(bitPattern: before.start.microseconds), before.hour == nil ? 0 : 1,
                UInt64(truncatingIfNeeded: digest), UInt64(truncatingIfNeeded: digest >> 64),
            ]
        }
        return RollupHash.hex(RollupHash.digest(numbers))
    }

    /// The name of the file for a span, without its ending.
    func name(of span: RollupSpan, _ recipe: RollupRecipe) -> String? {
        key(of: span, looksBack: recipe.looksBack).map { "\(span)-\(recipe.version)-\($0)" }
    }

    /// The names of the files that have what a recipe derived of a span: one, or those of its hours; nil where one is not there.
    func names(of span: RollupSpan, _ recipe: RollupRecipe, among present: Set<String>) -> [String]? {
        if let name = name(of: span, recipe), present.contains(name) { return [name] }
        guard span.hour == nil else { return nil }
        let hours = hours(of: span.day).map { name(of: $0, recipe) }
        let there = hours.compactMap(\.self).filter(present.contains)
        return there.isEmpty || there.count < hours.count ? nil : there
    }

    /// The names of the files that a recipe derives a span of, that of the span as the last; nil where one is not there.
    func names(for span: RollupSpan, by other: RollupRecipe, among present: Set<String>) -> [String]? {
        guard let own = name(of: span, other), present.contains(own) else { return nil }
        var names: [String] = []
        for before in history(of: span).dropLast() {
            guard let found = self.names(of: before, other, among: present) else { return nil }
            names += found
        }
        return names + [own]
    }
}

extension ClosedRange<Timestamp> {
    /// The days that it touches.
    fileprivate var days: some Collection<CivilDay> {
        (lowerBound.day.daysSinceEpoch...upperBound.day.daysSinceEpoch).lazy.map {
            CivilDay(daysSinceEpoch: $0)
        }
    }

    func widened(by margin: Int64) -> ClosedRange<Timestamp> {
        Timestamp(
            microseconds: lowerBound.microseconds - margin)...Timestamp(
                microseconds: upperBound.microseconds + margin)
    }
}

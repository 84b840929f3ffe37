// The files of rollups/<recipe>/:
//
//   <day>-<recipe>-<files>.parquet    what is derived of the events of a UTC day, such as 2026-11-05
//   .<uuid>                           one that is being written
//
// <recipe>, 16 hexadecimal digits, is a hash of the recipe's SQL. <files>, 32 of them, is a hash of the paths of all files of `events`
// that can have an event with a say in the day, by the statistics in the commit log; where a recipe looks back, in the day or in one
// of those before. A data file never changes, so where the two are those of a snapshot, the rows are those of the snapshot; where an
// event came, went or was rewritten, or files were merged, the name that a snapshot looks for is another one. Nothing else says
// whether a file is valid, so nothing can say it wrongly.
//
// A file is synced before it gets its name.

import Primitives
import Scanning

/// The days of a table, each with the files that have a say in it.
struct RollupDays: Sendable {
    /// Files by day, of days that can be derived by themselves.
    let files: [CivilDay: [DataFile]]
    /// Times of which that cannot be said: of files that span too many days, or whose time nobody knows.
    private(set) var others: [ClosedRange<Timestamp>] = []
    /// Hashes of the files that have a say in a day.
    private let keys: [CivilDay: String]

    /// So many days before its own a recipe looks back that looks back at all.
    static let lookback = 32

    /// Files of more days than this are those of a foreign writer, who does not sort by days.
    private static let mostDays = 40

    /// The days of a table's files by the times in a column.
    init(_ all: [DataFile], column: String = "event_at") {
        var days: Set<CivilDay> = []
        var files: [CivilDay: [DataFile]] = [:]
        var spans: [(file: DataFile, from: CivilDay, through: CivilDay)] = []
        for file in all where file.rowCount != 0 {
            guard let times = file.times(column) else {
                others.append(Timestamp(microseconds: .min / 2)...Timestamp(microseconds: .max / 2))
                continue
            }
            let (from, through) = (times.lowerBound.day, times.upperBound.day)
            guard through.daysSinceEpoch - from.daysSinceEpoch < Self.mostDays else {
                others.append(times)
                continue
            }
            for day in from.daysSinceEpoch...through.daysSinceEpoch {
                days.insert(CivilDay(daysSinceEpoch: day))
            }
            let heard = times.widened(by: RollupRecipe.reach)
            spans.append((file, heard.lowerBound.day, heard.upperBound.day))
        }
        for (file, from, through) in spans {
            for number in from.daysSinceEpoch...through.daysSinceEpoch {
                let day = CivilDay(daysSinceEpoch: number)
                if days.contains(day) { files[day, default: []].append(file) }
            }
        }
        for range in others.map({ $0.widened(by: RollupRecipe.reach) }) {
            files = files.filter { !($0.key.times.overlaps(range)) }
        }
        self.files = files
        keys = files.mapValues { Self.hash($0.map(\.path).sorted().joined(separator: "\n")) }
    }

    /// The days in their order.
    var days: [CivilDay] { files.keys.sorted() }

    /// The days with events on which a recipe looks for a day, that day as the last.
    func history(of day: CivilDay) -> [CivilDay] {
        ((day.daysSinceEpoch - Self.lookback)...day.daysSinceEpoch).map { CivilDay(daysSinceEpoch: $0) }
            .filter { files[$0] != nil }
    }

    /// A hash of the files that have a say in a day; nil for a day that has no event, or cannot be derived.
    ///
    /// - Parameter looksBack: whether those of the days before have a say, too.
    func key(of day: CivilDay, looksBack: Bool = false) -> String? {
        guard looksBack, keys[day] != nil else { return keys[day] }
        // What cannot be said of a day before cannot be said of this one.
        let before = CivilDay(daysSinceEpoch: day.daysSinceEpoch - Self.lookback).start
        guard !others.contains(where: { $0.overlaps(before...day.times.upperBound) }) else { return nil }
        return Self.hash(history(of: day).map { "\($0) \(keys[$0] ?? "")" }.joined(separator: "\n"))
    }

    /// The name of the file for a day, without its ending.
    func name(of day: CivilDay, _ recipe: RollupRecipe) -> String? {
        key(of: day, looksBack: recipe.looksBack).map { "\(day)-\(recipe.version)-\($0)" }
    }

    /// The names of the files that a recipe derives a day of, that of the day as the last; nil where one is not there.
    func names(for day: CivilDay, by other: RollupRecipe, among present: Set<String>) -> [String]? {
        let names = history(of: day).map { name(of: $0, other) }
        let there = names.compactMap(\.self).filter(present.contains)
        return there.count == names.count ? there : nil
    }

    /// 32 hexadecimal digits. Nobody gains by a collision, so the hash needs no secret.
    static func hash(_ text: String) -> String {
        SipHash(key: Array("sesame rollups 1".utf8)).map { SipHash.hex($0.digest(Array(text.utf8))) } ?? ""
    }
}

extension ClosedRange<Timestamp> {
    func widened(by margin: Int64) -> ClosedRange<Timestamp> {
        Timestamp(
            microseconds: lowerBound.microseconds - margin)...Timestamp(
                microseconds: upperBound.microseconds + margin)
    }
}

extension DataFile {
    /// The times in a column; nil where the log does not say. A maximum that another writer cut to milliseconds stands for all of one.
    func times(_ column: String) -> ClosedRange<Timestamp>? {
        guard let known = statistics.columns[column], case .timestamp(let minimum)? = known.minimum,
            case .timestamp(let maximum)? = known.maximum?.upperLimit, minimum <= maximum
        else { return nil }
        return minimum...maximum
    }
}

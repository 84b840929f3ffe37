import Primitives

/// When the events of a batch happened: what a file is asked for that may hold some of them already.
///
/// An event that is there already has the same time, to the microsecond. A small batch asks for its very times, which
/// finds its own repetitions and next to nothing else, wherever they lie; for a large one the list would be too long, and
/// a few ranges that leave the wide gaps out do, since most events of a batch happened one after another.
struct EventTimes {
    /// So many times are asked for one by one.
    static let mostListed = 2_000
    /// A shorter gap is not worth leaving out: the rows in it are next to each other in the files anyway.
    static let narrowestGap: Int64 = 10_000_000
    /// So many ranges at most.
    static let mostRanges = 32

    /// Microseconds since 1970, ascending, each once.
    let sorted: [Int64]

    /// The times in any order, microseconds since 1970.
    init(_ times: some Sequence<Int64>) {
        var sorted = Array(times).sorted()
        var kept = 0
        for index in sorted.indices where index == 0 || sorted[index] != sorted[index - 1] {
            sorted[kept] = sorted[index]
            kept += 1
        }
        sorted.removeLast(sorted.count - kept)
        self.sorted = sorted
    }

    /// Whether the file may hold a row of one of these times.
    func mayBe(in file: DataFile) -> Bool {
        guard case .timestamp(let minimum)? = file.statistics.columns["event_at"]?.minimum,
            case .timestamp(let maximum)? = file.statistics.columns["event_at"]?.maximum
        else { return !sorted.isEmpty }
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < minimum.microseconds { low = middle + 1 } else { high = middle }
        }
        return low < sorted.count && sorted[low] <= maximum.microseconds
    }

    /// The condition in SQL on the column `event_at`. There must be a time.
    var condition: String {
        if sorted.count <= Self.mostListed {
            return "event_at IN (\(sorted.map { "make_timestamptz(\($0))" }.joined(separator: ", ")))"
        }
        return ranges.map {
            "event_at BETWEEN make_timestamptz(\($0.lowerBound)) AND make_timestamptz(\($0.upperBound))"
        }.joined(separator: " OR ")
    }

    /// All times in few ranges.
    var ranges: [ClosedRange<Int64>] {
        guard let first = sorted.first, let last = sorted.last else { return [] }
        var gaps = zip(sorted, sorted.dropFirst()).filter { $1 - $0 > Self.narrowestGap }
        if gaps.count >= Self.mostRanges {
            gaps = Array(gaps.sorted { $0.1 - $0.0 > $1.1 - $1.0 }.prefix(Self.mostRanges - 1))
                .sorted { $0.0 < $1.0 }
        }
        return zip([first] + gaps.map(\.1), gaps.map(\.0) + [last]).map { $0...$1 }
    }
}

import Primitives

/// How a source's events usually come, and whether its silence is longer than that: a value that decides, and does nothing.
///
/// A silence is unusual when it is longer than a quarter of an hour and than four times the gap that 99 of 100 gaps do not
/// exceed, unless the source is always silent at this time: many send nothing at night, or on Sundays. Whether it is, the
/// days before tell: the later half of the silence, moved back by whole days, lies within a gap on three of the fourteen
/// days before, or on the same weekday of both weeks before. The later half alone, so that the last mail of the day may come
/// somewhat earlier than yesterday. The present silence is no gap yet, so a long outage does not make itself usual.
public struct SourceRhythm: Sendable, Equatable {
    /// A time in which nothing came, between two arrivals.
    public struct Gap: Sendable, Equatable {
        /// The arrival before it.
        public var start: Timestamp
        /// The arrival behind it.
        public var end: Timestamp

        /// A gap.
        public init(from start: Timestamp, to end: Timestamp) { (self.start, self.end) = (start, end) }
    }

    /// The last arrival.
    public var last: Timestamp
    /// How many gaps there were, those between arrivals of one second aside.
    public var gapCount: Int
    /// Seconds that 99 of 100 gaps do not exceed.
    public var longestUsualGap: Int64
    /// The gaps of ``notableGap`` or more.
    public var longGaps: [Gap]

    /// Days of history that are looked at: two weeks and two days more, for gaps that began before them.
    public static let historyDays: Int64 = 16
    /// Seconds of the shortest gap that is kept: half of the shortest silence that can be unusual.
    public static let notableGap: Int64 = shortestSilence / 2
    /// Seconds of silence that nobody is told of.
    static let shortestSilence: Int64 = 900
    /// With fewer gaps than these nothing is usual yet: somebody has tried the source out.
    static let fewestGaps = 20

    /// A rhythm.
    public init(last: Timestamp, gapCount: Int, longestUsualGap: Int64, longGaps: [Gap]) {
        (self.last, self.gapCount) = (last, gapCount)
        (self.longestUsualGap, self.longGaps) = (longestUsualGap, longGaps)
    }

    /// Seconds up to which a silence is usual at any time of the day.
    public var usualSilence: Int64 { max(Self.shortestSilence, 4 * longestUsualGap) }

    /// Whether nothing usually comes from the middle of `start` and `now` until `now`.
    func isUsuallySilent(from start: Timestamp, to now: Timestamp) -> Bool {
        let middle = start.microseconds + (now.microseconds - start.microseconds) / 2
        let silentDays = (Int64(1)...14).filter { days in
            let back = days * 86_400_000_000
            return longGaps.contains {
                $0.start.microseconds <= middle - back && now.microseconds - back <= $0.end.microseconds
            }
        }
        return silentDays.count >= 3 || silentDays.contains(7) && silentDays.contains(14)
    }
}

/// Whether a source is silent for longer than is usual.
public struct SourceSilence: Sendable, Equatable {
    /// The last arrival; nil if nothing ever came.
    public var since: Timestamp?
    /// Seconds since then.
    public var seconds: Int64
    /// Seconds up to which its silence is usual; nil while too little is known.
    public var usualSeconds: Int64?
    /// Whether it is longer than is usual.
    public var isStale: Bool

    /// Judges a source.
    ///
    /// - Parameters:
    ///   - rhythm: nil where nothing came within ``SourceRhythm/historyDays``.
    ///   - lastSeen: when something last came as far as the source's counters know.
    public init(_ rhythm: SourceRhythm?, lastSeen: Timestamp?, at now: Timestamp) {
        let last = [rhythm?.last, lastSeen].compactMap { $0 }.max()
        since = last
        seconds = last.map { max(0, now.microseconds - $0.microseconds) / 1_000_000 } ?? 0
        guard let last else {
            (usualSeconds, isStale) = (nil, false)
            return
        }
        guard let rhythm else {
            // Something came once, and nothing for more than two weeks.
            (usualSeconds, isStale) = (nil, seconds > SourceRhythm.historyDays * 86_400)
            return
        }
        guard rhythm.gapCount >= SourceRhythm.fewestGaps else {
            (usualSeconds, isStale) = (nil, false)
            return
        }
        usualSeconds = rhythm.usualSilence
        isStale = seconds > rhythm.usualSilence && !rhythm.isUsuallySilent(from: last, to: now)
    }
}

import Primitives
import TestSupport
import Testing

@testable import Lake

@Suite("When a source is silent for longer than is usual")
struct SourceRhythmTests {
    private static let minute: Int64 = 60
    private static let hour: Int64 = 3_600
    private static let day: Int64 = 86_400
    /// Monday 2026-08-03 00:00.
    private static let monday: Int64 = 1_785_715_200

    private func time(_ seconds: Int64) -> Timestamp { Timestamp(microseconds: seconds * 1_000_000) }

    /// The rhythm of arrivals at these seconds, by a way other than SQL.
    private func rhythm(_ arrivals: [Int64]) -> SourceRhythm? {
        let sorted = Set(arrivals).sorted()
        guard let last = sorted.last else { return nil }
        let gaps = zip(sorted, sorted.dropFirst()).map { ($0, $1) }
        let lengths: [Int64] = gaps.map { $0.1 - $0.0 }.sorted()
        return SourceRhythm(
            last: time(last), gapCount: gaps.count,
            longestUsualGap: lengths.isEmpty ? 0 : lengths[min(lengths.count - 1, lengths.count * 99 / 100)],
            longGaps: gaps.filter { $1 - $0 >= SourceRhythm.notableGap }.map {
                .init(from: time($0), to: time($1))
            })
    }

    private func isStale(_ arrivals: [Int64], silentFor silence: Int64) -> Bool {
        SourceSilence(rhythm(arrivals), lastSeen: nil, at: time((arrivals.max() ?? 0) + silence)).isStale
    }

    /// Two weeks until Monday with something every so many seconds.
    private func every(_ step: Int) -> [Int64] {
        Array(stride(from: Self.monday - 14 * Self.day, through: Self.monday, by: step))
    }

    @Test("one that brings something every minute is stale after a quarter of an hour")
    func steady() {
        let arrivals = every(60)
        #expect(!isStale(arrivals, silentFor: 15 * Self.minute))
        #expect(isStale(arrivals, silentFor: 15 * Self.minute + 1))
        #expect(isStale(arrivals, silentFor: 5 * Self.day))
    }

    @Test("one that comes in large batches is stale after four times their distance")
    func batches() {
        let arrivals = every(900)
        #expect(!isStale(arrivals, silentFor: Self.hour))
        #expect(isStale(arrivals, silentFor: Self.hour + 1))
    }

    /// Arrivals on one day counted from Monday, between two seconds of it.
    private func arrivals(onDay day: Int64, from first: Int64, to end: Int64, every step: Int) -> [Int64] {
        let start = Self.monday + day * Self.day
        return Array(stride(from: start + first, to: start + end, by: step))
    }

    @Test("a night without mail is usual, a forenoon is not, even where the day ends somewhat earlier")
    func nights() {
        var office: [Int64] = []
        for day in Int64(-14)..<0 {
            office += arrivals(onDay: day, from: 8 * Self.hour, to: 18 * Self.hour, every: 30)
        }
        let evening = Self.monday - 6 * Self.hour - 5 * Self.minute
        let early = office.filter { $0 < evening }
        for arrivals in [office, early] {
            for minutes in stride(from: Int64(16), to: 780, by: 7) {
                #expect(!isStale(arrivals, silentFor: minutes * Self.minute), "\(minutes) min")
            }
        }
        // Monday forenoon, when on all days before something came from 8 on.
        #expect(isStale(office, silentFor: 15 * Self.hour))
        // An outage at noon, though nights are silent.
        let midday = Self.monday - 12 * Self.hour
        #expect(isStale(office.filter { $0 < midday }, silentFor: 20 * Self.minute))
    }

    /// Something every minute but on Sundays, the last on a Saturday evening.
    private func withoutSundays(weeks: Int64) -> [Int64] {
        var found: [Int64] = []
        for day in (-7 * weeks)..<(-1) where (day + 1) % 7 != 0 {
            found += arrivals(onDay: day, from: 0, to: Self.day, every: 60)
        }
        return found
    }

    @Test("a Sunday without mail is usual once there were two")
    func sundays() {
        for silence in [Self.hour, 12 * Self.hour, 23 * Self.hour] {
            #expect(!isStale(withoutSundays(weeks: 3), silentFor: silence))
            #expect(isStale(withoutSundays(weeks: 1), silentFor: silence))
        }
        #expect(isStale(withoutSundays(weeks: 3), silentFor: 26 * Self.hour))
    }

    @Test("an outage does not make itself usual")
    func outage() {
        let arrivals = every(60)
        for days in 1...15 { #expect(isStale(arrivals, silentFor: Int64(days) * Self.day)) }
    }

    @Test("one that was only tried out, or never used, is not stale; one forgotten for weeks is")
    func little() {
        #expect(!isStale([Self.monday, Self.monday + 5, Self.monday + 9], silentFor: 3 * Self.day))
        #expect(!SourceSilence(nil, lastSeen: nil, at: time(Self.monday)).isStale)
        let seen = time(Self.monday)
        #expect(!SourceSilence(nil, lastSeen: seen, at: time(Self.monday + 10 * Self.day)).isStale)
        #expect(SourceSilence(nil, lastSeen: seen, at: time(Self.monday + 20 * Self.day)).isStale)
    }

    @Test("what the counters saw last counts, and a clock that was set back makes nothing stale")
    func counters() {
        let arrivals = every(60)
        let now = time(Self.monday + Self.hour)
        #expect(SourceSilence(rhythm(arrivals), lastSeen: nil, at: now).isStale)
        let silence = SourceSilence(rhythm(arrivals), lastSeen: time(Self.monday + 59 * Self.minute), at: now)
        #expect(silence.seconds == 60 && !silence.isStale)
        #expect(
            SourceSilence(rhythm(arrivals), lastSeen: nil, at: time(Self.monday - Self.hour)).seconds == 0)
    }

    @Test("more history of the same kind never makes a steady source stale sooner")
    func random() {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<50 {
            let step = Int64.random(in: 1...600, using: &generator)
            let arrivals = (Int64(0)..<2_000).map { number -> Int64 in
                let jitter = Int64.random(in: 0...step, using: &generator)
                return Self.monday + number * step + jitter
            }
            // No two lie further apart than two steps, so twice that is never unusual.
            #expect(!isStale(arrivals, silentFor: 2 * step))
            #expect(isStale(arrivals, silentFor: max(15 * Self.minute, 8 * step) + 1))
        }
    }
}

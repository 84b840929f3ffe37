import Foundation
import Primitives

/// What the clocks of a time zone show, as SQL.
///
/// The engine asks a calendar for each row, which takes longer than all else that a count over a month does. But clocks keep their
/// distance to UTC for months: the distances in the time asked for are written out, and the calendar is asked for what lies outside.
struct LocalClock: Sendable {
    private struct Distance {
        var since: Timestamp
        /// How far local time is ahead of UTC.
        var microseconds: Int64
    }

    private let timeZone: String
    /// The oldest first; there is one at least.
    private var distances: [Distance]
    /// When they hold; nil for always.
    private var known: Range<Timestamp>?

    /// More are not written out: a statement is to be read, and each costs time as well.
    private static let most = 8

    /// The clocks of a zone, quick for the times of a span.
    ///
    /// - Parameter name: the zone's, as the engine knows it.
    init(_ zone: TimeZone, named name: String, in span: Range<Timestamp>) {
        timeZone = name
        func distance(since time: Timestamp) -> Distance {
            Distance(
                since: time, microseconds: Int64(zone.secondsFromGMT(for: time.instant)) * 1_000_000)
        }
        distances = [distance(since: span.lowerBound)]
        // No clock was set by a law before 1840.
        let beginning = Date(timeIntervalSince1970: -4_102_444_800)
        guard zone.nextDaylightSavingTimeTransition(after: beginning) != nil else { return }
        var start = span.lowerBound
        while let change = zone.nextDaylightSavingTimeTransition(after: start.instant).map(Timestamp.init),
            change < span.upperBound, change > start
        {
            distances.append(distance(since: change))
            start = change
        }
        distances = distances.suffix(Self.most)
        known = distances[0].since..<span.upperBound
    }

    /// The local time of an instant, both as SQL.
    func local(_ time: String) -> String {
        func shifted(_ distance: Distance) -> String {
            let plus = distance.microseconds == 0 ? "" : " + \(distance.microseconds)"
            return "make_timestamp(epoch_us(\(time))\(plus))"
        }
        var cases = distances.dropFirst().reversed().map {
            "WHEN \(time) >= \(SQL.instant($0.since)) THEN \(shifted($0))"
        }
        if let known {
            cases.insert(
                """
                WHEN \(time) < \(SQL.instant(known.lowerBound)) OR \(time) >= \(SQL.instant(known.upperBound)) \
                THEN (\(time) AT TIME ZONE \(SQL.literal(timeZone)))
                """, at: 0)
        }
        let otherwise = shifted(distances[0])
        return cases.isEmpty ? otherwise : "(CASE \(cases.joined(separator: " ")) ELSE \(otherwise) END)"
    }
}

import ArgumentParser
import Primitives

/// A moment in the past as people give it: `7d`, `24h`, `30m`, or a time such as `2026-08-01T12:00:00Z` or `2026-08-01`.
struct Since: ExpressibleByArgument, Equatable {
    /// The moment.
    let time: Timestamp

    init?(argument: String) { self.init(argument, now: .now) }

    init?(_ text: String, now: Timestamp) {
        let units: [Character: Int64] = ["d": 86_400, "h": 3_600, "m": 60]
        if let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
            (0...36_500).contains(count)
        {
            time = Timestamp(microseconds: now.microseconds - count * unit * 1_000_000)
            return
        }
        let isDay = text.utf8.count == 10
        guard let parsed = Timestamp(parsing: isDay ? text + "T00:00:00Z" : text) else { return nil }
        time = parsed
    }

    /// A moment that stands in the code, as a default.
    init(span: StaticString) {
        self = Since("\(span)", now: .now) ?? Since(time: .now)
    }

    private init(time: Timestamp) { self.time = time }

    static let help = "such as 7d, 24h, 30m or 2026-08-01"
}

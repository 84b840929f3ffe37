/// How long a poller rests after an error: a second at first, twice as long each time, two minutes at most.
///
/// Half of it is left to chance, so that sources that failed together do not come back together.
struct Backoff {
    private(set) var failures = 0
    static let longest = Duration.seconds(120)

    /// The bound of the next rest.
    var bound: Duration { min(Self.longest, .seconds(1 << min(failures, 10))) }

    /// The rest after one more failure.
    mutating func next() -> Duration {
        defer { failures += 1 }
        return bound * Double.random(in: 0.5...1)
    }

    /// All is well again.
    mutating func reset() { failures = 0 }
}

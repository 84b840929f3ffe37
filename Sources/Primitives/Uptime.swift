/// A clock that only goes forward, for delays and ages within one process.
public enum Uptime {
    private static let origin = ContinuousClock.now

    /// The time since somebody first asked.
    public static var now: Duration { origin.duration(to: .now) }
}

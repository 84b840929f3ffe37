import Primitives

/// When a request is sent again, and how long after.
///
/// The delay is drawn at random between nothing and a bound that doubles ("full jitter"), so that clients that failed
/// together do not come back together.
public struct RetryPolicy: Sendable {
    /// How often a request is sent in all.
    public var attempts = 4
    /// The bound of the first delay.
    public var firstDelay = Duration.milliseconds(200)
    /// The largest bound.
    public var longestDelay = Duration.seconds(5)

    /// Four attempts within some seconds.
    public init() {}

    /// The bound of the delay after so many attempts; nil if there is none left.
    func bound(after attempts: Int) -> Duration? {
        guard attempts < self.attempts else { return nil }
        return min(longestDelay, firstDelay * (1 << min(attempts - 1, 16)))
    }

    /// A delay after so many attempts; nil if there is none left.
    func delay(after attempts: Int) -> Duration? {
        bound(after: attempts).map { $0 * Double.random(in: 0...1) }
    }
}

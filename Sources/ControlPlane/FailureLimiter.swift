/// Slows down whoever fails to authenticate, by a key such as an address or a source's name.
///
/// A token bucket for each key: `burst` failures at once, then one each `interval`. A bucket is kept as one number, the time
/// at which it is full again; so a failure adds `interval` to it, and a key whose time has passed need not be kept at all.
///
/// Memory is bounded: when `capacity` keys are kept, the quarter that is nearest to recovery goes. A flood of made-up keys
/// thus drives out single failures before repeated ones.
///
/// Times are of a clock that only goes forward: one that can be set back would lock a key out until it is there again.
public struct FailureLimiter: Sendable {
    private let burst: Int
    private let interval: Duration
    private let capacity: Int
    private var fullAgain: [String: Duration] = [:]

    /// - Parameters:
    ///   - burst: failures that cost nothing; at least 1.
    ///   - interval: seconds after which one more is allowed; at least 1.
    ///   - capacity: keys kept; at least 4.
    public init(burst: Int = 10, interval: Int = 30, capacity: Int = 10_000) {
        self.burst = max(1, burst)
        self.interval = .seconds(max(1, interval))
        self.capacity = max(4, capacity)
    }

    /// Keys kept at present.
    public var count: Int { fullAgain.count }

    /// Whole seconds to wait before the key may try again; nil if it may now. Ask before looking at a secret.
    public func secondsToWait(_ key: String, at now: Duration) -> Int? {
        guard let full = fullAgain[key] else { return nil }
        let wait = full - now - interval * (burst - 1)
        return wait > .zero ? Int((wait / .seconds(1)).rounded(.up)) : nil
    }

    /// Notes a failure of the key.
    public mutating func fail(_ key: String, at now: Duration) {
        if fullAgain[key] == nil, fullAgain.count >= capacity { makeRoom(at: now) }
        let start = max(fullAgain[key] ?? now, now)
        // Capped, so that failures while blocked do not add up to days.
        fullAgain[key] = min(start + interval, now + interval * burst)
    }

    /// Forgets the key's failures, after it authenticated.
    public mutating func succeed(_ key: String) { fullAgain[key] = nil }

    private mutating func makeRoom(at now: Duration) {
        fullAgain = fullAgain.filter { $0.value > now }
        guard fullAgain.count >= capacity else { return }
        for (key, _) in fullAgain.sorted(by: { $0.value < $1.value }).prefix(capacity / 4) {
            fullAgain[key] = nil
        }
    }
}

import Primitives

/// Slows down whoever fails to authenticate, by a key such as an address or a source's name.
///
/// A token bucket for each key: `burst` failures at once, then one each `interval`. A bucket is kept as one number, the time
/// at which it is full again; so a failure adds `interval` to it, and a key whose time has passed need not be kept at all.
///
/// Memory is bounded: when `capacity` keys are kept, the quarter that is nearest to recovery goes. A flood of made-up keys
/// thus drives out single failures before repeated ones.
public struct FailureLimiter: Sendable {
    private let burst: Int64
    private let interval: Int64
    private let capacity: Int
    private var fullAgain: [String: Int64] = [:]

    /// - Parameters:
    ///   - burst: failures that cost nothing; at least 1.
    ///   - interval: seconds after which one more is allowed; at least 1.
    ///   - capacity: keys kept; at least 4.
    public init(burst: Int = 10, interval: Int = 30, capacity: Int = 10_000) {
        self.burst = Int64(max(1, burst))
        self.interval = Int64(max(1, interval)) * 1_000_000
        self.capacity = max(4, capacity)
    }

    /// Keys kept at present.
    public var count: Int { fullAgain.count }

    /// Whole seconds to wait before the key may try again; nil if it may now. Ask before looking at a secret.
    public func secondsToWait(_ key: String, at now: Timestamp) -> Int? {
        guard let full = fullAgain[key] else { return nil }
        let wait = full - now.microseconds - (burst - 1) * interval
        return wait > 0 ? Int((wait + 999_999) / 1_000_000) : nil
    }

    /// Notes a failure of the key.
    public mutating func fail(_ key: String, at now: Timestamp) {
        if fullAgain[key] == nil, fullAgain.count >= capacity { makeRoom(at: now) }
        let start = max(fullAgain[key] ?? 0, now.microseconds)
        // Capped, so that failures while blocked do not add up to days.
        fullAgain[key] = min(start + interval, now.microseconds + burst * interval)
    }

    /// Forgets the key's failures, after it authenticated.
    public mutating func succeed(_ key: String) { fullAgain[key] = nil }

    private mutating func makeRoom(at now: Timestamp) {
        fullAgain = fullAgain.filter { $0.value > now.microseconds }
        guard fullAgain.count >= capacity else { return }
        for (key, _) in fullAgain.sorted(by: { $0.value < $1.value }).prefix(capacity / 4) {
            fullAgain[key] = nil
        }
    }
}

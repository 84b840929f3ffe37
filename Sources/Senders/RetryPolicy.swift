/// When a service sends again what was not acknowledged, and when it gives up.
public struct RetryPolicy: Sendable, Equatable {
    /// The pause before the second attempt, in seconds; each further one is `growth` times as long.
    public var firstPause: Double
    /// How much longer each pause is than the one before.
    public var growth: Double
    /// The longest pause, in seconds.
    public var longestPause: Double
    /// The most attempts; nil is any number within ``patience``.
    public var mostAttempts: Int?
    /// For how long a request is tried, in seconds from its first attempt.
    public var patience: Double

    /// The policy of the service behind a road: AWS's documented defaults, with the pauses between SNS's attempts, 20 s, cut
    /// to one so that a run ends.
    public init(_ road: Road) {
        switch road {
        case .generic: self.init(1, growth: 2, upTo: 30, attempts: nil, patience: 300)
        case .sns: self.init(1, growth: 1, upTo: 20, attempts: 4, patience: 3_600)
        case .firehose: self.init(1, growth: 2, upTo: 120, attempts: nil, patience: 300)
        case .firehoseAPI: self.init(0.5, growth: 2, upTo: 20, attempts: 3, patience: 300)
        case .eventbridge: self.init(1, growth: 2, upTo: 120, attempts: 185, patience: 86_400)
        }
    }

    private init(
        _ firstPause: Double, growth: Double, upTo longest: Double, attempts: Int?, patience: Double
    ) {
        (self.firstPause, self.growth, longestPause) = (firstPause, growth, longest)
        (mostAttempts, self.patience) = (attempts, patience)
    }

    /// The pause after so many attempts that took `elapsed` seconds so far, or nil to give up; `jitter` is in -1...1.
    func pause(after attempts: Int, elapsed: Double, asked: Double?, jitter: Double) -> Double? {
        if let mostAttempts, attempts >= mostAttempts { return nil }
        var pause = firstPause
        for _ in 1..<max(1, attempts) where pause < longestPause { pause *= growth }
        pause = max(min(pause, longestPause), min(asked ?? 0, longestPause)) * (1 + 0.15 * jitter)
        return elapsed + pause > patience ? nil : pause
    }

    /// Whether a road's service tries again after that status.
    static func retries(_ status: Int, on road: Road) -> Bool {
        switch road {
        case .firehose: status != 413
        case .generic, .sns, .firehoseAPI, .eventbridge: status == 429 || status >= 500 || status == 200
        }
    }
}

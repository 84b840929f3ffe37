/// How a run sends.
public struct SendingPlan: Sendable {
    /// Events a second; nil sends the next request as soon as a connection is free.
    public var rate: Double?
    /// Events of a request.
    public var batch: Int
    /// The most requests in flight, each on a connection of its own.
    public var connections: Int
    /// Seconds after which no new request is begun; nil goes on to the end of the events.
    public var seconds: Double?
    /// The share of acknowledged requests that is sent once more, as services do that missed the answer.
    public var redelivered: Double
    /// What happens to requests that were not acknowledged.
    public var retry: RetryPolicy
    /// Makes and signs all requests before the first is sent, so that only the sending is measured.
    public var isPrepared: Bool
    /// Seconds that an attempt may take.
    public var timeout: Double

    /// A plan; one connection after the other at full speed unless told otherwise.
    public init(
        rate: Double? = nil, batch: Int = 1, connections: Int = 8, seconds: Double? = nil,
        redelivered: Double = 0, retry: RetryPolicy, isPrepared: Bool = false, timeout: Double = 60
    ) {
        (self.rate, self.batch, self.connections, self.seconds) = (rate, batch, connections, seconds)
        (self.redelivered, self.retry, self.isPrepared) = (redelivered, retry, isPrepared)
        self.timeout = timeout
    }
}

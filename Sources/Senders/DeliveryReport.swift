/// What became of the requests of a run.
public struct DeliveryReport: Codable, Sendable {
    /// The road.
    public var road = ""
    /// From the first request to the last answer, in seconds.
    public var seconds = 0.0
    /// Requests that were begun, redeliveries left out.
    public var requests = 0
    /// Events in them.
    public var events = 0
    /// Requests that the receiver took.
    public var acknowledgedRequests = 0
    /// Events in them.
    public var acknowledgedEvents = 0
    /// Requests that were given up: refused for good, or tried until patience ended.
    public var lostRequests = 0
    /// Events in them.
    public var lostEvents = 0
    /// Acknowledged requests that were sent once more.
    public var redelivered = 0
    /// Attempts by how they ended: a status, or `no answer`.
    public var answers: [String: Int] = [:]
    /// Acknowledged events a second.
    public var eventsPerSecond = 0.0
    /// Milliseconds from when a request was due to its acknowledgement, retries included: the median.
    public var p50Ms = 0.0
    /// What 90 of 100 requests did not exceed.
    public var p90Ms = 0.0
    /// What 99 of 100 requests did not exceed.
    public var p99Ms = 0.0
    /// The longest.
    public var maxMs = 0.0
}

/// What was acknowledged, counted once an event however often it was sent.
public struct DeliveryTruth: Codable, Sendable, Equatable {
    /// Distinct acknowledged events.
    public var events = 0
    /// The same by `eventType`.
    public var byType: [String: Int] = [:]
}

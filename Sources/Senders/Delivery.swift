import AsyncHTTPClient
import NIOCore

/// One request with its events, ready to be sent as often as it takes.
struct Delivery: Sendable {
    /// What the service calls it; the same on each attempt.
    var id: String
    /// The events in it.
    var events: EventBatch
    /// The body, as it goes over the wire.
    var body: ByteBuffer
}

/// What an attempt to deliver ended with.
enum Attempt: Sendable, Equatable {
    /// The receiver has taken it.
    case acknowledged
    /// The receiver answered something else.
    case refused(status: Int, retryAfter: Double?)
    /// There was no whole answer.
    case failed
}

/// Makes a road's requests and reads its answers.
protocol RoadDriver: Sendable {
    /// Packs events into a request; signs what is signed once.
    func pack(_ events: EventBatch) throws -> Delivery
    /// The headers of an attempt that is made now.
    func headers(_ delivery: Delivery) -> [(String, String)]
    /// Whether a 200 with this body is what the service takes for an OK.
    func isAcknowledged(_ body: ByteBuffer, of delivery: Delivery) -> Bool
}

extension RoadDriver {
    func isAcknowledged(_ body: ByteBuffer, of delivery: Delivery) -> Bool { true }
}

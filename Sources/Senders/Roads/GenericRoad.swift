import NIOCore
import Primitives

/// JSON lines with a bearer token.
struct GenericRoad: RoadDriver {
    let destination: Destination

    func pack(_ events: EventBatch) -> Delivery {
        Delivery(id: RequestID.next(), events: events, body: ByteBuffer(bytes: events.bytes))
    }

    func headers(_ delivery: Delivery) -> [(String, String)] {
        [
            ("Authorization", "Bearer \(destination.secret)"), ("Content-Type", "application/x-ndjson"),
            ("Idempotency-Key", delivery.id),
        ]
    }
}

import NIOCore
import Primitives

/// Events of EventBridge's default bus, sent to an API destination one by one.
struct EventBridgeRoad: RoadDriver {
    let destination: Destination

    func pack(_ events: EventBatch) throws -> Delivery {
        guard events.count == 1 else { throw Failure(.usage, "EventBridge sends one event a request") }
        let id = RequestID.next()
        let type = EventBridgeRoad.detailTypes[events.type(of: 0)] ?? ""
        var body = Array(
            (#"{"version":"0","id":"\#(id)","detail-type":"\#(type)","source":"aws.ses","account":"123456789012","#
                + #""time":"\#(Timestamp.now)","region":"eu-west-1","resources":[],"detail":"#).utf8)
        body += events.event(0)
        body += "}".utf8
        return Delivery(id: id, events: events, body: ByteBuffer(bytes: body))
    }

    func headers(_ delivery: Delivery) -> [(String, String)] {
        [
            ("Content-Type", "application/json; charset=utf-8"), ("Range", "bytes=0-1048575"),
            ("X-Api-Key", destination.secret),
        ]
    }

    private static let detailTypes = [
        "Send": "Email Sent", "Delivery": "Email Delivered", "Bounce": "Email Bounced",
        "Complaint": "Email Complaint Received", "Reject": "Email Rejected", "Open": "Email Opened",
        "Click": "Email Clicked", "Rendering Failure": "Email Rendering Failed",
        "DeliveryDelay": "Email Delivery Delayed", "Subscription": "Email Subscribed",
    ]
}

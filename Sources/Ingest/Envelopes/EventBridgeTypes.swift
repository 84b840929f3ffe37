import Scanning

extension Unpacker {
    /// The `eventType` of each `detail-type` that SES puts on the bus for a message.
    static let eventTypes: [String: String] = [
        "Email Sent": "Send",
        "Email Delivered": "Delivery",
        "Email Bounced": "Bounce",
        "Email Complaint Received": "Complaint",
        "Email Rejected": "Reject",
        "Email Opened": "Open",
        "Email Clicked": "Click",
        "Email Rendering Failed": "Rendering Failure",
        "Email Delivery Delayed": "DeliveryDelay",
        "Email Subscribed": "Subscription",
    ]

    /// Whether a `detail` says itself which event it is.
    static func isMessageEvent(_ detail: UnsafeRawBufferPointer) -> Bool {
        guard let keys = EnvelopeKeys(detail) else { return false }
        return keys.has(.eventType) || keys.has(.notificationType)
    }

    /// A `detail` with its `eventType` put in front; some producers leave it out.
    static func insert(_ eventType: String, into detail: UnsafeRawBufferPointer) -> [UInt8] {
        let isEmpty = !detail.contains(Ascii.quote)
        var bytes = Array("{\"eventType\":\"\(eventType)\"\(isEmpty ? "" : ",")".utf8)
        bytes += detail.dropFirst()
        return bytes
    }
}

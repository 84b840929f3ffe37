import AWSProtocols
import NIOCore
import Primitives

/// Notifications as SNS signs them; an attempt after the first posts the same message.
struct SNSRoad: RoadDriver {
    private let signer: SNSSigner
    private let topic: SNSTopic

    init(_ destination: Destination, signer: SNSSigner) throws(Failure) {
        guard let topic = destination.topic else {
            throw Failure(.usage, "messages of SNS need a topic; name one with --topic-arn")
        }
        self.topic = topic
        self.signer = signer
    }

    func pack(_ events: EventBatch) throws -> Delivery {
        guard events.count == 1 else { throw Failure(.usage, "SNS sends one event a request") }
        let message = SNSMessage(
            .notification, messageID: RequestID.next(), topic: topic, message: Array(events.event(0)),
            subject: "Amazon SES Email Event Notification", timestamp: Timestamp.now.iso8601)
        return Delivery(
            id: message.messageID, events: events, body: ByteBuffer(bytes: try signer.sign(message).json))
    }

    func headers(_ delivery: Delivery) -> [(String, String)] {
        [
            ("Content-Type", "text/plain; charset=UTF-8"), ("x-amz-sns-message-type", "Notification"),
            ("x-amz-sns-message-id", delivery.id), ("x-amz-sns-topic-arn", topic.arn),
        ]
    }
}

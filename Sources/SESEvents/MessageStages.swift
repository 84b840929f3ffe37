/// What the table `messages` tells of each type of event: columns that begin with its prefix say when the first and the last was, and how many.
public enum MessageStages {
    /// The types that SES has, each with the prefix of its columns, in the columns' order.
    public static let all: [(type: String, prefix: String)] = [
        ("Send", "send"), ("Delivery", "delivery"), ("Bounce", "bounce"), ("Complaint", "complaint"),
        ("Reject", "reject"), ("Open", "open"), ("Click", "click"),
        ("Rendering Failure", "rendering_failure"),
        ("DeliveryDelay", "delay"), ("Subscription", "subscription"),
    ]
}

/// The ways in which events come.
public enum SourceKind: String, CaseIterable, Sendable {
    /// SES → SNS topic → HTTPS subscription.
    case sns
    /// SES → Firehose stream → HTTP endpoint.
    case firehose
    /// Any program that speaks the Firehose API, signed with SigV4.
    case firehoseAPI = "firehose-api"
    /// SES → EventBridge rule → API destination.
    case eventbridge
    /// Any program that sends NDJSON with a bearer token.
    case http
    /// Objects under a prefix of a bucket, fetched by Sesame.
    case s3
    /// Messages of a queue, fetched by Sesame.
    case sqs

    /// Whether others send to Sesame; otherwise Sesame fetches.
    public var isPushed: Bool { self != .s3 && self != .sqs }
}

/// A way by which events reach a Sesame, named as on the command line.
public enum Road: String, Sendable, CaseIterable {
    /// `POST /v1/events` with a bearer token, JSON lines.
    case generic
    /// Signed notifications of Amazon SNS, one event each.
    case sns
    /// Deliveries of Amazon Data Firehose to an HTTP endpoint.
    case firehose
    /// `PutRecordBatch` of the Firehose API, as AWS's SDKs send it.
    case firehoseAPI = "firehose-api"
    /// EventBridge's API destination, one event each.
    case eventbridge

    /// The most events that the service puts into one request.
    public var mostEvents: Int {
        switch self {
        case .generic, .firehose: 10_000
        case .firehoseAPI: 500
        case .sns, .eventbridge: 1
        }
    }
}

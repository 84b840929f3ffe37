import ControlPlane

/// The receivers by the kind that stands in their path: `/ingest/{kind}/{name}`.
///
/// `firehose-api` is found at the root instead, where AWS's SDKs send. The kind `http` is no receiver: ``EventsRoute``
/// checks the token before it reads the body.
enum ReceiverRegistry {
    /// All that there are; a new receiver is added here.
    static func receivers(sink: any RecordSink, control: ControlDatabase) -> [String: any Receiver] { [:] }
}

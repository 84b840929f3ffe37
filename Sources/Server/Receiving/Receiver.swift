import EventLog
import HTTPTypes
import Primitives

/// One road on which events come in over HTTP, such as SNS or Firehose.
///
/// A receiver checks who sends, unwraps what the sender wrapped, and hands the events' bytes to the log; it answers OK only
/// after the log says that they are on the disk. It knows no sockets, so that tests speak to it directly.
protocol Receiver: Sendable {
    /// Answers a request; never throws, for every failure has an answer that its sender understands.
    func receive(_ request: ReceivedRequest) async -> ReceiverAnswer
}

/// A request whose body has been read, within the limits for its road.
struct ReceivedRequest: Sendable {
    /// The method.
    var method: HTTPRequest.Method
    /// The path as it came, percent-encoding and all: signatures are over these bytes.
    var path: String
    /// The query as it came, without the question mark; empty where there is none.
    var query: String
    /// The authority: the `Host` header, or HTTP/2's `:authority`.
    var authority: String
    /// The header fields.
    var headers: HTTPFields
    /// The body as it came, compressed where `Content-Encoding` says so.
    var body: [UInt8]
    /// The name of the source that the path names; nil for paths that name none.
    var sourceName: String?
    /// Who sent it, for logs and for the limit on failures.
    var remoteAddress: String
    /// When its last byte came.
    var receivedAt: Timestamp
}

/// What a receiver answers.
struct ReceiverAnswer: Sendable {
    /// The status.
    var status: HTTPResponse.Status
    /// Header fields; `Content-Length` is added.
    var headers: HTTPFields = [:]
    /// The body.
    var body: [UInt8] = []
    /// The pieces of a body that goes on, in place of ``body``: until it ends, the client leaves or the server shuts down.
    var stream: AsyncStream<[UInt8]>?
    /// What happened, in a word or two for metrics: `accepted`, or why it was not.
    var outcome: String = "accepted"
    /// How many records the log took.
    var records = 0
}

/// Where received records become durable: the event log.
protocol RecordSink: Sendable {
    /// Returns when the records are on the disk.
    ///
    /// - Throws: ``LogError/overloaded(retryAfterSeconds:)``, or ``Failure`` of kind storage.
    func keep(_ records: [LogRecord]) async throws
}

extension EventLog: RecordSink {
    func keep(_ records: [LogRecord]) async throws { _ = try await append(records) }
}

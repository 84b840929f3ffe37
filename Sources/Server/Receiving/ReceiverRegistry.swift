import AsyncHTTPClient
import ControlPlane
import Foundation
import Lake
import Logging
import Primitives
import ServiceLifecycle

/// The receivers by the kind that stands in their path, `/ingest/{kind}/{name}`, and what they share.
///
/// `firehose-api` is found at the root instead, where AWS's SDKs send. The kind `http` is no receiver: ``EventsRoute``
/// checks the token before it reads the body.
struct ReceiverRegistry: Sendable {
    let receivers: [String: any Receiver]
    let directory: CachedSourceDirectory
    private let client: HTTPClient

    /// The receivers of a workspace's log. ``close()`` must be called, also where the server never ran.
    ///
    /// - Throws: ``Failure`` of kind usage where the roots for SNS cannot be read.
    init(
        sink: any RecordSink, workspace: String, control: ControlDatabase, configuration: ServerConfiguration,
        lake: EventLake? = nil, logger: Logger
    ) throws {
        let sns = ReceiverSet.SNSSettings(
            rootsPEM: try configuration.snsRoots.map(Self.read), endpoint: configuration.snsEndpoint)
        directory = CachedSourceDirectory(control)
        client = BoundedFetcher.makeClient()
        let context = ReceiverContext(
            directory: directory, sink: { $0 == workspace ? sink : nil }, say: { logger.notice("\($0)") })
        do {
            let set = try ReceiverSet(context, database: control, client: client, sns: sns, lake: lake)
            var receivers = Dictionary(uniqueKeysWithValues: set.byKind.map { ($0.rawValue, $1.receiver) })
            receivers[SourceKind.firehoseAPI.rawValue] = set.firehoseAPI.receiver
            self.receivers = receivers
        } catch {
            try? client.syncShutdown()
            throw Failure(.usage, "sns-roots: \(configuration.snsRoots ?? "") cannot be used: \(error)")
        }
    }

    private static func read(_ path: String) throws(Failure) -> String {
        do { return try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw Failure(.usage, "sns-roots: \(path) cannot be read: \(error.localizedDescription)")
        }
    }

    /// Writes what the sources did, now and then, until the server is shut down.
    func run() async throws { try await directory.run() }

    /// Writes what the last requests did, and lets go of the connections to AWS.
    func close() async throws {
        try await directory.flush()
        try await client.shutdown()
    }
}

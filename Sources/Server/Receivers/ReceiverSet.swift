import AWSProtocols
import AsyncHTTPClient
import ControlPlane
import Lake
import Primitives

/// All receivers, and what they share; made once by whoever starts the server.
///
/// A path that names a source goes by its kind: `POST /ingest/<kind>/<name>`; `POST /` goes to ``firehoseAPI`` if its
/// `X-Amz-Target` begins with `Firehose_20150804.`.
struct ReceiverSet: Sendable {
    /// How SNS is reached and believed.
    struct SNSSettings: Sendable {
        /// The roots from which certificates of SNS must come, in PEM; nil believes what SNS's hosts give over TLS.
        var rootsPEM: String?
        /// Another server that stands for SNS, see ``BoundedFetcher/endpoint``.
        var endpoint: String?
    }

    /// A receiver and the largest body that is read for it, in bytes.
    struct Road: Sendable {
        var receiver: any Receiver
        var maximumBodySize: Int
    }

    /// The receivers by the kind in the path.
    let byKind: [SourceKind: Road]
    /// The one at the root.
    let firehoseAPI: Road

    /// Receivers over one context; `client` is from ``BoundedFetcher/makeClient()`` and must outlive them.
    ///
    /// - Throws: ``SNSRefusal`` if the roots are no certificates.
    init(
        _ context: ReceiverContext, database: ControlDatabase, client: HTTPClient, sns: SNSSettings = .init(),
        lake: EventLake? = nil
    ) throws {
        let fetcher = BoundedFetcher(client: client, endpoint: sns.endpoint)
        let trust = try sns.rootsPEM.map { try SNSTrust(rootsPEM: $0) }
        let certificates = SNSCertificates(trust: trust) { try await fetcher.fetch($0) }
        let snsReceiver = SNSReceiver(
            context: context, certificates: certificates, fetch: { try await fetcher.fetch($0) })
        byKind = [
            .sns: Road(receiver: snsReceiver, maximumBodySize: SNSReceiver.maximumBodySize),
            .firehose: Road(
                receiver: FirehoseReceiver(context: context),
                maximumBodySize: FirehoseReceiver.maximumBodySize),
            .eventbridge: Road(
                receiver: EventBridgeReceiver(context: context),
                maximumBodySize: EventBridgeReceiver.maximumBodySize),
        ]
        firehoseAPI = Road(
            receiver: FirehoseAPIReceiver(context: context, database: database, lake: lake),
            maximumBodySize: FirehoseAPIReceiver.maximumBodySize)
    }
}

import AWSClients
import ControlPlane
import Foundation
import Primitives

/// Makes the clients of a source.
struct AWSAccess: Sendable {
    let transport: AWSTransport
    let credentials: AWSCredentialProvider
    let environment: [String: String]

    init(
        _ spec: PollerSpec, transport: AWSTransport,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(Failure) {
        self.transport = transport
        self.environment = environment
        credentials = try spec.credentials(CredentialChain(environment: environment, transport: transport))
    }

    /// A client of a bucket; at the endpoint given, else at the one that AWS's own variables name, else at AWS.
    func bucket(_ name: String, region: String, endpoint: String? = nil) throws(Failure) -> S3Client {
        let given: AWSEndpoint? =
            if let endpoint { try AWSEndpoint(url: endpoint) } else {
                try AWSEndpoint.named(in: environment, service: "s3")
            }
        return S3Client(
            bucket: name, region: region, endpoint: given, credentials: credentials, transport: transport)
    }

    /// A client of a queue.
    func queue(_ url: String, region: String) throws(Failure) -> SQSClient {
        try SQSClient(queueURL: url, region: region, credentials: credentials, transport: transport)
    }
}

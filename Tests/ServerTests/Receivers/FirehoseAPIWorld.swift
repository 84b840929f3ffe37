import AWSProtocols
import ControlPlane
import Foundation
import HTTPTypes
import Primitives
import Testing

@testable import Server

/// A source whose programs sign, and requests signed with its key.
struct FirehoseAPIWorld: Sendable {
    let world: ReceiverWorld
    let receiver: FirehoseAPIReceiver
    let credentials: AWSCredentials

    init(source: String = "api") async throws {
        world = try await ReceiverWorld()
        receiver = FirehoseAPIReceiver(context: world.context, database: world.database)
        credentials = try await FirehoseAPIWorld.add(source, to: world)
    }

    static func add(_ name: String, to world: ReceiverWorld) async throws -> AWSCredentials {
        let settings = SourceSettings.FirehoseAPI()
        let secret = try await world.add(name, .firehoseAPI(settings))
        return AWSCredentials(accessKeyID: settings.accessKeyID, secretAccessKey: secret)
    }

    /// A request as an SDK makes it.
    func request(
        _ operation: String, _ body: String, as credentials: AWSCredentials? = nil,
        service: String = "firehose", region: String = "eu-west-1", at time: Timestamp = ReceiverWorld.noon,
        arriving now: Timestamp = ReceiverWorld.noon
    ) throws -> ReceivedRequest {
        var signed = SignedRequest(
            method: "POST", path: "/",
            headers: [
                ("host", "events.example.com"), ("content-type", AWSJSON.contentType),
                ("x-amz-target", "Firehose_20150804.\(operation)"),
            ], bodyHash: SignedRequest.bodyHash(of: Array(body.utf8)))
        SigV4Signer(credentials: credentials ?? self.credentials, region: region, service: service)
            .sign(&signed, at: time)
        let headers = signed.headers.filter { $0.name != "host" }.map { ($0.name, $0.value) }
        return try post(nil, body.utf8, headers: headers, path: "/", at: now)
    }

    func call(_ operation: String, _ body: String, as credentials: AWSCredentials? = nil) async throws
        -> ReceiverAnswer
    {
        await receiver.receive(try request(operation, body, as: credentials))
    }
}

extension ReceiverAnswer {
    /// The name of AWS's error.
    var error: String? { if case .string(let name) = json("__type") { name } else { nil } }
}

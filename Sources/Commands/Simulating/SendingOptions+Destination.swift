import AWSProtocols
import ControlPlane
import Lake
import Primitives
import Senders

extension SendingOptions {
    /// Where the events go.
    ///
    /// - Throws: ``Failure`` of kind usage where something is missing, notFound for an unknown source.
    func destination(_ into: String, home: HomeOptions) async throws -> Destination {
        let found = into.contains("://") ? try url(into) : try await source(named: into, home: home)
        var destination = found
        let given = try secret()
        if !given.isEmpty { destination.secret = given }
        if let accessKeyID { destination.accessKeyID = accessKeyID }
        if let stream { destination.stream = stream }
        if let topicArn {
            guard let topic = SNSTopic(arn: topicArn) else {
                throw Failure(.usage, "'\(topicArn)' is no ARN of a topic")
            }
            destination.topic = topic
        }
        guard !destination.secret.isEmpty || destination.road == .sns else {
            throw Failure(
                .usage,
                "the receiver wants a token or secret; put it into a file and name that with --secret-file, or set "
                    + "SESAME_SECRET")
        }
        guard !destination.accessKeyID.isEmpty || destination.road != .firehoseAPI else {
            throw Failure(.usage, "requests of the Firehose API are signed; give --access-key-id too")
        }
        return destination
    }

    /// A receiver by its URL, whose path says the road if it is one of Sesame's.
    private func url(_ text: String) throws -> Destination {
        let pieces = text.split(separator: "/", omittingEmptySubsequences: true).dropFirst(2).map(String.init)
        let isOwnPath = pieces.count == 3 && pieces[0] == "ingest"
        let named = isOwnPath ? (pieces[1] == "http" ? Road.generic : Road(rawValue: pieces[1])) : nil
        let road = self.road ?? named ?? .generic
        var whole = text
        if pieces.isEmpty {
            let base = text.hasSuffix("/") ? String(text.dropLast()) : text
            switch road {
            case .generic: whole = base + "/v1/events"
            case .firehoseAPI: whole = base + "/"
            case .sns, .firehose, .eventbridge:
                throw Failure(
                    .usage,
                    "name the source as well, as in \(base)/ingest/\(road.rawValue)/NAME")
            }
        }
        var destination = Destination(road: road, url: whole)
        if isOwnPath { destination.stream = pieces[2] }
        destination.topic = SNSTopic(arn: "arn:aws:sns:eu-west-1:123456789012:ses-events")
        return destination
    }

    private func source(named name: String, home: HomeOptions) async throws -> Destination {
        let control = try await home.openControl()
        defer { try? control.close() }
        let source = try await control.source(name)
        guard let path = source.endpointPath else {
            throw Failure(
                .usage, "Sesame fetches what source '\(name)' holds, so nothing can be sent to it")
        }
        var destination = Destination(road: .generic, url: server + path, stream: name)
        switch source.settings {
        case .sns(let settings):
            destination.road = .sns
            destination.topic = settings.topicARNs.first.flatMap(SNSTopic.init(arn:))
        case .firehose: destination.road = .firehose
        case .firehoseAPI(let settings):
            destination.road = .firehoseAPI
            destination.accessKeyID = settings.accessKeyID
            destination.secret = try await control.signingSecrets(of: source).first ?? ""
        case .eventbridge: destination.road = .eventbridge
        case .http, .s3, .sqs: destination.road = .generic
        }
        if let road, road != destination.road {
            throw Failure(
                .usage,
                "source '\(name)' is of kind \(source.kind.rawValue); leave --road \(road.rawValue) out")
        }
        return destination
    }
}

import AWSProtocols
import ControlPlane
import Primitives

extension FirehoseAPIReceiver {
    /// Answers an operation on streams.
    func administer(_ call: FirehoseCall, _ caller: Caller) async throws(Fault) -> [UInt8] {
        let source = caller.signer.source
        do {
            switch call {
            case .create(let request): return try await create(request, caller)
            case .describe(let stream): return try await describe(stream, caller)
            case .list(let request): return try await list(request, source)
            case .updateDestination(let request): return try await update(request, caller)
            case .delete(let stream):
                try await database.removeDeliveryStream(
                    stream, in: source.workspace, by: .source(source), at: caller.request.receivedAt)
                await context.directory.invalidate()
            case .tag(let stream, let tags):
                try await database.tagDeliveryStream(
                    stream, in: source.workspace, set: tags.map { .init(key: $0.key, value: $0.value) },
                    most: FirehoseAPIReceiver.mostTags)
            case .untag(let stream, let keys):
                try await database.tagDeliveryStream(
                    stream, in: source.workspace, remove: keys, most: FirehoseAPIReceiver.mostTags)
            case .listTags(let stream):
                let tags = try await self.stream(stream, caller).tags
                return FirehoseAPI.tagsAnswer(tags.map { FirehoseTag(key: $0.key, value: $0.value) })
            case .put: break
            }
            return FirehoseAPI.emptyAnswer
        } catch {
            throw FirehoseAPIReceiver.fault(error, call.stream)
        }
    }

    private static let mostTags = 50

    private func create(_ request: FirehoseStreamRequest, _ caller: Caller) async throws -> [UInt8] {
        let source = caller.signer.source
        let name = request.deliveryStreamName
        let destination = try FirehoseDestination(creating: caller.request.body)
        let arn = FirehoseAPIReceiver.arn(name, caller.region)
        try await attachTable(destination, to: name, source)
        try await database.addDeliveryStream(
            name, in: source.workspace, arn: arn, destination: destination.text,
            tags: (request.tags ?? []).map { .init(key: $0.key, value: $0.value) }, by: .source(source),
            at: caller.request.receivedAt)
        // The next request may put a record into it.
        await context.directory.invalidate()
        return FirehoseAPI.createAnswer(arn: arn)
    }

    private func describe(_ name: String, _ caller: Caller) async throws -> [UInt8] {
        let stream = try await stream(name, caller)
        return FirehoseAPI.describeAnswer(
            FirehoseStreamDescription(
                name: stream.name, arn: stream.arn, version: stream.version, createdAt: stream.createdAt,
                updatedAt: stream.updatedAt, destination: stream.destination?.members ?? [:]))
    }

    private func list(_ request: FirehoseListRequest, _ source: Source) async throws -> [UInt8] {
        guard ["DirectPut", nil].contains(request.deliveryStreamType) else {
            return FirehoseAPI.listAnswer(names: [], hasMore: false)
        }
        let made = try await database.deliveryStreams(in: source.workspace).map(\.name)
        let all = Set(made + [source.name]).sorted()
        let start = request.exclusiveStartDeliveryStreamName
        let rest = all.filter { name in start.map { name > $0 } ?? true }
        let limit = request.limit ?? 10
        return FirehoseAPI.listAnswer(names: Array(rest.prefix(limit)), hasMore: rest.count > limit)
    }

    private func update(_ request: FirehoseUpdateRequest, _ caller: Caller) async throws -> [UInt8] {
        let source = caller.signer.source
        let name = request.deliveryStreamName
        let stream = try await database.deliveryStream(name, in: source.workspace)
        guard request.destinationId == FirehoseAPI.destinationID,
            let version = Int(request.currentDeliveryStreamVersionId),
            var destination = FirehoseDestination(text: stream.destination)
        else {
            throw AWSError(
                "InvalidArgumentException",
                "DestinationId must be \(FirehoseAPI.destinationID), the version a number")
        }
        try destination.update(caller.request.body)
        try await attachTable(destination, to: name, source)
        try await database.setDestination(
            destination.text, ofDeliveryStream: name, in: source.workspace, version: version,
            by: .source(source), at: caller.request.receivedAt)
        return FirehoseAPI.emptyAnswer
    }

    /// What is told of a stream.
    private struct Told {
        var name: String
        var arn: String
        var version = 1
        var createdAt: Timestamp
        var updatedAt: Timestamp?
        var destination: FirehoseDestination?
        var tags: [DeliveryStream.Tag] = []
    }

    /// A stream that was made, else the one that every source has.
    private func stream(_ name: String, _ caller: Caller) async throws -> Told {
        let source = caller.signer.source
        do {
            let made = try await database.deliveryStream(name, in: source.workspace)
            return Told(
                name: name, arn: made.arn, version: made.version, createdAt: made.createdAt,
                updatedAt: made.updatedAt, destination: FirehoseDestination(text: made.destination),
                tags: made.tags)
        } catch let failure as Failure where failure.kind == .notFound && name == source.name {
            let arn = FirehoseAPIReceiver.arn(name, caller.region)
            return Told(name: name, arn: arn, createdAt: source.createdAt)
        }
    }

    private static func arn(_ stream: String, _ region: String) -> String {
        "arn:aws:firehose:\(region):\(account):deliverystream/\(stream)"
    }

    /// AWS's name for what went wrong.
    private static func fault(_ error: any Error, _ stream: String) -> Fault {
        if let error = error as? AWSError { return Fault(error) }
        guard let failure = error as? Failure else { return Fault(.directory(error)) }
        return switch failure.kind {
        case .notFound: Fault(FirehoseAPI.notFound(stream, account: account))
        case .usage: Fault(FirehoseAPI.inUse(stream, account: account))
        case .refused: Fault(AWSError("ConcurrentModificationException", failure.message))
        case .limit: Fault(AWSError("LimitExceededException", failure.message))
        case .input, .storage, .cancelled: Fault(.directory(failure))
        }
    }
}

extension FirehoseCall {
    /// The stream that it is about; empty for a list.
    fileprivate var stream: String {
        switch self {
        case .put(let stream, _, _), .describe(let stream), .delete(let stream), .tag(let stream, _),
            .untag(let stream, _), .listTags(let stream):
            stream
        case .create(let request): request.deliveryStreamName
        case .updateDestination(let request): request.deliveryStreamName
        case .list: ""
        }
    }
}

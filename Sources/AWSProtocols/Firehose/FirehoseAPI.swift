import Scanning

/// Firehose's API as a server speaks it: JSON 1.1, service `firehose`, target `Firehose_20150804`.
public enum FirehoseAPI {
    /// The service part of the target.
    public static let target = "Firehose_20150804"
    /// The service's name in a signature's scope.
    public static let signingName = "firehose"
    /// The most records of a batch.
    public static let mostRecords = 500
    /// The largest batch, in bytes of data.
    public static let largestBatch = 4 << 20
    /// The largest body that a batch can have: its data in Base64 and some room for the rest.
    public static let maximumBodySize = 8 << 20

    /// Reads a request.
    public static func decode(_ target: AWSTarget, body: [UInt8]) throws(AWSError) -> FirehoseCall {
        guard target.service == FirehoseAPI.target else { throw unknown(target.operation) }
        switch target.operation {
        case "PutRecord": return try decodePut(body, isBatch: false)
        case "PutRecordBatch": return try decodePut(body, isBatch: true)
        case "CreateDeliveryStream":
            return .create(try checked(AWSJSON.decode(FirehoseStreamRequest.self, body)))
        case "DescribeDeliveryStream": return .describe(stream: try stream(body))
        case "ListDeliveryStreams": return .list(try checked(AWSJSON.decode(FirehoseListRequest.self, body)))
        case "DeleteDeliveryStream": return .delete(stream: try stream(body))
        case "UpdateDestination":
            let request = try AWSJSON.decode(FirehoseUpdateRequest.self, body)
            _ = try checked(name: request.deliveryStreamName)
            return .updateDestination(request)
        case "TagDeliveryStream":
            let request = try AWSJSON.decode(TagRequest.self, body)
            return .tag(
                stream: try checked(name: request.deliveryStreamName), tags: try checked(request.tags))
        case "UntagDeliveryStream":
            let request = try AWSJSON.decode(UntagRequest.self, body)
            return .untag(stream: try checked(name: request.deliveryStreamName), keys: request.tagKeys)
        case "ListTagsForDeliveryStream": return .listTags(stream: try stream(body))
        default: throw unknown(target.operation)
        }
    }

    private struct NameRequest: Decodable { var deliveryStreamName: String }
    private struct TagRequest: Decodable {
        var deliveryStreamName: String
        var tags: [FirehoseTag]
    }
    private struct UntagRequest: Decodable {
        var deliveryStreamName: String
        var tagKeys: [String]
    }

    private static func unknown(_ operation: String) -> AWSError {
        AWSError(
            "UnknownOperationException",
            "the operation \(SigV4Error.quoted(operation)) is not one of this service")
    }

    private static func stream(_ body: [UInt8]) throws(AWSError) -> String {
        try checked(name: AWSJSON.decode(NameRequest.self, body).deliveryStreamName)
    }
}

extension FirehoseAPI {
    static func checked(name: String) throws(AWSError) -> String {
        guard (1...64).contains(name.utf8.count) else {
            throw .validation("deliveryStreamName", "Member must have length between 1 and 64")
        }
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
            default: "_.-".utf8.contains(byte)
            }
        }
        guard isPlain else {
            throw .validation(
                "deliveryStreamName", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
        }
        return name
    }

    private static func checked(_ request: FirehoseStreamRequest) throws(AWSError) -> FirehoseStreamRequest {
        _ = try checked(name: request.deliveryStreamName)
        if let tags = request.tags { _ = try checked(tags) }
        guard ["DirectPut", nil].contains(request.deliveryStreamType) else {
            throw AWSError("InvalidArgumentException", "only streams of the type DirectPut can be made here")
        }
        return request
    }

    private static func checked(_ request: FirehoseListRequest) throws(AWSError) -> FirehoseListRequest {
        guard (1...10_000).contains(request.limit ?? 10) else {
            throw .validation("limit", "Member must have value between 1 and 10000")
        }
        return request
    }

    private static func checked(_ tags: [FirehoseTag]) throws(AWSError) -> [FirehoseTag] {
        guard (1...50).contains(tags.count) else {
            throw .validation("tags", "Member must have length between 1 and 50")
        }
        for tag in tags where !(1...128).contains(tag.key.count) || (tag.value?.count ?? 0) > 256 {
            throw .validation("tags", "Keys must have length between 1 and 128, values at most 256")
        }
        return tags
    }
}

import Foundation
import Primitives
import Scanning

/// What a stream is, as Describe tells it.
public struct FirehoseStreamDescription: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Its ARN.
    public var arn: String
    /// The version, which grows with each change.
    public var version: Int
    /// When it was made.
    public var createdAt: Timestamp
    /// When it was changed last.
    public var updatedAt: Timestamp?
    /// The members of its one destination, such as `ExtendedS3DestinationDescription`, as they were set.
    public var destination: [String: AWSJSON.Value]

    /// A stream.
    public init(
        name: String, arn: String, version: Int, createdAt: Timestamp, updatedAt: Timestamp? = nil,
        destination: [String: AWSJSON.Value] = [:]
    ) {
        self.name = name
        self.arn = arn
        self.version = version
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.destination = destination
    }
}

extension FirehoseAPI {
    /// The id of the one destination that a stream has.
    public static let destinationID = "destinationId-000000000001"

    /// The answer to PutRecord.
    public static func putAnswer(recordID: String) -> [UInt8] {
        var output = Array(#"{"RecordId":"#.utf8)
        JSONText.quote(recordID.utf8, into: &output)
        output += #","Encrypted":false}"#.utf8
        return output
    }

    /// The answer to PutRecordBatch: for each record, in the request's order, its id or why it was not taken.
    ///
    /// Senders repeat those that failed; their names are `ServiceUnavailableException` or `InternalFailure`.
    public static func putBatchAnswer(_ results: [Result<String, AWSError>]) -> [UInt8] {
        var failed = 0
        var list: [UInt8] = []
        list.reserveCapacity(results.count * 80)
        for result in results {
            if !list.isEmpty { list.append(Ascii.comma) }
            switch result {
            case .success(let id):
                list += #"{"RecordId":"#.utf8
                JSONText.quote(id.utf8, into: &list)
            case .failure(let error):
                failed += 1
                list += #"{"ErrorCode":"#.utf8
                JSONText.quote(error.name.utf8, into: &list)
                list += #","ErrorMessage":"#.utf8
                JSONText.quote(error.message.utf8, into: &list)
            }
            list.append(Ascii.closeBrace)
        }
        return Array(#"{"FailedPutCount":\#(failed),"Encrypted":false,"RequestResponses":["#.utf8) + list
            + Array("]}".utf8)
    }

    /// The answer to CreateDeliveryStream.
    public static func createAnswer(arn: String) -> [UInt8] { AWSJSON.encode(["DeliveryStreamARN": arn]) }

    /// The answer to DeleteDeliveryStream, UpdateDestination, TagDeliveryStream and UntagDeliveryStream.
    public static let emptyAnswer = Array("{}".utf8)

    /// The answer to ListDeliveryStreams.
    public static func listAnswer(names: [String], hasMore: Bool) -> [UInt8] {
        struct Answer: Encodable {
            var deliveryStreamNames: [String]
            var hasMoreDeliveryStreams: Bool
        }
        return AWSJSON.encode(Answer(deliveryStreamNames: names, hasMoreDeliveryStreams: hasMore))
    }

    /// The answer to ListTagsForDeliveryStream.
    public static func tagsAnswer(_ tags: [FirehoseTag]) -> [UInt8] {
        struct Answer: Encodable {
            var tags: [FirehoseTag]
            var hasMoreTags = false
        }
        return AWSJSON.encode(Answer(tags: tags))
    }

    /// The answer to DescribeDeliveryStream; times are seconds with a fraction.
    public static func describeAnswer(_ stream: FirehoseStreamDescription) -> [UInt8] {
        struct Description: Encodable {
            var deliveryStreamName, deliveryStreamARN: String
            var deliveryStreamStatus = "ACTIVE"
            var deliveryStreamType = "DirectPut"
            var versionId: String
            var createTimestamp: Date
            var lastUpdateTimestamp: Date?
            var destinations: [[String: AWSJSON.Value]]
            var hasMoreDestinations = false
        }
        struct Answer: Encodable { var deliveryStreamDescription: Description }
        let destination = stream.destination.merging(["DestinationId": .string(destinationID)]) { $1 }
        return AWSJSON.encode(
            Answer(
                deliveryStreamDescription: Description(
                    deliveryStreamName: stream.name, deliveryStreamARN: stream.arn,
                    versionId: String(stream.version),
                    createTimestamp: stream.createdAt.date, lastUpdateTimestamp: stream.updatedAt?.date,
                    destinations: [destination])))
    }

    /// There is no such stream.
    public static func notFound(_ stream: String, account: String) -> AWSError {
        AWSError("ResourceNotFoundException", "Firehose \(stream) under account \(account) not found.")
    }

    /// There is one already.
    public static func inUse(_ stream: String, account: String) -> AWSError {
        AWSError("ResourceInUseException", "Firehose \(stream) under accountId \(account) already exists")
    }

    /// Nothing can be stored now; SDKs try again.
    public static let unavailable = AWSError(
        "ServiceUnavailableException", "Service is unavailable: the records could not be stored. Try again.",
        status: 503)
}

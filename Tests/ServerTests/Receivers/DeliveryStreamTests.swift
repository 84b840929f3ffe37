import AWSProtocols
import ControlPlane
import EventLog
import Foundation
import HTTPTypes
import Primitives
import Testing

@testable import Server

/// What Terraform's `aws_kinesis_firehose_delivery_stream` sends for a stream to S3 with a Lambda, in its order.
private let terraform = #"""
    {"DeliveryStreamName":"orders","DeliveryStreamType":"DirectPut","ExtendedS3DestinationConfiguration":{
    "BucketARN":"arn:aws:s3:::lake","BufferingHints":{"IntervalInSeconds":60,"SizeInMBs":64},
    "CloudWatchLoggingOptions":{"Enabled":true,"LogGroupName":"/aws/kf","LogStreamName":"s3"},
    "CompressionFormat":"GZIP","CustomTimeZone":"UTC","ErrorOutputPrefix":"err/",
    "DataFormatConversionConfiguration":{"Enabled":true,"OutputFormatConfiguration":{"Serializer":{"ParquetSerDe":{
    "BlockSizeBytes":268435456,"EnableDictionaryCompression":true,"MaxPaddingBytes":0}}}},
    "DynamicPartitioningConfiguration":{"Enabled":false},"EncryptionConfiguration":{"NoEncryptionConfig":"NoEncryption"},
    "ProcessingConfiguration":{"Enabled":true,"Processors":[{"Type":"Lambda","Parameters":[
    {"ParameterName":"LambdaArn","ParameterValue":"arn:aws:lambda:eu-west-1:123456789012:function:f:$LATEST"}]}]},
    "RoleARN":"arn:aws:iam::123456789012:role/r","S3BackupMode":"Enabled","S3BackupConfiguration":{
    "BucketARN":"arn:aws:s3:::backup","RoleARN":"arn:aws:iam::123456789012:role/r"}},
    "Tags":[{"Key":"team","Value":"mail"}]}
    """#

private func name(_ stream: String) -> String { #"{"DeliveryStreamName":"\#(stream)"}"# }

@Suite("Streams of Firehose's API")
struct DeliveryStreamTests {
    private let api: FirehoseAPIWorld
    init() async throws { api = try await FirehoseAPIWorld() }

    private func describe(_ stream: String) async throws -> AWSJSON.Value? {
        try await api.call("DescribeDeliveryStream", name(stream)).json("DeliveryStreamDescription")
    }

    private func destination(_ stream: String) async throws -> AWSJSON.Value? {
        guard case .array(let all) = try await describe(stream)?["Destinations"] else { return nil }
        return all.first
    }

    @Test("what Terraform made is active at once, and reads back as it was set")
    func terraformReadsBack() async throws {
        let made = try await api.call("CreateDeliveryStream", terraform)
        let arn = AWSJSON.Value.string("arn:aws:firehose:eu-west-1:000000000000:deliverystream/orders")
        #expect(made.status == .ok && made.outcome == "administered" && made.json("DeliveryStreamARN") == arn)
        let stream = try await describe("orders")
        #expect(stream?["DeliveryStreamStatus"] == .string("ACTIVE") && stream?["DeliveryStreamARN"] == arn)
        #expect(stream?["VersionId"] == .string("1") && stream?["HasMoreDestinations"] == .bool(false))
        #expect(stream?["CreateTimestamp"] == .integer(1_785_585_600))
        let told = try await destination("orders")
        #expect(told?["DestinationId"] == .string(FirehoseAPI.destinationID))
        let settings = try #require(
            AWSJSON.Value(parsing: terraform.utf8)?["ExtendedS3DestinationConfiguration"]?.members)
        let extended = told?["ExtendedS3DestinationDescription"]
        for (member, value) in settings where member != "S3BackupConfiguration" {
            #expect(extended?[member] == value, "\(member)")
        }
        let backup = extended?["S3BackupDescription"]
        #expect(backup?["BucketARN"] == .string("arn:aws:s3:::backup"))
        #expect(backup?["CompressionFormat"] == .string("UNCOMPRESSED"))
        #expect(backup?["BufferingHints"]?["SizeInMBs"] == .integer(5))
        #expect(told?["S3DestinationDescription"]?["BucketARN"] == .string("arn:aws:s3:::lake"))
        let tags = try await api.call("ListTagsForDeliveryStream", name("orders"))
        #expect(tags.text == #"{"HasMoreTags":false,"Tags":[{"Key":"team","Value":"mail"}]}"#)
    }

    @Test("a record can be put into a stream as soon as it is made, and no more once it is deleted")
    func puts() async throws {
        let put = #"{"DeliveryStreamName":"orders","Record":{"Data":"e30K"}}"#
        #expect(try await api.call("PutRecord", put).error == "ResourceNotFoundException")
        _ = try await api.call("CreateDeliveryStream", terraform)
        #expect(try await api.call("PutRecord", put).status == .ok)
        #expect(await api.world.sink.kept.map { $0.attribute("stream") } == ["orders"])
        #expect(try await api.call("DeleteDeliveryStream", name("orders")).text == "{}")
        #expect(try await api.call("PutRecord", put).error == "ResourceNotFoundException")
        #expect(
            try await api.call("DescribeDeliveryStream", name("orders")).error == "ResourceNotFoundException")
        #expect(
            try await api.call("DeleteDeliveryStream", name("orders")).error == "ResourceNotFoundException")
    }

    @Test("a change needs the version that is there, keeps what it does not name, and makes a new version")
    func update() async throws {
        _ = try await api.call("CreateDeliveryStream", terraform)
        func update(_ version: String, _ change: String) async throws -> ReceiverAnswer {
            try await api.call(
                "UpdateDestination",
                #"{"DeliveryStreamName":"orders","CurrentDeliveryStreamVersionId":"\#(version)","#
                    + #""DestinationId":"\#(FirehoseAPI.destinationID)",\#(change)}"#)
        }
        let change =
            #""ExtendedS3DestinationUpdate":{"Prefix":"new/","S3BackupUpdate":{"BucketARN":"arn:aws:s3:::b2"}}"#
        #expect(try await update("1", change).status == .ok)
        let extended = try await destination("orders")?["ExtendedS3DestinationDescription"]
        #expect(extended?["Prefix"] == .string("new/") && extended?["CompressionFormat"] == .string("GZIP"))
        #expect(extended?["S3BackupDescription"]?["BucketARN"] == .string("arn:aws:s3:::b2"))
        #expect(
            extended?["S3BackupDescription"]?["RoleARN"] == .string("arn:aws:iam::123456789012:role/r"))
        #expect(try await describe("orders")?["VersionId"] == .string("2"))
        #expect(try await update("1", change).error == "ConcurrentModificationException")
        #expect(try await update("x", change).error == "InvalidArgumentException")
        #expect(try await update("2", #""S3DestinationUpdate":{"Prefix":"old/"}"#).status == .ok)
        #expect(
            try await destination("orders")?["S3DestinationDescription"]?["Prefix"] == .string("old/"))
    }

    @Test("keys of an HTTP endpoint are not kept, and destinations with passwords not taken")
    func secrets() async throws {
        let http = #"""
            {"DeliveryStreamName":"out","HttpEndpointDestinationConfiguration":{"EndpointConfiguration":{
            "Url":"https://x.example/","Name":"x","AccessKey":"hunter2"},"S3Configuration":{
            "BucketARN":"arn:aws:s3:::b","RoleARN":"arn:aws:iam::123456789012:role/r"}}}
            """#
        #expect(try await api.call("CreateDeliveryStream", http).status == .ok)
        let told = try await destination("out")?["HttpEndpointDestinationDescription"]
        #expect(
            told?["EndpointConfiguration"]
                == .object(["Url": .string("https://x.example/"), "Name": .string("x")]))
        #expect(told?["S3DestinationDescription"]?["BucketARN"] == .string("arn:aws:s3:::b"))
        let kept = try await api.world.database.deliveryStream("out", in: "default").destination
        #expect(!kept.contains("hunter2"))
        for bad in [
            #"{"DeliveryStreamName":"x","RedshiftDestinationConfiguration":{"Password":"hunter2"}}"#,
            #"{"DeliveryStreamName":"x"}"#,
            #"{"DeliveryStreamName":"x","S3DestinationConfiguration":{},"ExtendedS3DestinationConfiguration":{}}"#,
        ] {
            #expect(try await api.call("CreateDeliveryStream", bad).error == "InvalidArgumentException")
        }
    }

    @Test("names are listed in order and page by page; every source has the stream of its own name")
    func list() async throws {
        for stream in ["b", "a", "c"] {
            _ = try await api.call("CreateDeliveryStream", terraform.replacing("orders", with: stream))
        }
        #expect(
            try await api.call("ListDeliveryStreams", "{}").text
                == #"{"DeliveryStreamNames":["a","api","b","c"],"HasMoreDeliveryStreams":false}"#)
        let page = #"{"Limit":2,"ExclusiveStartDeliveryStreamName":"a"}"#
        #expect(
            try await api.call("ListDeliveryStreams", page).text
                == #"{"DeliveryStreamNames":["api","b"],"HasMoreDeliveryStreams":true}"#)
        #expect(try await describe("api")?["DeliveryStreamStatus"] == .string("ACTIVE"))
        #expect(
            try await api.call("CreateDeliveryStream", terraform.replacing("orders", with: "a")).error
                == "ResourceInUseException")
    }

    @Test("tags are set, changed and taken away, up to 50")
    func tags() async throws {
        _ = try await api.call("CreateDeliveryStream", terraform)
        func tag(_ keys: [String]) async throws -> ReceiverAnswer {
            let list = keys.map { #"{"Key":"\#($0)","Value":"v"}"# }.joined(separator: ",")
            return try await api.call(
                "TagDeliveryStream", #"{"DeliveryStreamName":"orders","Tags":[\#(list)]}"#)
        }
        #expect(try await tag(["team", "k"]).text == "{}")
        _ = try await api.call("UntagDeliveryStream", #"{"DeliveryStreamName":"orders","TagKeys":["k"]}"#)
        #expect(
            try await api.call("ListTagsForDeliveryStream", name("orders")).text
                == #"{"HasMoreTags":false,"Tags":[{"Key":"team","Value":"v"}]}"#)
        #expect(try await tag((0..<50).map { "k\($0)" }).error == "LimitExceededException")
    }

    @Test("streams belong to a workspace, and who made them is in the audit log")
    func workspaces() async throws {
        _ = try await api.call("CreateDeliveryStream", terraform)
        try await api.world.database.addWorkspace("acme", by: ReceiverWorld.actor)
        let settings = SourceSettings.FirehoseAPI()
        let secret = try await api.world.add("acme", .firehoseAPI(settings), workspace: "acme")
        let acme = AWSCredentials(accessKeyID: settings.accessKeyID, secretAccessKey: secret)
        #expect(
            try await api.call("DescribeDeliveryStream", name("orders"), as: acme).error
                == "ResourceNotFoundException")
        let entries = try await api.world.database.auditLog()
        #expect(entries.contains { $0.action == "stream.add" && $0.actor == "source:api" })
    }
}

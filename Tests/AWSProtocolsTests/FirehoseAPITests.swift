import AWSProtocols
import Foundation
import Primitives
import Testing
import TestSupport

private struct Call: Decodable { var target, body: String }

private func decode(_ operation: String, _ body: String) throws(AWSError) -> FirehoseCall {
    guard let target = AWSTarget(header: "Firehose_20150804.\(operation)") else {
        throw AWSError("?", operation)
    }
    return try FirehoseAPI.decode(target, body: Array(body.utf8))
}

private func error(_ operation: String, _ body: String) -> String? {
    do {
        _ = try decode(operation, body)
        return nil
    } catch {
        return error.name
    }
}

private func json(_ bytes: [UInt8]) throws -> NSDictionary? {
    try JSONSerialization.jsonObject(with: Data(bytes)) as? NSDictionary
}

@Suite("Firehose's API")
struct FirehoseAPITests {
    @Test("reads every request as botocore writes it")
    func botocoreCalls() throws {
        let requests = try JSONDecoder().decode([Call].self, from: Data(fixture("firehose-calls.json")))
        let bodies = requests.map(\.body)
        let calls = try requests.map { call in
            try FirehoseAPI.decode(#require(AWSTarget(header: call.target)), body: Array(call.body.utf8))
        }
        let name = "ses-events"
        #expect(
            calls[0]
                == .put(
                    stream: name, records: FirehoseRecords([Array("{\"eventType\":\"Send\"}\n".utf8)]),
                    isBatch: false))
        #expect(
            calls[1]
                == .put(
                    stream: name, records: FirehoseRecords([[], [0, 255, 63, 62], Array("ü".utf8)]),
                    isBatch: true))
        guard case .create(let create) = calls[2], case .list(let all) = calls[4],
            case .list(let some) = calls[5],
            case .updateDestination(let update) = calls[7]
        else {
            Issue.record("\(calls)")
            return
        }
        let destination = try FirehoseDestination(creating: Array(bodies[2].utf8))
            .members["ExtendedS3DestinationDescription"]
        #expect(create.deliveryStreamName == name && create.deliveryStreamType == "DirectPut")
        #expect(
            destination?["BucketARN"] == .string("arn:aws:s3:::b")
                && destination?["RoleARN"] == .string("arn:aws:iam::123456789012:role/r"))
        #expect(
            destination?["BufferingHints"]?["SizeInMBs"] == .integer(64)
                && destination?["CompressionFormat"] == .string("GZIP"))
        #expect(
            create.tags == [FirehoseTag(key: "team", value: "mail"), FirehoseTag(key: "bare", value: nil)])
        #expect(calls[3] == .describe(stream: name) && calls[6] == .delete(stream: name))
        #expect(all.limit == nil && some.limit == 3 && some.exclusiveStartDeliveryStreamName == "a")
        #expect(
            update.currentDeliveryStreamVersionId == "2" && update.destinationId == "d-1")
        #expect(calls[8] == .tag(stream: name, tags: [FirehoseTag(key: "k", value: "v")]))
        #expect(calls[9] == .untag(stream: name, keys: ["k", "l"]) && calls[10] == .listTags(stream: name))
    }

    @Test("refuses with AWS's names")
    func errors() {
        let record = #"{"Data":"YQ=="}"#
        #expect(error("PutRecord", "{") == "SerializationException")
        #expect(
            error("PutRecord", #"{"DeliveryStreamName":"s","Record":{"Data":"!"}}"#)
                == "SerializationException")
        #expect(error("PutRecord", #"{"DeliveryStreamName":"s","Record":{}}"#) == "ValidationException")
        #expect(error("PutRecord", #"{"DeliveryStreamName":"s"}"#) == "ValidationException")
        #expect(error("PutRecord", #"{"Record":\#(record)}"#) == "ValidationException")
        #expect(
            error("PutRecord", #"{"DeliveryStreamName":"a b","Record":\#(record)}"#) == "ValidationException")
        #expect(error("PutRecordBatch", #"{"DeliveryStreamName":"s","Records":[]}"#) == "ValidationException")
        #expect(error("ListDeliveryStreams", #"{"Limit":0}"#) == "ValidationException")
        #expect(error("ListDeliveryStreams", #"{"Limit":"x"}"#) == "SerializationException")
        #expect(error("ListDeliveryStreams", "") == nil)
        #expect(error("DescribeDeliveryStream", "{}") == "ValidationException")
        #expect(error("DescribeDeliveryStream", "[]") == "SerializationException")
        #expect(
            error("CreateDeliveryStream", #"{"DeliveryStreamName":"s","DeliveryStreamType":"MSKAsSource"}"#)
                == "InvalidArgumentException")
        #expect(error("Reboot", "{}") == "UnknownOperationException")
    }

    @Test("takes as many records as Firehose, and no more")
    func limits() throws {
        func batch(_ count: Int, _ data: String) -> String {
            let list = Array(repeating: #"{"Data":"\#(data)"}"#, count: count).joined(separator: ",")
            return #"{"DeliveryStreamName":"s","Records":[\#(list)]}"#
        }
        #expect(error("PutRecordBatch", batch(500, "YQ==")) == nil)
        #expect(error("PutRecordBatch", batch(501, "YQ==")) == "ValidationException")
        let million = Data(repeating: 65, count: 1_024_000).base64EncodedString()
        #expect(error("PutRecordBatch", batch(4, million)) == nil)
        #expect(error("PutRecordBatch", batch(5, million)) == "InvalidArgumentException")
        let larger = Data(repeating: 65, count: 1_024_001).base64EncodedString()
        #expect(error("PutRecordBatch", batch(1, larger)) == "ValidationException")
    }

    @Test("answers in the shapes of the service")
    func answers() throws {
        let failure = AWSError("ServiceUnavailableException", "slow \"down\"")
        #expect(
            try json(FirehoseAPI.putBatchAnswer([.success("a"), .failure(failure)]))
                == [
                    "FailedPutCount": 1, "Encrypted": false,
                    "RequestResponses": [
                        ["RecordId": "a"],
                        ["ErrorCode": "ServiceUnavailableException", "ErrorMessage": "slow \"down\""],
                    ],
                ])
        #expect(try json(FirehoseAPI.putAnswer(recordID: "x")) == ["RecordId": "x", "Encrypted": false])
        #expect(try json(FirehoseAPI.createAnswer(arn: "arn:a/b")) == ["DeliveryStreamARN": "arn:a/b"])
        #expect(
            try json(FirehoseAPI.listAnswer(names: ["a"], hasMore: false))
                == ["DeliveryStreamNames": ["a"], "HasMoreDeliveryStreams": false])
        #expect(
            try json(FirehoseAPI.tagsAnswer([FirehoseTag(key: "k", value: "v")]))
                == ["Tags": [["Key": "k", "Value": "v"]], "HasMoreTags": false])
        let description = FirehoseStreamDescription(
            name: "s", arn: "arn", version: 3, createdAt: .at("2026-08-01T12:00:00.500Z"))
        #expect(
            try json(FirehoseAPI.describeAnswer(description))
                == [
                    "DeliveryStreamDescription": [
                        "DeliveryStreamName": "s", "DeliveryStreamARN": "arn",
                        "DeliveryStreamStatus": "ACTIVE",
                        "DeliveryStreamType": "DirectPut", "VersionId": "3",
                        "CreateTimestamp": 1_785_585_600.5,
                        "Destinations": [["DestinationId": "destinationId-000000000001"]],
                        "HasMoreDestinations": false,
                    ]
                ])
    }

    @Test("never crashes, whatever the bytes")
    func mutations() throws {
        let calls = try JSONDecoder().decode([Call].self, from: Data(fixture("firehose-calls.json")))
        var generator = SeededGenerator(seed: 7)
        for round in 0..<20_000 {
            // Every tenth goes through Foundation's coder, which takes its time.
            let call = calls[round % 10 == 0 ? round / 10 % calls.count : round % 2]
            guard let target = AWSTarget(header: call.target) else { continue }
            _ = try? FirehoseAPI.decode(target, body: Array(call.body.utf8).mutated(&generator))
        }
    }
}

@Suite("AWS's JSON")
struct AWSJSONTests {
    @Test("names an operation")
    func targets() {
        let target = AWSTarget(header: "AWSGlue.GetTables")
        #expect(target?.service == "AWSGlue" && target?.operation == "GetTables")
        for header in ["", "a", ".", "a.", ".b", "a.b.c", "a. b", "a.b\n"] {
            #expect(AWSTarget(header: header) == nil)
        }
    }

    @Test("says errors by type and message")
    func errors() {
        let error = AWSError("ResourceNotFoundException", "no \"x\"\n")
        #expect(
            String(decoding: error.body(), as: UTF8.self)
                == #"{"__type":"ResourceNotFoundException","message":"no \"x\"\n"}"#)
        #expect(String(decoding: error.body(messageKey: "Message"), as: UTF8.self).contains(#""Message":"#))
        #expect(
            AWSError(SigV4Error(.missingAuthenticationToken, "m")).name
                == "MissingAuthenticationTokenException")
        #expect(FirehoseAPI.unavailable.status == 503)
    }

    @Test("gives each request an id of its own")
    func requestIDs() {
        #expect(AWSJSON.newRequestID() != AWSJSON.newRequestID())
        #expect(AWSJSON.newRequestID().count == 36)
    }
}

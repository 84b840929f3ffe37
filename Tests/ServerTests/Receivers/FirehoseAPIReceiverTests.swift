import AWSProtocols
import ControlPlane
import EventLog
import Foundation
import HTTPTypes
import Primitives
import Testing

@testable import Server

private func data(_ text: String) -> String { #"{"Data":"\#(Data(text.utf8).base64EncodedString())"}"# }

private func put(_ text: String, into stream: String = "api") -> String {
    #"{"DeliveryStreamName":"\#(stream)","Record":\#(data(text))}"#
}

@Suite("Programs put records by Firehose's API")
struct FirehoseAPIReceiverTests {
    private let api: FirehoseAPIWorld
    init() async throws { api = try await FirehoseAPIWorld() }

    @Test("a record goes to the log under its stream's name and gets an id")
    func putRecord() async throws {
        let answer = try await api.call("PutRecord", put(#"{"eventType":"Send"}"#))
        #expect(answer.status == .ok && answer.outcome == "accepted" && answer.records == 1)
        #expect(answer.headers[.contentType] == AWSJSON.contentType)
        #expect(answer.headers.single("x-amzn-requestid")?.isEmpty == false)
        #expect(answer.json("Encrypted") == .bool(false))
        let record = try #require(await api.world.sink.kept.first)
        #expect(String(decoding: record.body, as: UTF8.self) == "{\"eventType\":\"Send\"}\n")
        #expect(record.source == "api" && record.attribute("stream") == "api")
        #expect(record.attribute("region") == "eu-west-1")
        #expect(try await api.world.status("api")?.events == 1)
    }

    @Test("a batch is answered record by record, each with an id of its own")
    func putBatch() async throws {
        var ids: Set<String> = []
        for _ in 0..<3 {
            let records = (0..<500).map { data("{\"n\":\($0)}\n") }.joined(separator: ",")
            let answer = try await api.call(
                "PutRecordBatch", #"{"DeliveryStreamName":"api","Records":[\#(records)]}"#)
            #expect(answer.json("FailedPutCount") == .integer(0))
            guard case .array(let responses) = answer.json("RequestResponses") else { continue }
            #expect(responses.count == 500)
            for response in responses { if case .string(let id) = response["RecordId"] { ids.insert(id) } }
        }
        #expect(ids.count == 1_500)
        #expect(await api.world.sink.kept.count == 3)
    }

    @Test("requests that botocore signed are believed at their time, and only then")
    func botocore() async throws {
        let api = try await FirehoseAPIWorld(source: "ses-events")
        var settings = SourceSettings.FirehoseAPI()
        settings.accessKeyID = "AKIAEXAMPLEKEYID0001"
        _ = try await api.world.database.updateSource(
            "ses-events", settings: .firehoseAPI(settings), by: ReceiverWorld.actor)
        let id = try await api.world.database.source("ses-events").id
        try Data(#"{"current":"exampleSecretKeyForDocsOnly0000000000000"}"#.utf8).write(
            to: api.world.home.appending(path: "secrets/\(id)"))
        func captured(_ operation: String, _ body: String, _ signature: String, at time: Timestamp) throws
            -> ReceivedRequest
        {
            var request = try post(
                nil, body.utf8,
                headers: [
                    ("X-Amz-Target", "Firehose_20150804.\(operation)"),
                    ("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Date", "20260801T120000Z"),
                    ("User-Agent", "Boto3/1.43.11"), ("amz-sdk-invocation-id", "x"),
                    (
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLEKEYID0001/20260801/eu-west-1/firehose/aws4_request, "
                            + "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=\(signature)"
                    ),
                ], path: "/", at: time)
            request.authority = "firehose.eu-west-1.amazonaws.com"
            return request
        }
        let one = #"{"DeliveryStreamName": "ses-events", "Record": {"Data": "eyJldmVudFR5cGUiOiJTZW5kIn0K"}}"#
        let two = #"{"DeliveryStreamName": "ses-events", "Records": [{"Data": "YQ=="}, {"Data": "Yg=="}]}"#
        let first = "ac21af21170af0fca7c789ea6b3076476a16b4084d470e438a1434c40e9f6eb2"
        let second = "6abfa8ef042bf42e267f09c0ccf1c764be3eb85e3b2e719e8eb085683f89c054"
        let noon = ReceiverWorld.noon
        for (operation, body, signature) in [("PutRecord", one, first), ("PutRecordBatch", two, second)] {
            let answer = await api.receiver.receive(try captured(operation, body, signature, at: noon))
            #expect(answer.status == .ok, "\(answer.text)")
        }
        #expect(await api.world.sink.bodies == ["{\"eventType\":\"Send\"}\n", "a\nb\n"])
        let late = await api.receiver.receive(try captured("PutRecord", one, first, at: noon.plus(901)))
        #expect(late.error == "InvalidSignatureException" && late.outcome == "stale")
        let changed = await api.receiver.receive(
            try captured("PutRecord", one.replacing("Send", with: "Sent") + " ", first, at: noon))
        #expect(changed.error == "InvalidSignatureException" && changed.outcome == "forged")
    }

    @Test("who signs wrongly gets AWS's own answers and leaves nothing")
    func attacks() async throws {
        let other = try await FirehoseAPIWorld.add("other", to: api.world)
        let stolen = AWSCredentials(
            accessKeyID: api.credentials.accessKeyID, secretAccessKey: other.secretAccessKey)
        let nobody = AWSCredentials(accessKeyID: "SESMNOBODYNOBODYNOBO", secretAccessKey: "x")
        let noon = ReceiverWorld.noon
        let attacks: [(ReceivedRequest, String, String)] = [
            (try api.request("PutRecord", put("x"), as: stolen), "InvalidSignatureException", "forged"),
            (try api.request("PutRecord", put("x"), as: nobody), "UnrecognizedClientException", "bad_key"),
            (try api.request("PutRecord", put("x"), service: "s3"), "InvalidSignatureException", "forged"),
            (
                try api.request("PutRecord", put("x"), at: noon.plus(-901)), "InvalidSignatureException",
                "stale"
            ),
            (
                try api.request("PutRecord", put("x"), at: noon.plus(901)), "InvalidSignatureException",
                "stale"
            ),
            (try post(nil, put("x").utf8, path: "/"), "MissingAuthenticationTokenException", "bad_key"),
        ]
        for (request, name, outcome) in attacks {
            let answer = await api.receiver.receive(request)
            #expect(answer.error == name && answer.outcome == outcome && answer.status == .badRequest)
        }
        var changed = try api.request("PutRecord", put("x"))
        changed.body = Array(put("y").utf8)
        #expect(await api.receiver.receive(changed).outcome == "forged")
        var elsewhere = try api.request("PutRecord", put("x"))
        elsewhere.authority = "other.example.com"
        #expect(await api.receiver.receive(elsewhere).outcome == "forged")
        #expect(await api.world.sink.kept.isEmpty)
    }

    @Test("after a rotation both keys sign for the grace, then the new one only")
    func rotation() async throws {
        let rotated = try await api.world.database.rotateSecret(
            of: "api", grace: 3_600, by: ReceiverWorld.actor)
        let new = AWSCredentials(
            accessKeyID: api.credentials.accessKeyID, secretAccessKey: try #require(rotated.secret).text)
        #expect(try await api.call("PutRecord", put("x")).status == .ok)
        #expect(try await api.call("PutRecord", put("x"), as: new).status == .ok)
        _ = try await api.world.database.rotateSecret(of: "api", grace: 0, by: ReceiverWorld.actor)
        api.world.pass(.seconds(2))
        #expect(try await api.call("PutRecord", put("x")).error == "InvalidSignatureException")
    }

    @Test("a secret that cannot be read is our fault: 503, and the sender tries again")
    func unreadableSecret() async throws {
        let id = try await api.world.database.source("api").id
        try Data("{".utf8).write(to: api.world.home.appending(path: "secrets/\(id)"))
        let answer = try await api.call("PutRecord", put("x"))
        #expect(answer.status == .serviceUnavailable && answer.outcome == "unavailable")
    }

    @Test("when the log cannot take it, the whole request fails in the way that SDKs repeat")
    func unstored() async throws {
        await api.world.sink.become(.overloaded)
        let overloaded = try await api.call("PutRecord", put("x"))
        #expect(overloaded.status == .serviceUnavailable && overloaded.error == "ServiceUnavailableException")
        #expect(overloaded.outcome == "overloaded" && overloaded.headers[.retryAfter] == "7")
        await api.world.sink.become(.broken)
        let unstored = try await api.call("PutRecord", put("x"))
        #expect(unstored.error == "ServiceUnavailableException" && unstored.outcome == "unstored")
        try await api.world.database.setSource("api", paused: true, by: ReceiverWorld.actor)
        api.world.pass(.seconds(2))
        let paused = try await api.call("PutRecord", put("x"))
        #expect(paused.error == "ServiceUnavailableException" && paused.outcome == "paused")
    }

    @Test("a stream that is not there is not found, in AWS's words")
    func unknownStream() async throws {
        let answer = try await api.call("PutRecord", put("x", into: "nowhere"))
        #expect(answer.status == .badRequest && answer.error == "ResourceNotFoundException")
        #expect(
            answer.json("message") == .string("Firehose nowhere under account 000000000000 not found."))
        #expect(try await api.call("PutRecord", put("x", into: "../api")).error == "ValidationException")
    }

    @Test("operations that are not served are named")
    func refusedOperations() async throws {
        for operation in ["StartDeliveryStreamEncryption", "StopDeliveryStreamEncryption"] {
            let answer = try await api.call(operation, #"{"DeliveryStreamName":"api"}"#)
            #expect(answer.error == "InvalidArgumentException" && answer.outcome == "bad_request")
        }
        #expect(try await api.call("Reboot", "{}").error == "UnknownOperationException")
        #expect(try await api.call("PutRecord", "{").error == "SerializationException")
    }

    @Test("the real log has it when the answer is OK")
    func realLog() async throws {
        let log = try await EventLog.open(api.world.home.appending(path: "log").path)
        var context = api.world.context
        context.sink = { _ in log }
        let receiver = FirehoseAPIReceiver(context: context, database: api.world.database)
        #expect(await receiver.receive(try api.request("PutRecord", put("{}"))).status == .ok)
        let read = try await log.makeReader().read(from: 0, maximumBytes: 10_000)
        #expect(read.map { $0.record.attribute("stream") } == ["api"])
        await log.close()
    }
}

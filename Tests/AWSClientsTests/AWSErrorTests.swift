import AWSProtocols
import NIOHTTP1
import Primitives
import Testing

@testable import AWSClients

@Suite("Errors of AWS")
struct AWSErrorTests {
    private let key = AWSCredentials(accessKeyID: "AKIAEXAMPLE", secretAccessKey: "secret")
    private let action = AWSAction(
        permission: "s3:ListBucket", object: "bucket my-events", resource: "arn:aws:s3:::my-events")
    private let noon = Timestamp(microseconds: 1_785_585_600_000_000)

    private func error(_ status: Int, _ body: String, _ headers: HTTPHeaders = [:]) -> AWSAnswerError {
        AWSAnswerError(AWSTransport.Answer(status: status, headers: headers, body: Array(body.utf8)))
    }

    @Test("are read out of XML, JSON and nothing")
    func reads() {
        let xml = error(
            301,
            "<Error><Code>PermanentRedirect</Code><Message>no</Message><Region>eu-west-1</Region></Error>")
        #expect(xml.code == "PermanentRedirect" && xml.message == "no" && xml.region == "eu-west-1")
        let json = error(400, #"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"gone"}"#)
        #expect(json.code == "QueueDoesNotExist" && json.message == "gone")
        #expect(error(403, "").code == "HTTP 403")
        #expect(error(503, "<html>").isTransient && error(400, #"{"__type":"RequestThrottled"}"#).isTransient)
        #expect(!error(403, "").isTransient)
    }

    @Test("become sentences that say what to do, and hold no secret")
    func sentences() {
        let sentences: [(String, Failure.Kind, String)] = [
            (
                "AccessDenied", .refused,
                "does not allow s3:ListBucket on arn:aws:s3:::my-events to AWS key AKIAEXAMPLE"
            ),
            ("InvalidAccessKeyId", .refused, "does not know AWS key AKIAEXAMPLE"),
            ("SignatureDoesNotMatch", .refused, "the secret does not belong to AWS key AKIAEXAMPLE"),
            ("ExpiredToken", .refused, "has expired"),
            ("NoSuchBucket", .notFound, "there is no bucket my-events"),
            ("PermanentRedirect", .usage, "is in another region"), ("SlowDown", .limit, "it is tried again"),
            ("Odd", .refused, "failed with Odd"),
        ]
        for (code, kind, words) in sentences {
            let failure = action.failure(AWSAnswerError(status: 400, code: code), key, now: noon)
            #expect(failure.kind == kind && failure.message.contains(words), "\(failure)")
            #expect(!failure.message.contains("secret\""))
        }
    }

    @Test("over a clock that is wrong tell by how much, from AWS's own")
    func skew() {
        let headers: HTTPHeaders = ["Date": "Sat, 01 Aug 2026 11:40:00 GMT"]
        let error = error(403, "<Error><Code>RequestTimeTooSkewed</Code></Error>", headers)
        #expect(
            action.failure(error, key, now: noon).message.contains(
                "this machine's clock is 20 minutes ahead of AWS's"))
    }

    @Test("are followed by delays that grow and end")
    func retries() {
        let policy = RetryPolicy()
        #expect(
            (1...4).map { policy.bound(after: $0) } == [
                .milliseconds(200), .milliseconds(400), .milliseconds(800), nil,
            ])
        for _ in 0..<100 {
            let delay = policy.delay(after: 2) ?? .seconds(9)
            #expect(delay >= .zero && delay <= .milliseconds(400))
        }
    }
}

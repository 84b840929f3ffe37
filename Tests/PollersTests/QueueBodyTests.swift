import Foundation
import Testing

@testable import Pollers

@Suite("The body of a queue's message")
struct QueueBodyTests {
    /// As S3 sends it, shortened.
    private static let notification = #"""
        {"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu-west-1","eventTime":"2026-08-01T12:00:05.000Z",
        "eventName":"ObjectCreated:Put","s3":{"s3SchemaVersion":"1.0","configurationId":"sesame",
        "bucket":{"name":"my-events","arn":"arn:aws:s3:::my-events"},
        "object":{"key":"ses/a+b%2Bc","size":1024,"eTag":"d41d","sequencer":"0055"}}}]}
        """#
    private static let object = QueueBody.objects([.init(bucket: "my-events", key: "ses/a b+c", etag: "d41d")]
    )

    @Test("names objects where it is S3's notification, also through SNS and EventBridge")
    func objects() throws {
        #expect(QueueBody(Self.notification) == Self.object)
        let text = String(decoding: try JSONEncoder().encode(Self.notification), as: UTF8.self)
        #expect(QueueBody(#"{"Type":"Notification","TopicArn":"t","Message":\#(text)}"#) == Self.object)
        let bus = #"""
            {"detail-type":"Object Created","source":"aws.s3","detail":{"bucket":{"name":"my-events"},
            "object":{"key":"ses/a b+c","etag":"d41d","size":1}}}
            """#
        #expect(QueueBody(bus) == Self.object)
    }

    @Test("brings nothing where it is a test or tells of a deletion")
    func nothing() {
        #expect(
            QueueBody(#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"my-events"}"#) == .nothing)
        let removal = Self.notification.replacingOccurrences(
            of: "ObjectCreated:Put", with: "ObjectRemoved:Delete")
        #expect(QueueBody(removal) == .nothing)
        #expect(
            QueueBody(
                #"{"detail-type":"Object Deleted","source":"aws.s3","detail":{"bucket":{"name":"b"},"object":{"key":"k"}}}"#
            )
                == .nothing)
    }

    @Test(
        "is events otherwise, whatever they say of S3",
        arguments: [
            "", "s3", "{", #"{"eventType":"Send","mail":{"tags":{"s3":["x"]}}}"#,
            #"{"Type":"Notification","Message":"{\"eventType\":\"Click\",\"click\":{\"link\":\"https://s3.amazonaws.com/\"}}"}"#,
            #"{"source":"aws.ses","detail-type":"Email Sent","detail":{"mail":{"subject":"s3"}}}"#,
            #"{"Records":[{"body":"s3"}]}"#, #"{"Records":"s3"}"#,
        ])
    func events(body: String) {
        #expect(QueueBody(body) == .events)
    }
}

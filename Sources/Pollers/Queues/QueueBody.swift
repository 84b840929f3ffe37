import AWSClients
import Foundation
import Scanning

/// What the body of a queue's message is about.
enum QueueBody: Equatable {
    /// Events, perhaps in envelopes, which the lake's decoder takes off.
    case events
    /// New objects of buckets, which hold the events.
    case objects([NamedObject])
    /// Something of S3's that brings nothing: a test, or the deletion of an object.
    case nothing

    /// An object that a notification names.
    struct NamedObject: Hashable {
        var bucket: String
        var key: String
        var etag: String?
    }

    /// Looks into a body: S3's own notification ("Event message structure"), the same in an SNS message, or EventBridge's
    /// `Object Created`.
    init(_ body: String) {
        // Nearly all bodies are events, which need not be parsed to know it.
        guard body.utf8.count < 1 << 20, body.contains("s3"),
            let document = try? JSONDecoder().decode(Document.self, from: Data(body.utf8))
        else {
            self = .events
            return
        }
        self = Self.body(of: document, isInner: false)
    }

    private static func body(of document: Document, isInner: Bool) -> QueueBody {
        if document.Event == "s3:TestEvent" { return .nothing }
        if let records = document.Records, records.contains(where: { $0.s3 != nil }) {
            let objects = records.compactMap { record -> NamedObject? in
                guard let s3 = record.s3, record.eventName?.hasPrefix("ObjectCreated") ?? true else {
                    return nil
                }
                return NamedObject(
                    bucket: s3.bucket.name, key: s3.object.key.formDecoded, etag: s3.object.eTag)
            }
            return objects.isEmpty ? .nothing : .objects(objects)
        }
        if document.source == "aws.s3", let detail = document.detail {
            guard document.detailType == "Object Created" else { return .nothing }
            // Unlike S3's own, EventBridge's keys are as they are.
            return .objects([
                NamedObject(bucket: detail.bucket.name, key: detail.object.key, etag: detail.object.etag)
            ])
        }
        if !isInner, document.type == "Notification", let message = document.message,
            let inner = try? JSONDecoder().decode(Document.self, from: Data(message.utf8))
        {
            return body(of: inner, isInner: true)
        }
        return .events
    }

    private struct Document: Decodable {
        struct Record: Decodable {
            var eventName: String?
            var s3: Place?
        }
        struct Place: Decodable {
            var bucket: Bucket
            var object: Object
        }
        struct Bucket: Decodable { var name: String }
        struct Object: Decodable {
            var key: String
            var eTag: String?
            var etag: String?
        }
        var Event: String?
        var Records: [Record]?
        var source: String?
        var detailType: String?
        var detail: Place?
        var type: String?
        var message: String?

        enum CodingKeys: String, CodingKey {
            case Event, Records, source, detail
            case detailType = "detail-type"
            case type = "Type"
            case message = "Message"
        }

        /// Members of another shape than S3's count as absent: an event of SES has a `source` and a `detail` of its own.
        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            Event = try? container.decode(String.self, forKey: .Event)
            Records = try? container.decode([Record].self, forKey: .Records)
            source = try? container.decode(String.self, forKey: .source)
            detailType = try? container.decode(String.self, forKey: .detailType)
            detail = try? container.decode(Place.self, forKey: .detail)
            type = try? container.decode(String.self, forKey: .type)
            message = try? container.decode(String.self, forKey: .message)
        }
    }
}

import NIOCore
import Primitives
import Scanning

/// A delivery of Firehose to an HTTP endpoint ("HTTP Endpoint Delivery Request and Response Specifications").
///
/// Firehose believes only a 200 whose JSON repeats the request's id.
struct FirehoseRoad: RoadDriver {
    static let account = "123456789012"
    let destination: Destination

    func pack(_ events: EventBatch) -> Delivery {
        let id = RequestID.next()
        var body = Array(
            #"{"requestId":"\#(id)","timestamp":\#(Timestamp.now.microseconds / 1_000),"records":["#.utf8)
        events.writeRecords(key: "data", to: &body)
        body += "]}".utf8
        return Delivery(id: id, events: events, body: ByteBuffer(bytes: body))
    }

    func headers(_ delivery: Delivery) -> [(String, String)] {
        [
            ("Content-Type", "application/json"), ("X-Amz-Firehose-Protocol-Version", "1.0"),
            ("X-Amz-Firehose-Request-Id", delivery.id),
            (
                "X-Amz-Firehose-Source-Arn",
                "arn:aws:firehose:eu-west-1:\(FirehoseRoad.account):deliverystream/\(destination.stream)"
            ),
            ("X-Amz-Firehose-Access-Key", destination.secret),
        ]
    }

    func isAcknowledged(_ body: ByteBuffer, of delivery: Delivery) -> Bool {
        body.withUnsafeReadableBytes { bytes in
            var id: String?
            var scanner = JSONScanner(bytes)
            let isWhole = scanner.members { key, scanner in
                guard let value = scanner.value() else { return false }
                if key.elementsEqual("requestId".utf8) { id = value.string() }
                return true
            }
            return isWhole && id == delivery.id
        }
    }
}

extension EventBatch {
    /// Appends `{"key":"base64"}` for each event, with commas between.
    func writeRecords(key: String, to body: inout [UInt8]) {
        body.reserveCapacity(body.count + bytes.count * 4 / 3 + count * (key.utf8.count + 12))
        for index in 0..<count {
            body += (index == 0 ? "{\"\(key)\":\"" : ",{\"\(key)\":\"").utf8
            body += Base64.encode(Array(self[index])).utf8
            body += "\"}".utf8
        }
    }
}

import AWSProtocols
import NIOCore
import Primitives
import Scanning

/// `PutRecordBatch` with Signature Version 4, as an SDK of AWS's sends it; signed anew on each attempt.
struct FirehoseAPIRoad: RoadDriver {
    private let signer: SigV4Signer
    private let destination: Destination

    init(_ destination: Destination) {
        self.destination = destination
        signer = SigV4Signer(
            credentials: AWSCredentials(
                accessKeyID: destination.accessKeyID, secretAccessKey: destination.secret),
            region: "eu-west-1", service: FirehoseAPI.signingName)
    }

    func pack(_ events: EventBatch) -> Delivery {
        var body = Array("{\"DeliveryStreamName\":\"\(destination.stream)\",\"Records\":[".utf8)
        events.writeRecords(key: "Data", to: &body)
        body += "]}".utf8
        return Delivery(id: RequestID.next(), events: events, body: ByteBuffer(bytes: body))
    }

    func headers(_ delivery: Delivery) -> [(String, String)] {
        let (host, path) = destination.parts
        var hasher = BodyHasher()
        delivery.body.withUnsafeReadableBytes { hasher.update($0) }
        var request = SignedRequest(
            method: "POST", path: path,
            headers: [
                ("host", host), ("Content-Type", AWSJSON.contentType),
                ("X-Amz-Target", "Firehose_20150804.PutRecordBatch"),
            ], bodyHash: hasher.finish())
        signer.sign(&request, at: .now)
        return request.headers.filter { $0.name != "host" }.map { ($0.name, $0.value) }
    }

    /// What was not stored must be put again; one event counts once, so the whole batch is.
    func isAcknowledged(_ body: ByteBuffer, of delivery: Delivery) -> Bool {
        body.withUnsafeReadableBytes { bytes in
            var failed: String?
            var scanner = JSONScanner(bytes)
            let isWhole = scanner.members { key, scanner in
                guard let value = scanner.value() else { return false }
                if key.elementsEqual("FailedPutCount".utf8) {
                    failed = String(decoding: value.bytes, as: UTF8.self)
                }
                return true
            }
            return isWhole && failed == "0"
        }
    }
}

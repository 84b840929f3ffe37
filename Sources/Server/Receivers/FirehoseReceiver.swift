import AWSProtocols
import ControlPlane
import EventLog
import HTTPTypes
import Primitives

/// SES → Firehose stream → `POST /ingest/firehose/<name>`; "HTTP Endpoint Delivery Request and Response Specifications".
///
/// Firehose believes only a 200 whose JSON repeats the request's id, and tries all else again until its retry time is over;
/// then the batch goes to the bucket for what failed. After 413 it drops the batch for good, so a body that is too large is
/// answered 400: the batch lands in the bucket, and its owner reads why. Answers are never compressed.
struct FirehoseReceiver: Receiver {
    /// The largest body, before and after decompression, in bytes.
    static let maximumBodySize = FirehoseDelivery.maximumBodySize

    let context: ReceiverContext

    func receive(_ request: ReceivedRequest) async -> ReceiverAnswer {
        let id = request.headers.single("x-amz-firehose-request-id").map { String($0.prefix(256)) } ?? ""
        do {
            return try await context.serve(.firehose, request) { source throws(Rejection) in
                let count = try await take(request, source)
                return answer(.ok, id, records: count)
            }
        } catch {
            return answer(error.status, id, error: error)
        }
    }

    private func answer(
        _ status: HTTPResponse.Status, _ id: String, records: Int = 0, error: Rejection? = nil
    ) -> ReceiverAnswer {
        var fields = error?.headers ?? [:]
        fields[.contentType] = FirehoseDelivery.answerContentType
        return ReceiverAnswer(
            status: status, headers: fields,
            body: FirehoseDelivery.answer(requestID: id, at: context.now(), error: error?.message),
            outcome: (error?.outcome ?? .accepted).rawValue, records: records)
    }

    /// The number of records that were stored.
    private func take(_ request: ReceivedRequest, _ source: Source) async throws(Rejection) -> Int {
        let headers = try FirehoseReceiver.headers(request)
        try FirehoseReceiver.checkKey(headers, source, at: request.receivedAt)
        // Only who has the key makes us decompress.
        let delivery = try await FirehoseReceiver.delivery(request)
        guard delivery.requestID == headers.requestID else {
            throw Rejection(
                .unreadable, .badRequest, "the requestId of the body is not that of X-Amz-Firehose-Request-Id"
            )
        }
        let body = delivery.records.lines
        if body.isEmpty { return 0 }
        let stream = headers.sourceARN.flatMap(StreamARN.init)
        var origin = Origin.attributes([
            (Origin.requestID, headers.requestID), (Origin.region, stream?.region),
            (Origin.account, stream?.account), (Origin.stream, stream?.name),
        ])
        origin += Origin.attributes(
            headers.commonAttributes.sorted { $0.key < $1.key }.map {
                (Origin.commonPrefix + $0.key, $0.value)
            })
        let record = LogRecord(
            receivedAt: request.receivedAt, source: source.name, origin: origin, body: body)
        try await context.keep([record], events: delivery.records.count, from: source)
        return delivery.records.count
    }

    private static func headers(_ request: ReceivedRequest) throws(Rejection) -> FirehoseDeliveryHeaders {
        do { return try FirehoseDeliveryHeaders(request.headers.pairs) } catch {
            throw Rejection(.unreadable, .badRequest, error.message)
        }
    }

    private static func checkKey(
        _ headers: FirehoseDeliveryHeaders, _ source: Source, at now: Timestamp
    ) throws(Rejection) {
        guard let key = headers.accessKey.map({ PresentedSecret($0) }) else {
            throw Rejection(
                .badKey, .unauthorized,
                "the access key is missing; set the source's secret as the stream's access key")
        }
        guard key.opens(source, at: now) else {
            throw Rejection(
                .badKey, .forbidden,
                "the access key is not the source's secret; `sesame source rotate` makes a new one")
        }
    }

    private static func delivery(
        _ request: ReceivedRequest
    ) async throws(Rejection) -> FirehoseDelivery {
        let encodings = request.headers[values: .contentEncoding]
        let isCompressed = encodings.map { $0.lowercased() } == ["gzip"]
        guard isCompressed || encodings.isEmpty else {
            throw Rejection(
                .unreadable, .badRequest, "the Content-Encoding is not gzip, the only one of Firehose")
        }
        do {
            let body =
                isCompressed
                ? try await BodyDecoder.shared.inflate(
                    request.body, name: "the delivery", limit: maximumBodySize) : request.body
            return try body.withUnsafeBytes { bytes in
                Result { () throws(Failure) in try FirehoseDelivery(parsing: bytes) }
            }.get()
        } catch {
            let failure = error as? Failure ?? Failure(.input, "the delivery cannot be read: \(error)")
            throw Rejection(failure.kind == .limit ? .tooLarge : .unreadable, .badRequest, failure.message)
        }
    }
}

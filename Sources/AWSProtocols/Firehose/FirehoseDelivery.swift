import Primitives
import Scanning

/// A batch that Firehose delivers to an HTTP endpoint ("HTTP Endpoint Delivery Request and Response Specifications").
///
/// The body is `{"requestId":"…","timestamp":1785585603000,"records":[{"data":"base64"},…]}`. Retries bear the same id.
public struct FirehoseDelivery: Sendable, Equatable {
    /// The largest body after decompression, in bytes.
    public static let maximumBodySize = 64 << 20
    /// The most records of a delivery.
    public static let mostRecords = 10_000

    /// The id that the answer must repeat.
    public let requestID: String
    /// When Firehose made the request.
    public let timestamp: Timestamp
    /// The records.
    public let records: FirehoseRecords

    /// Reads a body after decompression.
    ///
    /// - Throws: `.limit` for one that is larger than Firehose ever sends, `.input` for one that it would not send.
    public init(parsing body: UnsafeRawBufferPointer) throws(Failure) {
        guard body.count <= FirehoseDelivery.maximumBodySize else {
            throw Failure(
                .limit, "the delivery has \(body.count) bytes, more than the 64 MiB that Firehose sends")
        }
        var reader = FirehoseRecordReader(key: "data", mostRecords: FirehoseDelivery.mostRecords)
        var requestID: String?
        var timestamp: Int64?
        var hasRecords = false
        var isWhole = false
        let bytes = [UInt8](unsafeUninitializedCapacity: Base64.room(for: body.count)) { buffer, count in
            var scanner = JSONScanner(body)
            isWhole = scanner.members { key, scanner in
                if key.elementsEqual("records".utf8) {
                    if hasRecords { return false }
                    hasRecords = true
                    return reader.readArray(&scanner, into: buffer)
                }
                guard let value = scanner.value() else { return false }
                if key.elementsEqual("requestId".utf8) { requestID = value.string() }
                if key.elementsEqual("timestamp".utf8) {
                    timestamp = Int64(String(decoding: value.bytes, as: UTF8.self))
                }
                return true
            }
            isWhole = isWhole && scanner.isAtEnd()
            count = reader.ends.last ?? 0
        }
        if let fault = reader.fault { throw FirehoseDelivery.failure(fault) }
        guard isWhole else { throw Failure(.input, "the delivery is not one whole JSON object") }
        guard let requestID, (1...256).contains(requestID.utf8.count) else {
            throw Failure(.input, "the delivery has no requestId")
        }
        guard let timestamp, (0...253_402_300_799_999).contains(timestamp) else {
            throw Failure(.input, "the delivery's timestamp is no time in milliseconds")
        }
        guard !reader.ends.isEmpty else { throw Failure(.input, "the delivery has no records") }
        self.requestID = requestID
        self.timestamp = Timestamp(microseconds: timestamp * 1_000)
        records = FirehoseRecords(bytes: bytes, ends: reader.ends)
    }

    private static func failure(_ fault: FirehoseRecordReader.Fault) -> Failure {
        switch fault {
        case .notARecord(let index):
            Failure(.input, "record \(index) of the delivery is not an object with one data")
        case .noData(let index): Failure(.input, "record \(index) of the delivery has no data")
        case .notBase64(let index):
            Failure(.input, "the data of record \(index) of the delivery is not Base64")
        case .tooLarge(let index):
            Failure(
                .limit,
                "record \(index) of the delivery has more than \(FirehoseRecordReader.largestRecord) bytes")
        case .tooMany: Failure(.limit, "the delivery has more than \(mostRecords) records")
        }
    }
}

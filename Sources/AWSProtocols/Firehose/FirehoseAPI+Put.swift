import Scanning

extension FirehoseAPI {
    /// Reads `{"DeliveryStreamName":"…","Record":{"Data":"…"}}`, or `"Records":[{"Data":"…"},…]`.
    static func decodePut(_ body: [UInt8], isBatch: Bool) throws(AWSError) -> FirehoseCall {
        guard body.count <= maximumBodySize else {
            throw AWSError(
                "InvalidArgumentException", "the request has \(body.count) bytes; send at most 4 MiB of data")
        }
        let recordsKey = isBatch ? "Records" : "Record"
        var reader = FirehoseRecordReader(key: "Data", mostRecords: isBatch ? mostRecords : 1)
        var name: String?
        var hasRecords = false
        var isWhole = false
        let bytes = body.withUnsafeBytes { body in
            [UInt8](unsafeUninitializedCapacity: Base64.room(for: body.count)) { buffer, count in
                var scanner = JSONScanner(body)
                isWhole = scanner.members { key, scanner in
                    if key.elementsEqual(recordsKey.utf8) {
                        if hasRecords { return false }
                        hasRecords = true
                        return isBatch
                            ? reader.readArray(&scanner, into: buffer)
                            : reader.readRecord(&scanner, into: buffer)
                    }
                    guard let value = scanner.value() else { return false }
                    if key.elementsEqual("DeliveryStreamName".utf8) { name = value.string() }
                    return true
                }
                isWhole = isWhole && scanner.isAtEnd()
                count = reader.ends.last ?? 0
            }
        }
        if let fault = reader.fault { throw error(fault, isBatch) }
        guard isWhole else { throw .serialization("the body is not one whole JSON object") }
        guard let name else { throw .validation("deliveryStreamName", "Member must not be null") }
        guard !reader.ends.isEmpty else {
            throw .validation(
                isBatch ? "records" : "record", "Member must have length greater than or equal to 1")
        }
        guard bytes.count <= largestBatch else {
            throw AWSError("InvalidArgumentException", "Records size exceeds 4 MB limit")
        }
        let records = FirehoseRecords(bytes: bytes, ends: reader.ends)
        return .put(stream: try checked(name: name), records: records, isBatch: isBatch)
    }

    private static func error(_ fault: FirehoseRecordReader.Fault, _ isBatch: Bool) -> AWSError {
        func path(_ index: Int) -> String { isBatch ? "records.\(index + 1).member.data" : "record.data" }
        switch fault {
        case .notARecord(let index):
            return .serialization("'\(path(index))' is not in an object with one Data")
        case .noData(let index): return .validation(path(index), "Member must not be null")
        case .notBase64(let index): return .serialization("'\(path(index))' is not Base64")
        case .tooLarge(let index):
            return .validation(
                path(index),
                "Member must have length less than or equal to \(FirehoseRecordReader.largestRecord)")
        case .tooMany:
            return .validation("records", "Member must have length less than or equal to \(mostRecords)")
        }
    }
}

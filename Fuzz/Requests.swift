import Compression
import Foundation
import Primitives
import Scanning

@testable import AWSProtocols

/// A message as SNS posts it. One that can be read is the same after it was written and read again.
@Sendable func fuzzSNS(_ bytes: UnsafeRawBufferPointer) {
    guard let message = try? SNSMessage(parsing: Array(bytes)) else { return }
    _ = message.stringToSign
    _ = try? SNSCertificateRules.validate(url: message.signingCertURL, topic: message.topic)
    _ = try? SNSCertificateRules.validate(subscribeURL: message.subscribeURL ?? "", topic: message.topic)
    _ = Timestamp(parsing: message.timestamp)
    insist((try? SNSMessage(parsing: message.json)) == message, "a message is read as it was written")
}

/// A delivery to an HTTP endpoint, and a call of the API.
@Sendable func fuzzFirehose(_ bytes: UnsafeRawBufferPointer) {
    if let delivery = try? FirehoseDelivery(parsing: bytes) {
        insist(delivery.records.ends.last == delivery.records.bytes.count, "records fill their buffer")
    }
    for operation in ["PutRecord", "PutRecordBatch", "CreateDeliveryStream", "UpdateDestination"] {
        guard let target = AWSTarget(header: "Firehose_20150804.\(operation)") else { continue }
        _ = try? FirehoseAPI.decode(target, body: Array(bytes))
    }
}

/// The parts of a signed request: a line each for the path, the query, the Authorization header, and other headers.
@Sendable func fuzzSigV4(_ bytes: UnsafeRawBufferPointer) {
    let lines = String(decoding: bytes, as: UTF8.self).split(
        separator: "\n", omittingEmptySubsequences: false)
    func line(_ index: Int) -> String { index < lines.count ? String(lines[index]) : "" }
    var headers = [(name: "host", value: "localhost")]
    if !line(2).isEmpty { headers.append((name: "Authorization", value: line(2))) }
    for header in lines.dropFirst(3) {
        let pair = header.split(separator: ":", maxSplits: 1)
        if pair.count == 2 { headers.append((name: String(pair[0]), value: String(pair[1]))) }
    }
    let request = SignedRequest(method: "POST", path: line(0), query: line(1), headers: headers)
    _ = SigV4Verifier.claimedAccessKeyID(of: request)
    guard let claim = try? SigV4Claim(request) else { return }
    for dialect in [SigV4Dialect.standard, .s3] {
        let canonical = SigV4.canonicalRequest(
            request, query: claim.query, signedHeaders: claim.signedHeaders, payload: request.bodyHash,
            dialect: dialect)
        insist(!canonical.isEmpty, "there is something to sign")
    }
}

/// A compressed body: gzip, zstd or neither, a bomb perhaps.
@Sendable func fuzzBody(_ bytes: UnsafeRawBufferPointer) {
    let limit = 1 << 20
    if let body = try? Decompressor.decode(bytes, name: "the body", limit: limit) {
        insist(body.count <= limit, "no more is kept than the limit")
    }
}

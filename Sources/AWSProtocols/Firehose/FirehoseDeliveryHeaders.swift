import Primitives
import Scanning

/// What Firehose says about a delivery in its headers.
public struct FirehoseDeliveryHeaders: Sendable, Equatable {
    /// The id of the request, the same on each attempt.
    public var requestID: String
    /// The stream, `arn:aws:firehose:eu-west-1:123456789012:deliverystream/ses-events`.
    public var sourceARN: String?
    /// The key that was set for the endpoint; compare it with ``ConstantTime``.
    public var accessKey: String?
    /// The pairs that were set for the endpoint.
    public var commonAttributes: [String: String]

    /// Reads the headers of a request, their names in any case.
    public init(_ headers: [(name: String, value: String)]) throws(Failure) {
        func value(_ name: String) throws(Failure) -> String? {
            let values = headers.filter { $0.name.lowercased() == name }.map(\.value)
            guard values.count <= 1 else { throw Failure(.input, "the header \(name) comes more than once") }
            return values.first
        }
        let version = try value("x-amz-firehose-protocol-version")
        guard version == "1.0" else {
            throw Failure(
                .input, "X-Amz-Firehose-Protocol-Version must be 1.0; is it Firehose that sends here?")
        }
        guard let id = try value("x-amz-firehose-request-id"), (1...256).contains(id.utf8.count) else {
            throw Failure(.input, "the header X-Amz-Firehose-Request-Id is missing")
        }
        requestID = id
        sourceARN = try value("x-amz-firehose-source-arn")
        accessKey = try value("x-amz-firehose-access-key")
        guard (accessKey?.utf8.count ?? 0) <= 4_096 else {
            throw Failure(.limit, "X-Amz-Firehose-Access-Key has more than 4,096 bytes")
        }
        commonAttributes = try FirehoseDeliveryHeaders.attributes(
            try value("x-amz-firehose-common-attributes"))
    }

    /// Reads `{"commonAttributes":{"env":"prod"}}`: up to 50 pairs of up to 256 and 1,024 characters.
    private static func attributes(_ header: String?) throws(Failure) -> [String: String] {
        guard var header else { return [:] }
        var pairs: [String: String] = [:]
        let isWellFormed = header.withUTF8 { bytes in
            var scanner = JSONScanner(UnsafeRawBufferPointer(bytes))
            let isObject = scanner.members { key, scanner in
                guard key.elementsEqual("commonAttributes".utf8) else { return scanner.value() != nil }
                return scanner.members { key, scanner in
                    guard let name = JSONText.decode(key).flatMap({ String(validating: $0, as: UTF8.self) }),
                        let value = scanner.value()?.string(), name.unicodeScalars.count <= 256,
                        value.unicodeScalars.count <= 1_024, pairs.count < 50
                    else { return false }
                    return pairs.updateValue(value, forKey: name) == nil
                }
            }
            return isObject && scanner.isAtEnd()
        }
        guard isWellFormed else {
            throw Failure(
                .input,
                "X-Amz-Firehose-Common-Attributes is not an object of up to 50 texts of up to 1,024 characters"
            )
        }
        return pairs
    }
}

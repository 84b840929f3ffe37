/// What a JSON 1.1 request asks for: `X-Amz-Target: Firehose_20150804.PutRecord`.
public struct AWSTarget: Sendable, Hashable {
    /// The service with its version, `Firehose_20150804`.
    public let service: String
    /// The operation, `PutRecord`.
    public let operation: String

    /// Reads the header; nil if it is not two names with a point between.
    public init?(header: String) {
        let parts = header.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, header.utf8.count <= 256, parts.allSatisfy({ !$0.isEmpty }),
            parts.allSatisfy({ $0.utf8.allSatisfy(AWSTarget.isNameByte) })
        else { return nil }
        service = String(parts[0])
        operation = String(parts[1])
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"): true
        default: false
        }
    }
}

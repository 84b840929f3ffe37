/// The name of a topic: `arn:aws:sns:eu-west-1:123456789012:ses-events`.
public struct SNSTopic: Sendable, Hashable, CustomStringConvertible {
    /// The whole name.
    public let arn: String
    /// `aws`, `aws-cn`, `aws-us-gov`.
    public let partition: String
    /// The region, such as `eu-west-1`.
    public let region: String
    /// The account's twelve digits.
    public let account: String
    /// The topic's own name.
    public let name: String

    /// A topic from its ARN; nil if it is none.
    public init?(arn: String) {
        let parts = arn.pieces(":")
        guard parts.count == 6, parts[0] == "arn", parts[2] == "sns", parts[1].hasPrefix("aws"),
            parts[1].utf8.allSatisfy(SNSTopic.isLowerWord), (3...32).contains(parts[3].utf8.count),
            parts[3].utf8.allSatisfy(SNSTopic.isLowerWord), parts[4].utf8.count == 12,
            parts[4].utf8.allSatisfy({ (0x30...0x39).contains($0) }), (1...256).contains(parts[5].utf8.count),
            parts[5].utf8.allSatisfy(SNSTopic.isNameByte)
        else { return nil }
        self.arn = arn
        (partition, region, account, name) = (parts[1], parts[3], parts[4], parts[5])
    }

    /// The domain under which the partition's services live.
    var domain: String { partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com" }

    /// The ARN.
    public var description: String { arn }

    private static func isLowerWord(_ byte: UInt8) -> Bool {
        (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isLowerWord(byte) || (0x41...0x5a).contains(byte) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: ".")
    }
}

import EventLog

/// The names of the attributes that receivers put on what they hand to the log.
enum Origin {
    /// The id of a request: Firehose's, the same on each attempt; ours for Firehose's API.
    static let requestID = "request_id"
    /// The id of an SNS message, the same on each attempt.
    static let messageID = "message_id"
    /// The AWS account.
    static let account = "account"
    /// The AWS region.
    static let region = "region"
    /// The ARN of the SNS topic.
    static let topic = "topic"
    /// The name of the stream.
    static let stream = "stream"
    /// What the body is, where it is no sending event.
    static let kind = "kind"
    /// The value of ``kind`` for what SES says of the sender's reputation.
    static let reputation = "reputation"
    /// Stands before the names of pairs that the user set on a Firehose stream.
    static let commonPrefix = "common."

    /// Attributes out of pairs of which some are not known; cut to what the log takes.
    static func attributes(_ pairs: [(name: String, value: String?)]) -> [LogAttribute] {
        pairs.compactMap { pair in
            pair.value.map { LogAttribute(pair.name.cut(to: 255), $0.cut(to: 65_535)) }
        }
    }
}

extension String {
    /// As many whole characters as fit into so many bytes.
    fileprivate func cut(to bytes: Int) -> String {
        if utf8.count <= bytes { return self }
        var text = self[...]
        while text.utf8.count > bytes { text.removeLast() }
        return String(text)
    }
}

/// Region, account and name of a Firehose stream: `arn:aws:firehose:eu-west-1:123456789012:deliverystream/ses-events`.
struct StreamARN {
    let region: String
    let account: String
    let name: String

    /// The parts of an ARN; nil if it is not a stream's.
    init?(_ arn: String) {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "firehose",
            parts[5].hasPrefix("deliverystream/")
        else { return nil }
        (region, account) = (String(parts[3]), String(parts[4]))
        name = String(parts[5].dropFirst("deliverystream/".count))
    }
}

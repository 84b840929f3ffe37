import Foundation
import Primitives

extension SourceSettings {
    /// Stops settings that cannot work. What passes is also free of anything that a shell, YAML or HCL would read as its own.
    ///
    /// - Throws: ``Failure`` of kind usage, which names the value.
    func check() throws(Failure) {
        switch self {
        case .firehose, .http, .firehoseAPI, .eventbridge: return
        case .sns(let sns):
            guard !sns.topicARNs.isEmpty else {
                throw Failure(.usage, "an SNS source needs the ARN of its topic; give it with --topic-arn")
            }
            for arn in sns.topicARNs where AWSName(topicARN: arn) == nil {
                throw Failure(
                    .usage, "'\(arn)' is no ARN of a standard SNS topic (arn:aws:sns:REGION:ACCOUNT:NAME)")
            }
            guard !sns.signatureVersions.isEmpty, sns.signatureVersions.allSatisfy({ $0 == 1 || $0 == 2 })
            else {
                throw Failure(.usage, "SNS signs with version 1 or 2; allow at least one of them")
            }
        case .s3(let s3):
            guard AWSName.isBucket(s3.bucket) else {
                throw Failure(.usage, "'\(s3.bucket)' is no name of a bucket")
            }
            guard AWSName.isPrefix(s3.prefix) else {
                throw Failure(
                    .usage,
                    "the prefix '\(s3.prefix)' cannot be used: take letters, digits and !_.*()/=+@:- and no / first"
                )
            }
            try Self.check(region: s3.region)
            if let queue = s3.queueURL { try Self.check(url: queue, of: "queue") }
            if let endpoint = s3.endpoint { try Self.check(url: endpoint, of: "endpoint") }
            guard (1...86_400).contains(s3.interval ?? 60) else {
                throw Failure(.usage, "a prefix is listed every 1 to 86400 seconds; correct --every")
            }
            try s3.credentials.check()
        case .sqs(let sqs):
            try Self.check(url: sqs.queueURL, of: "queue")
            try Self.check(region: sqs.region)
            try sqs.credentials.check()
        }
    }

    private static func check(region: String) throws(Failure) {
        guard AWSName.isRegion(region) else {
            throw Failure(.usage, "'\(region)' is no AWS region, such as eu-west-1; give it with --region")
        }
    }

    private static func check(url: String, of thing: String) throws(Failure) {
        let safe = url.utf8.allSatisfy { AWSName.isWord($0) || "-._:/[]".utf8.contains($0) }
        guard safe, let parts = URLComponents(string: url), ["http", "https"].contains(parts.scheme),
            parts.host?.isEmpty == false, parts.user == nil, parts.query == nil, parts.fragment == nil
        else {
            throw Failure(.usage, "'\(url)' is no URL of \(thing == "endpoint" ? "an endpoint" : "a queue")")
        }
    }
}

extension SourceSettings.Credentials {
    fileprivate func check() throws(Failure) {
        guard case .accessKey(let id) = self else { return }
        guard (16...128).contains(id.utf8.count), id.utf8.allSatisfy(AWSName.isWord) else {
            throw Failure(.usage, "'\(id)' is no AWS access key id")
        }
    }
}

/// AWS's rules for names, and the parts of an ARN.
struct AWSName {
    let partition: String
    let region: String
    let account: String
    let name: String

    /// The parts of a standard topic's ARN; nil if it is none. FIFO topics cannot deliver over HTTP.
    init?(topicARN: String) {
        let parts = topicARN.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "arn", ["aws", "aws-cn", "aws-us-gov"].contains(parts[1]),
            parts[2] == "sns", AWSName.isRegion(parts[3]), parts[4].utf8.count == 12,
            parts[4].utf8.allSatisfy({ (48...57).contains($0) }), (1...256).contains(parts[5].utf8.count),
            parts[5].utf8.allSatisfy({ AWSName.isWord($0) || $0 == UInt8(ascii: "-") })
        else { return nil }
        (partition, region, account, name) = (parts[1], parts[3], parts[4], parts[5])
    }

    static func isRegion(_ text: String) -> Bool {
        (4...32).contains(text.utf8.count) && text.contains("-")
            && text.utf8.allSatisfy {
                (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-")
            }
    }

    static func isBucket(_ text: String) -> Bool {
        (3...63).contains(text.utf8.count) && !text.hasPrefix("-") && !text.hasPrefix(".")
            && !text.contains("..")
            && text.utf8.allSatisfy {
                (97...122).contains($0) || (48...57).contains($0) || "-.".utf8.contains($0)
            }
    }

    static func isPrefix(_ text: String) -> Bool {
        text.utf8.count <= 512 && !text.hasPrefix("/")
            && text.utf8.allSatisfy { isWord($0) || "!.*()/=+@:-".utf8.contains($0) }
    }

    /// A source's name as a part of the names of AWS's things. The tightest are buckets, which have no underscore and, with
    /// what stands around it, leave room for 31 characters.
    static func label(of name: String) -> String {
        let plain = name.replacing("_", with: "-")
        guard plain.utf8.count > 31 else { return plain }
        let digest = SecretHash(of: name).bytes.prefix(3).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return "\(plain.prefix(24))-\(digest.joined())"
    }

    /// Letters, digits and the underscore.
    static func isWord(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte)
            || byte == UInt8(ascii: "_")
    }
}

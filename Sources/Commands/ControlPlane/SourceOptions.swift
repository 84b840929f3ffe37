import ArgumentParser
import ControlPlane
import Primitives

extension SourceKind: ExpressibleByArgument {}
extension SourceSettings.EventBridge.Authentication: ExpressibleByArgument {}
extension AWSSetup.Style: ExpressibleByArgument {}

/// What a source is told; which of these, its kind says.
struct SourceOptions: ParsableArguments {
    @Option(help: "sns: the ARN of a topic that may deliver; give it again for more.") var topicArn:
        [String] = []
    @Flag(help: "sns: accept signatures of version 1 (SHA-1) too.") var acceptSignatureV1 = false
    @Flag(help: "sns: accept raw messages, which bear no signature, with a secret.") var raw = false
    @Option(help: "eventbridge: api-key (default) or basic.")
    var authentication: SourceSettings.EventBridge.Authentication?
    @Option(help: "s3: the bucket.") var bucket: String?
    @Option(help: "s3: the beginning of the keys to read.") var prefix: String?
    @Option(help: "s3: a server other than AWS, as a URL.") var endpoint: String?
    @Option(help: "sqs: the queue; s3: a queue that the bucket tells of new objects.") var queueURL: String?
    @Option(
        help: ArgumentHelp(
            "s3: seconds between two listings (default: 60, with a queue 3600).", valueName: "seconds"))
    var every: Int?
    @Option(help: "s3, sqs: the region, such as eu-west-1.") var region: String?
    @Option(help: "s3, sqs: sign by this access key instead of the environment's or the machine's role.")
    var accessKeyID: String?
    @Option(help: "s3, sqs: a file with the access key's secret; - is standard input.")
    var secretAccessKeyFile: String?

    /// The settings of a source of `kind`.
    ///
    /// - Throws: ``ValidationError`` if something is missing or belongs to another kind.
    func settings(of kind: SourceKind) throws -> SourceSettings {
        let allowed: Set<String> =
            switch kind {
            case .sns: ["--topic-arn", "--accept-signature-v1", "--raw"]
            case .eventbridge: ["--authentication"]
            case .s3:
                [
                    "--bucket", "--prefix", "--endpoint", "--queue-url", "--region", "--access-key-id",
                    "--secret-access-key-file", "--every",
                ]
            case .sqs: ["--queue-url", "--region", "--access-key-id", "--secret-access-key-file"]
            case .firehose, .firehoseAPI, .http: []
            }
        if let stray = given.first(where: { !allowed.contains($0) }) {
            throw ValidationError("\(stray) does not belong to a source of kind \(kind.rawValue)")
        }
        switch kind {
        case .firehose: return .firehose
        case .firehoseAPI: return .firehoseAPI(.init())
        case .http: return .http
        case .sns:
            let versions = acceptSignatureV1 ? [1, 2] : [2]
            return .sns(.init(topicARNs: topicArn, signatureVersions: versions, allowsRawDelivery: raw))
        case .eventbridge: return .eventbridge(.init(authentication: authentication ?? .apiKey))
        case .s3:
            return .s3(
                .init(
                    bucket: try need(bucket, "--bucket"), prefix: prefix ?? "",
                    region: try need(region, "--region"),
                    queueURL: queueURL, endpoint: endpoint, credentials: credentials, interval: every))
        case .sqs:
            return .sqs(
                .init(
                    queueURL: try need(queueURL, "--queue-url"), region: try need(region, "--region"),
                    credentials: credentials))
        }
    }

    /// The access key's secret, if a file with it was named.
    var secretAccessKey: String? {
        get throws { try secretAccessKeyFile.map { try secretText(inFile: $0) } }
    }

    private var credentials: SourceSettings.Credentials { accessKeyID.map { .accessKey(id: $0) } ?? .ambient }

    /// The options that were given, by name.
    private var given: [String] {
        var names = [
            ("--authentication", authentication?.rawValue), ("--bucket", bucket), ("--prefix", prefix),
            ("--endpoint", endpoint), ("--queue-url", queueURL), ("--region", region),
            ("--access-key-id", accessKeyID), ("--secret-access-key-file", secretAccessKeyFile),
            ("--every", every.map { "\($0)" }),
        ].filter { $0.1 != nil }.map(\.0)
        if !topicArn.isEmpty { names.append("--topic-arn") }
        if acceptSignatureV1 { names.append("--accept-signature-v1") }
        if raw { names.append("--raw") }
        return names
    }

    private func need(_ value: String?, _ option: String) throws -> String {
        guard let value else { throw ValidationError("\(option) is missing") }
        return value
    }
}

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
        do { return try order.settings(of: kind, naming: Self.option) } catch {
            throw ValidationError(error.message)
        }
    }

    /// The access key's secret, if a file with it was named.
    var secretAccessKey: String? {
        get throws { try secretAccessKeyFile.map { try secretText(inFile: $0) } }
    }

    private var order: SourceOrder {
        var order = SourceOrder()
        (order.topicARNs, order.authentication) = (topicArn, authentication)
        (order.acceptsSignatureV1, order.allowsRawDelivery) = (acceptSignatureV1, raw)
        (order.bucket, order.prefix, order.endpoint, order.every) = (bucket, prefix, endpoint, every)
        (order.queueURL, order.region, order.accessKeyID) = (queueURL, region, accessKeyID)
        // Its name alone: whether it belongs to the kind is told before the file is read.
        order.secretAccessKey = secretAccessKeyFile
        return order
    }

    private static func option(_ key: SourceOrder.CodingKeys) -> String {
        switch key {
        case .topicARNs: "--topic-arn"
        case .secretAccessKey: "--secret-access-key-file"
        default: "--" + key.rawValue.replacing("_", with: "-")
        }
    }
}

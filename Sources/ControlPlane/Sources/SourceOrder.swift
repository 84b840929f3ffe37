import Primitives

/// What somebody asks for who adds a source: the options of all kinds, as a command line or a form has them.
public struct SourceOrder: Decodable, Hashable, Sendable {
    /// sns: the topics that may deliver.
    public var topicARNs: [String]?
    /// sns: accept signatures of version 1 (SHA-1) too.
    public var acceptsSignatureV1: Bool?
    /// sns: accept raw messages, which bear no signature, with a secret.
    public var allowsRawDelivery: Bool?
    /// eventbridge: how its connection authenticates.
    public var authentication: SourceSettings.EventBridge.Authentication?
    /// s3: the bucket.
    public var bucket: String?
    /// s3: the beginning of the keys to read.
    public var prefix: String?
    /// s3: a server other than AWS.
    public var endpoint: String?
    /// sqs: the queue; s3: a queue that the bucket tells of new objects.
    public var queueURL: String?
    /// s3: seconds between two listings.
    public var every: Int?
    /// s3, sqs: the region.
    public var region: String?
    /// s3, sqs: an access key to sign by, in place of the environment's or the machine's role.
    public var accessKeyID: String?
    /// s3, sqs: that key's secret.
    public var secretAccessKey: String?

    /// The options by name.
    public enum CodingKeys: String, CodingKey, CaseIterable, Sendable {
        case topicARNs = "topic_arns"
        case acceptsSignatureV1 = "accept_signature_v1"
        case allowsRawDelivery = "raw"
        case authentication, bucket, prefix, endpoint
        case queueURL = "queue_url"
        case every, region
        case accessKeyID = "access_key_id"
        case secretAccessKey = "secret_access_key"
    }

    /// An order without options.
    public init() {}

    /// The settings of a source of `kind`.
    ///
    /// - Parameter naming: what an option is called where it was given.
    /// - Throws: ``Failure`` of kind usage if something is missing or belongs to another kind.
    public func settings(of kind: SourceKind, naming: (CodingKeys) -> String = \.rawValue) throws(Failure)
        -> SourceSettings
    {
        let allowed = Self.options(of: kind)
        if let stray = given.first(where: { !allowed.contains($0) }) {
            throw Failure(.usage, "\(naming(stray)) does not belong to a source of kind \(kind.rawValue)")
        }
        func need(_ value: String?, _ option: CodingKeys) throws(Failure) -> String {
            guard let value, !value.isEmpty else { throw Failure(.usage, "\(naming(option)) is missing") }
            return value
        }
        let credentials = accessKeyID.map { SourceSettings.Credentials.accessKey(id: $0) } ?? .ambient
        switch kind {
        case .firehose: return .firehose
        case .firehoseAPI: return .firehoseAPI(.init())
        case .http: return .http
        case .sns:
            return .sns(
                .init(
                    topicARNs: topicARNs ?? [], signatureVersions: acceptsSignatureV1 == true ? [1, 2] : [2],
                    allowsRawDelivery: allowsRawDelivery ?? false))
        case .eventbridge: return .eventbridge(.init(authentication: authentication ?? .apiKey))
        case .s3:
            return .s3(
                .init(
                    bucket: try need(bucket, .bucket), prefix: prefix ?? "",
                    region: try need(region, .region),
                    queueURL: queueURL, endpoint: endpoint, credentials: credentials, interval: every))
        case .sqs:
            return .sqs(
                .init(
                    queueURL: try need(queueURL, .queueURL), region: try need(region, .region),
                    credentials: credentials))
        }
    }

    /// The options that a kind has.
    public static func options(of kind: SourceKind) -> Set<CodingKeys> {
        switch kind {
        case .sns: [.topicARNs, .acceptsSignatureV1, .allowsRawDelivery]
        case .eventbridge: [.authentication]
        case .s3:
            [.bucket, .prefix, .endpoint, .queueURL, .region, .accessKeyID, .secretAccessKey, .every]
        case .sqs: [.queueURL, .region, .accessKeyID, .secretAccessKey]
        case .firehose, .firehoseAPI, .http: []
        }
    }

    /// The options that were given. A flag that is off is as good as none.
    private var given: [CodingKeys] {
        let all: [(CodingKeys, Bool)] = [
            (.topicARNs, topicARNs?.isEmpty == false), (.acceptsSignatureV1, acceptsSignatureV1 == true),
            (.allowsRawDelivery, allowsRawDelivery == true), (.authentication, authentication != nil),
            (.bucket, bucket != nil), (.prefix, prefix != nil), (.endpoint, endpoint != nil),
            (.queueURL, queueURL != nil), (.every, every != nil), (.region, region != nil),
            (.accessKeyID, accessKeyID != nil), (.secretAccessKey, secretAccessKey != nil),
        ]
        return all.filter(\.1).map(\.0)
    }
}

extension SourceSettings {
    /// What a source is told, by the names of ``SourceOrder``, the same for every kind. None is secret.
    public var texts: [(name: SourceOrder.CodingKeys, texts: [String])] {
        var found: [SourceOrder.CodingKeys: [String]] = [:]
        func note(_ name: SourceOrder.CodingKeys, _ text: String?) { found[name] = text.map { [$0] } }
        func note(_ credentials: Credentials) {
            if case .accessKey(let id) = credentials { note(.accessKeyID, id) }
        }
        switch self {
        case .firehose, .http, .eventbridge: break
        case .sns(let sns): found[.topicARNs] = sns.topicARNs
        case .firehoseAPI(let settings): note(.accessKeyID, settings.accessKeyID)
        case .s3(let s3):
            note(.bucket, s3.bucket)
            note(.prefix, s3.prefix)
            note(.region, s3.region)
            note(.queueURL, s3.queueURL)
            note(s3.credentials)
        case .sqs(let sqs):
            note(.region, sqs.region)
            note(.queueURL, sqs.queueURL)
            note(sqs.credentials)
        }
        let names: [SourceOrder.CodingKeys] = [
            .topicARNs, .bucket, .prefix, .region, .queueURL, .accessKeyID,
        ]
        return names.map { ($0, found[$0] ?? []) }
    }
}

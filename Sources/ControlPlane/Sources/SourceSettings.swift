import Foundation
import Primitives

/// What a source is told beside its name, for each kind. Holds no secret.
public enum SourceSettings: Hashable, Sendable {
    case sns(SNS)
    case firehose
    case firehoseAPI(FirehoseAPI)
    case eventbridge(EventBridge)
    case http
    case s3(S3)
    case sqs(SQS)

    /// Which SNS messages are believed.
    public struct SNS: Codable, Hashable, Sendable {
        /// The topics that may deliver; messages of others are refused.
        public var topicARNs: [String]
        /// 2 (RSA with SHA-256), and 1 (SHA-1), the default of topics, if it must be.
        public var signatureVersions: [Int]
        /// Whether messages may come raw, that is without a signature; then the source has a secret, sent as a password.
        public var allowsRawDelivery: Bool

        /// Only signatures of version 2, no raw delivery.
        public init(topicARNs: [String], signatureVersions: [Int] = [2], allowsRawDelivery: Bool = false) {
            self.topicARNs = topicARNs
            self.signatureVersions = signatureVersions
            self.allowsRawDelivery = allowsRawDelivery
        }
    }

    /// The key with which a program signs.
    public struct FirehoseAPI: Codable, Hashable, Sendable {
        /// The public half, which names the source in a request.
        public var accessKeyID: String

        /// A new random access key id.
        public init() {
            var random = SystemRandomNumberGenerator()
            let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
            accessKeyID =
                "SESM" + String((0..<16).map { _ in alphabet[Int.random(in: 0..<32, using: &random)] })
        }
    }

    /// How EventBridge's connection authenticates.
    public struct EventBridge: Codable, Hashable, Sendable {
        /// The two ways whose secret does not expire.
        public enum Authentication: String, Codable, Sendable, CaseIterable {
            /// The secret as the header `X-Api-Key`.
            case apiKey = "api-key"
            /// The source's name as user, the secret as password.
            case basic
        }
        /// The way in use.
        public var authentication: Authentication

        /// By API key unless told otherwise.
        public init(authentication: Authentication = .apiKey) { self.authentication = authentication }
    }

    /// How Sesame signs when it fetches from AWS.
    public enum Credentials: Codable, Hashable, Sendable {
        /// As the AWS tools do: environment, profile, role of the machine.
        case ambient
        /// By an access key whose secret is kept in ``SecretFiles``.
        case accessKey(id: String)
    }

    /// Where objects lie.
    public struct S3: Codable, Hashable, Sendable {
        /// The bucket's name.
        public var bucket: String
        /// The beginning of the keys that are read; may be empty.
        public var prefix: String
        /// Such as `eu-west-1`.
        public var region: String
        /// A queue that the bucket tells of new objects; nil lists the prefix now and then.
        public var queueURL: String?
        /// Another server that speaks S3; nil is AWS.
        public var endpoint: String?
        /// How requests are signed.
        public var credentials: Credentials
        /// Seconds between two listings; nil is the default, ``usualInterval``.
        public var interval: Int?

        /// A prefix of a bucket on AWS unless an endpoint is given.
        public init(
            bucket: String, prefix: String = "", region: String, queueURL: String? = nil,
            endpoint: String? = nil, credentials: Credentials = .ambient, interval: Int? = nil
        ) {
            (self.bucket, self.prefix, self.region) = (bucket, prefix, region)
            (self.queueURL, self.endpoint, self.credentials) = (queueURL, endpoint, credentials)
            self.interval = interval
        }

        /// Seconds between two listings unless told otherwise: a minute, or an hour where a queue tells of objects and
        /// the listing only finds what it missed.
        public var usualInterval: Int { queueURL == nil ? 60 : 3_600 }
    }

    /// Where messages wait.
    public struct SQS: Codable, Hashable, Sendable {
        /// Such as `https://sqs.eu-west-1.amazonaws.com/123456789012/ses-events`.
        public var queueURL: String
        /// Such as `eu-west-1`.
        public var region: String
        /// How requests are signed.
        public var credentials: Credentials

        /// A queue.
        public init(queueURL: String, region: String, credentials: Credentials = .ambient) {
            (self.queueURL, self.region, self.credentials) = (queueURL, region, credentials)
        }
    }

    /// The kind to which the settings belong.
    public var kind: SourceKind {
        switch self {
        case .sns: .sns
        case .firehose: .firehose
        case .firehoseAPI: .firehoseAPI
        case .eventbridge: .eventbridge
        case .http: .http
        case .s3: .s3
        case .sqs: .sqs
        }
    }
}

extension SourceSettings {
    /// What must be kept secret for a source with these settings.
    enum SecretNeed { case none, recognised, signing, given }

    var secretNeed: SecretNeed {
        switch self {
        case .sns(let sns): sns.allowsRawDelivery ? .recognised : .none
        case .firehose, .eventbridge, .http: .recognised
        case .firehoseAPI: .signing
        case .s3(let s3): s3.credentials == .ambient ? .none : .given
        case .sqs(let sqs): sqs.credentials == .ambient ? .none : .given
        }
    }

    /// Whether Sesame makes the secret of a source with these settings, and can make another.
    public var hasMadeSecret: Bool { secretNeed == .recognised || secretNeed == .signing }

    /// The settings as they are kept: the JSON of the kind's own type, `{}` where it has none.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data =
            switch self {
            case .firehose, .http: Data("{}".utf8)
            case .sns(let settings): try encoder.encode(settings)
            case .firehoseAPI(let settings): try encoder.encode(settings)
            case .eventbridge(let settings): try encoder.encode(settings)
            case .s3(let settings): try encoder.encode(settings)
            case .sqs(let settings): try encoder.encode(settings)
            }
        return String(decoding: data, as: UTF8.self)
    }

    init(kind: SourceKind, json: String) throws {
        let (decoder, data) = (JSONDecoder(), Data(json.utf8))
        self =
            switch kind {
            case .firehose: .firehose
            case .http: .http
            case .sns: .sns(try decoder.decode(SNS.self, from: data))
            case .firehoseAPI: .firehoseAPI(try decoder.decode(FirehoseAPI.self, from: data))
            case .eventbridge: .eventbridge(try decoder.decode(EventBridge.self, from: data))
            case .s3: .s3(try decoder.decode(S3.self, from: data))
            case .sqs: .sqs(try decoder.decode(SQS.self, from: data))
            }
    }
}

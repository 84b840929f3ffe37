/// The settings of `sesame serve`, by the names that they have everywhere.
///
/// `max-connections` is the flag `--max-connections`, the variable `SESAME_MAX_CONNECTIONS`, and the key of that name in
/// `sesame.conf`. None holds a secret: a key of TLS is named by its file.
public enum ServerSetting: String, CaseIterable, Sendable {
    /// The address to listen on.
    case host
    /// The port; 0 takes a free one.
    case port
    /// The file of the certificate chain, PEM.
    case tlsCertificate = "tls-certificate"
    /// The file of its private key, PEM.
    case tlsKey = "tls-key"
    /// Whether to listen beyond loopback without TLS.
    case insecureHTTP = "insecure-http"
    /// Proxies whose `X-Forwarded-…` headers are believed.
    case trustedProxies = "trusted-proxies"
    /// The largest body of a request that brings events.
    case maximumIngestBody = "max-ingest-body"
    /// The largest file that becomes rows of a dataset.
    case maximumDatasetBody = "max-dataset-body"
    /// The largest body of any other request.
    case maximumAPIBody = "max-api-body"
    /// Bytes of bodies held in memory at once.
    case maximumBodyMemory = "max-body-memory"
    /// Connections open at once.
    case maximumConnections = "max-connections"
    /// How long a connection may be silent.
    case idleTimeout = "idle-timeout"
    /// How long a body may take to come.
    case bodyTimeout = "body-timeout"
    /// How long a stop may take.
    case stopTimeout = "stop-timeout"
    /// The file of the root certificates that SNS's certificates must come from, PEM.
    case snsRoots = "sns-roots"
    /// Another server that stands for SNS's hosts.
    case snsEndpoint = "sns-endpoint"
    /// Another folder that the page's files come from, while somebody works on them.
    case assets
    /// What is logged.
    case logLevel = "log-level"
    /// How it is logged.
    case logFormat = "log-format"

    /// The name of its environment variable.
    public var variable: String {
        "SESAME_" + rawValue.uppercased().split(separator: "-").joined(separator: "_")
    }

    /// What holds where nothing is said.
    public var initial: String {
        switch self {
        case .host: "127.0.0.1"
        case .port: "8025"
        case .tlsCertificate, .tlsKey, .trustedProxies, .snsRoots, .snsEndpoint, .assets: ""
        case .insecureHTTP: "no"
        // A Firehose delivery is at most 64 MiB; the rest is for what stands around the records.
        case .maximumIngestBody: "65MiB"
        case .maximumAPIBody: "4MiB"
        case .maximumDatasetBody: "1GiB"
        case .maximumBodyMemory: "256MiB"
        case .maximumConnections: "1000"
        case .idleTimeout, .bodyTimeout: "60s"
        case .stopTimeout: "30s"
        case .logLevel: "info"
        case .logFormat: "text"
        }
    }
}

/// Where a value comes from.
public enum SettingOrigin: Hashable, Sendable, CustomStringConvertible {
    /// A flag of the command line.
    case flag(String)
    /// A variable of the environment.
    case environment(String)
    /// A line of the configuration file.
    case file(String, line: Int)
    /// Nobody said anything.
    case initial

    /// The place, as a person looks for it.
    public var description: String {
        switch self {
        case .flag(let name): "--\(name)"
        case .environment(let name): "$\(name)"
        case .file(let path, let line): "\(path):\(line)"
        case .initial: "default"
        }
    }
}

/// A value as it was written, and where.
public struct ChosenSetting: Hashable, Sendable {
    /// The text.
    public var text: String
    /// Its place.
    public var origin: SettingOrigin

    /// A text from a place.
    public init(_ text: String, _ origin: SettingOrigin) {
        self.text = text
        self.origin = origin
    }
}

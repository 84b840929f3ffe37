import Logging
import Primitives

/// How the server listens, whom it believes, and what it lets a stranger use.
public struct ServerConfiguration: Sendable {
    /// How log lines look.
    public enum LogFormat: String, CaseIterable, Sendable {
        /// For people.
        case text
        /// An object a line.
        case json
    }

    /// The address to listen on.
    public var host = "127.0.0.1"
    /// The port; 0 takes a free one.
    public var port = 8025
    /// The PEM file of the certificate chain; nil is plain HTTP.
    public var tlsCertificate: String?
    /// The PEM file of its private key.
    public var tlsKey: String?
    /// Whether plain HTTP beyond loopback is wanted.
    public var insecureHTTP = false
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    public var trustedProxies: [AddressBlock] = []
    /// The most bytes of a body that brings events, compressed or not.
    public var maximumIngestBody = 65 << 20
    /// The most bytes of another body.
    public var maximumAPIBody = 4 << 20
    /// The most bytes of a file that becomes rows of a dataset; it goes to the disk.
    public var maximumDatasetBody = 1 << 30
    /// The most bytes of bodies in memory at once.
    public var maximumBodyMemory = 256 << 20
    /// The most connections at once; more wait in the kernel's queue.
    public var maximumConnections = 1_000
    /// Seconds after which a connection is closed on which no request stands, no head becomes whole, no byte of a body comes, or
    /// no answer is read.
    public var idleTimeout = 60
    /// Seconds within which a body must have come.
    public var bodyTimeout = 60
    /// Seconds that a stop may take.
    public var stopTimeout = 30
    /// The PEM file of the roots that SNS's certificates must come from; nil believes what SNS's hosts give over TLS.
    public var snsRoots: String?
    /// Another server that stands for SNS's hosts, as in a test; nil asks SNS itself.
    public var snsEndpoint: String?
    /// The folder that the page's files come from, read anew for each request; nil takes those that came with the program.
    public var assets: String?
    /// What is logged.
    public var logLevel = Logger.Level.info
    /// How it is logged.
    public var logFormat = LogFormat.text
    /// Each setting as it was written, and where.
    public private(set) var chosen: [ServerSetting: ChosenSetting] = [:]

    /// The defaults.
    public init() {}

    /// Whether connections are encrypted.
    public var usesTLS: Bool { tlsCertificate != nil }

    /// The settings from their sources: a flag goes before the environment, that before the file, that before the default.
    ///
    /// - Parameters:
    ///   - flags: values given on the command line.
    ///   - environment: the process's variables; an empty one counts as not set.
    ///   - file: the path of the configuration file, which need not be there.
    /// - Throws: ``Failure`` of kind usage that names the value's origin.
    public init(flags: [ServerSetting: String], environment: [String: String], file: String) throws(Failure) {
        let file = try ConfigurationFile(path: file)
        for setting in ServerSetting.allCases {
            chosen[setting] =
                flags[setting].map { ChosenSetting($0, .flag(setting.rawValue)) }
                ?? environment[setting.variable].flatMap {
                    $0.isEmpty ? nil : ChosenSetting($0, .environment(setting.variable))
                }
                ?? file.settings[setting] ?? ChosenSetting(setting.initial, .initial)
        }
        try apply()
    }

    private mutating func apply() throws(Failure) {
        for setting in ServerSetting.allCases {
            guard let value = chosen[setting] else { continue }
            do { try apply(setting, value.text) } catch {
                throw Failure(.usage, "\(value.origin): \(setting.rawValue) \(error.message)")
            }
        }
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw Failure(.usage, "TLS needs both tls-certificate and tls-key; one of them is missing")
        }
    }

    private mutating func apply(_ setting: ServerSetting, _ text: String) throws(Failure) {
        switch setting {
        case .host: host = try SettingText.host(text)
        case .port: port = try SettingText.number(text, in: 0...65_535)
        case .tlsCertificate: tlsCertificate = text.isEmpty ? nil : text
        case .tlsKey: tlsKey = text.isEmpty ? nil : text
        case .insecureHTTP: insecureHTTP = try SettingText.flag(text)
        case .trustedProxies: trustedProxies = try SettingText.blocks(text)
        case .maximumIngestBody: maximumIngestBody = try SettingText.bytes(text, in: 1 << 10...100 << 20)
        case .maximumAPIBody: maximumAPIBody = try SettingText.bytes(text, in: 1 << 10...100 << 20)
        case .maximumDatasetBody: maximumDatasetBody = try SettingText.bytes(text, in: 1 << 10...1 << 40)
        case .maximumBodyMemory: maximumBodyMemory = try SettingText.bytes(text, in: 1 << 20...1 << 40)
        case .maximumConnections: maximumConnections = try SettingText.number(text, in: 1...1_000_000)
        case .idleTimeout: idleTimeout = try SettingText.seconds(text, in: 1...3_600)
        case .bodyTimeout: bodyTimeout = try SettingText.seconds(text, in: 1...3_600)
        case .stopTimeout: stopTimeout = try SettingText.seconds(text, in: 1...3_600)
        case .snsRoots: snsRoots = text.isEmpty ? nil : text
        case .snsEndpoint: snsEndpoint = text.isEmpty ? nil : text
        case .assets: assets = text.isEmpty ? nil : text
        case .logLevel: logLevel = try SettingText.choice(text, of: Logger.Level.allCases)
        case .logFormat: logFormat = try SettingText.choice(text, of: LogFormat.allCases)
        }
    }

    /// Stops plain HTTP where strangers could listen to it.
    ///
    /// - Throws: ``Failure`` of kind refused.
    public func checkExposure() throws(Failure) {
        guard !usesTLS, !insecureHTTP, !AddressBlock.isLoopback(host) else { return }
        throw Failure(
            .refused,
            "\(host) is reachable by others, and without TLS they could read tokens and events on the way; give "
                + "--tls-certificate and --tls-key, listen on 127.0.0.1 behind a proxy that has TLS, or insist with "
                + "--insecure-http")
    }
}

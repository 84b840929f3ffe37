import ArgumentParser
import Foundation
import Lake
import Server

/// The settings of the server as flags; each may also stand in the environment or in `sesame.conf`.
struct ServerOptions: ParsableArguments {
    @Option(help: "The address to listen on (default: 127.0.0.1).") var host: String?
    @Option(help: "The port; 0 takes a free one (default: 8025).") var port: String?
    @Option(help: ArgumentHelp("The file of the certificate chain, PEM.", valueName: "file"))
    var tlsCertificate: String?
    @Option(help: ArgumentHelp("The file of its private key, PEM.", valueName: "file")) var tlsKey: String?
    @Flag(help: "Listen beyond this machine without TLS.") var insecureHTTP = false
    @Option(
        help: ArgumentHelp(
            "Proxies whose X-Forwarded-For is believed, as in 10.0.0.0/8,192.0.2.7.", valueName: "blocks"))
    var trustedProxies: String?
    @Option(help: ArgumentHelp("The largest body with events (default: 65MiB).", valueName: "bytes"))
    var maxIngestBody: String?
    @Option(
        help: ArgumentHelp("The largest file that becomes a dataset (default: 1GiB).", valueName: "bytes"))
    var maxDatasetBody: String?
    @Option(help: ArgumentHelp("The largest other body (default: 4MiB).", valueName: "bytes"))
    var maxAPIBody: String?
    @Option(help: ArgumentHelp("Bytes of bodies in memory at once (default: 256MiB).", valueName: "bytes"))
    var maxBodyMemory: String?
    @Option(help: ArgumentHelp("Connections at once (default: 1000).", valueName: "count"))
    var maxConnections: String?
    @Option(help: ArgumentHelp("How long a connection may be silent (default: 60s).", valueName: "seconds"))
    var idleTimeout: String?
    @Option(help: ArgumentHelp("How long a body may take to come (default: 60s).", valueName: "seconds"))
    var bodyTimeout: String?
    @Option(help: ArgumentHelp("How long a stop may take (default: 30s).", valueName: "seconds"))
    var stopTimeout: String?
    @Option(
        help: ArgumentHelp(
            "A folder that the page's files come from, while you work on them.", valueName: "folder"))
    var assets: String?
    @Option(
        help: ArgumentHelp(
            "The file of the roots that SNS's certificates must come from, PEM (default: whatever SNS's hosts give).",
            valueName: "file"))
    var snsRoots: String?
    @Option(help: ArgumentHelp("Another server that stands for SNS's hosts, for tests.", valueName: "url"))
    var snsEndpoint: String?
    @Option(
        help: ArgumentHelp(
            "trace, debug, info, notice, warning, error or critical (default: info).", valueName: "level"))
    var logLevel: String?
    @Option(help: ArgumentHelp("text or json (default: text).", valueName: "format")) var logFormat: String?

    /// What was given.
    var flags: [ServerSetting: String] {
        let given: [ServerSetting: String?] = [
            .host: host, .port: port, .tlsCertificate: tlsCertificate, .tlsKey: tlsKey,
            .insecureHTTP: insecureHTTP ? "yes" : nil, .trustedProxies: trustedProxies,
            .maximumIngestBody: maxIngestBody, .maximumAPIBody: maxAPIBody,
            .maximumDatasetBody: maxDatasetBody, .maximumBodyMemory: maxBodyMemory,
            .maximumConnections: maxConnections,
            .idleTimeout: idleTimeout, .bodyTimeout: bodyTimeout, .stopTimeout: stopTimeout, .assets: assets,
            .snsRoots: snsRoots, .snsEndpoint: snsEndpoint,
            .logLevel: logLevel, .logFormat: logFormat,
        ]
        return given.compactMapValues { $0 }
    }

    /// The settings of a home: flag before environment before `<home>/sesame.conf` before default.
    func configuration(of home: HomeOptions) throws -> ServerConfiguration {
        try ServerConfiguration(
            flags: flags, environment: ProcessInfo.processInfo.environment,
            file: home.directory.url.appending(path: "sesame.conf").path)
    }
}

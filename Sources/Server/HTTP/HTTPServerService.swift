import ControlPlane
import Dashboard
import EventLog
import Ingest
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Lake
import Logging
import NIOCore
import Primitives
import Query
import ServiceLifecycle

/// The HTTP server: a service that runs until it is told to shut down, and then answers what it has begun to read.
public struct HTTPServerService: Service {
    /// What the server needs from the rest of Sesame.
    struct Parts: Sendable {
        var control: ControlDatabase
        var sink: any RecordSink
        var receivers: [String: any Receiver] = [:]
        var receiverRegistry: ReceiverRegistry?
        var workspace = Workspace.defaultName
        var logStatistics: @Sendable () -> LogStatistics? = { nil }
        var drainLag: @Sendable () async -> DrainLag? = { nil }
        var unreadiness: @Sendable () async -> [String] = { [] }
        var refused: RefusedReplay?
        var sources: @Sendable () async -> [SourceWatch.State] = { [] }
        var directory: (any SourceDirectory)?
        var erasures: ErasureJournal?
        var retention: RetentionJournal?
        var queries: QueryServices?
        var datasets: (keeper: DatasetKeeper, lake: EventLake)?
        var gate = FailureGate()
        var registry = MetricRegistry()
    }

    private let configuration: ServerConfiguration
    private let server: HTTPServerBuilder
    private let handler: RequestHandler
    private let receivers: ReceiverRegistry?
    private let logger: Logger
    private let onListening: @Sendable (String) -> Void

    /// A server of a workspace's log.
    ///
    /// - Parameters:
    ///   - lake: where streams with declared columns have their tables.
    ///   - datasets: what changes the user's own tables in the lake; nil where nothing does.
    ///   - erasures: where erasures are asked for; whoever has the lake carries them out.
    ///   - retention: where it stands what was deleted for its age.
    ///   - drainLag: how far the lake is behind the log, for `/metrics`; nil where nothing is known.
    ///   - queries: what answers questions; nil where there is no lake. It is shut down by whoever made it.
    ///   - refused: the refused records of the workspace's lake; nil where there is no lake.
    ///   - onListening: called once with the server's URL when it takes connections.
    /// - Throws: ``Failure`` of kind refused for plain HTTP beyond loopback that was not asked for, and usage where TLS cannot be
    ///   set up from its files.
    public init(
        configuration: ServerConfiguration, log: EventLog, control: ControlDatabase,
        workspace: String = Workspace.defaultName, lake: EventLake? = nil,
        datasets: DatasetKeeper? = nil, erasures: ErasureJournal? = nil, retention: RetentionJournal? = nil,
        drainLag: @escaping @Sendable () async -> DrainLag? = { nil }, refused: RefusedReplay? = nil,
        queries: QueryServices? = nil,
        logger: Logger,
        onListening: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        let probe = DiskProbe(folder: log.folder)
        // What can fail comes before the registry, which has connections to let go of.
        let server = try configuration.makeServer()
        let registry = try ReceiverRegistry(
            sink: log, workspace: workspace, control: control, configuration: configuration,
            lake: lake, logger: logger)
        var parts = Parts(
            control: control, sink: log, receivers: registry.receivers, receiverRegistry: registry,
            workspace: workspace, logStatistics: { log.statistics }, drainLag: drainLag,
            unreadiness: { await probe.reasons() }, refused: refused, erasures: erasures,
            retention: retention, queries: queries)
        parts.directory = registry.directory
        if let datasets, let lake { parts.datasets = (datasets, lake) }
        if let refused {
            let watch = SourceWatch(
                lake: refused.lake, control: control, workspace: workspace,
                onWarning: { logger.warning("\($0)") })
            parts.sources = { await watch.states() }
        }
        self.init(
            configuration: configuration, server: server, parts: parts, logger: logger,
            onListening: onListening)
    }

    init(
        configuration: ServerConfiguration, parts: Parts, logger: Logger,
        onListening: @escaping @Sendable (String) -> Void
    ) throws {
        self.init(
            configuration: configuration, server: try configuration.makeServer(), parts: parts,
            logger: logger,
            onListening: onListening)
    }

    private init(
        configuration: ServerConfiguration, server: HTTPServerBuilder, parts: Parts, logger: Logger,
        onListening: @escaping @Sendable (String) -> Void
    ) {
        (self.configuration, self.logger, self.onListening) = (configuration, logger, onListening)
        receivers = parts.receiverRegistry
        self.server = server
        let budget = ByteBudget(limit: configuration.maximumBodyMemory)
        let inFlight = ServerMetrics.InFlight()
        let access = Access(control: parts.control, gate: parts.gate, workspace: parts.workspace)
        let metrics = MetricsRoute(
            registry: parts.registry, access: access, budget: budget, inFlight: inFlight,
            log: parts.logStatistics, drainLag: parts.drainLag, sources: parts.sources)
        handler = RequestHandler(
            routes: RouteTable(Self.routes(configuration, parts, access, metrics)),
            configuration: configuration, budget: budget, registry: parts.registry, inFlight: inFlight,
            logger: logger)
    }

    static func routes(
        _ configuration: ServerConfiguration, _ parts: Parts, _ access: Access, _ metrics: MetricsRoute
    ) -> [Route] {
        let sources = parts.sources
        let health = HealthRoute(reasons: parts.unreadiness, concerns: { await sources().reasons })
        let events = EventsRoute(access: access, sink: parts.sink, directory: parts.directory)
        let receiver = ReceiverRoute(receivers: parts.receivers)
        let (ingest, api) = (configuration.maximumIngestBody, configuration.maximumAPIBody)
        let refused = RefusedRoutes(access: access, replay: parts.refused)
        let erasures =
            parts.erasures.map { ErasureRoute(access: access, journal: $0).routes(bodyLimit: api) } ?? []
        let retention =
            parts.retention.map { RetentionRoute(access: access, journal: $0).routes(bodyLimit: api) } ?? []
        let queries =
            parts.queries.map { QueryRoutes(access: access, services: $0).routes(bodyLimit: api) } ?? []
        let statements =
            parts.queries.map {
                StatementRoutes(access: access, book: $0.statements, filesFolder: $0.filesFolder).routes(
                    bodyLimit: api)
            }
            ?? []
        let lookups =
            parts.queries.map {
                LookupRoutes(access: access, lookups: $0.lookups).routes
                    + SearchRoutes(access: access, services: $0).routes(bodyLimit: api)
                    + CatalogRoute(access: access, lookups: $0.lookups).routes
            } ?? []
        let datasets =
            parts.datasets.map {
                DatasetRoutes(access: access, keeper: $0.keeper, lake: $0.lake).routes(
                    bodyLimit: configuration.maximumDatasetBody)
            } ?? []
        let live = parts.queries.map { LiveRoute(access: access, services: $0).routes } ?? []
        let overview = SourceOverview(
            access: access, states: parts.sources, lake: parts.refused?.lake)
        let pages =
            PageRoutes(access: access).routes + SignInRoutes(access: access).routes
            + AssetRoutes(
                folder: configuration.assets ?? Assets.folder, isChanging: configuration.assets != nil
            ).routes
        let upkeep =
            SourcesRoute(access: access, overview: overview, drainLag: parts.drainLag).routes
            + SourceUpkeepRoutes(access: access, sink: parts.sink, directory: parts.directory).routes(
                bodyLimit: api)
            + TokenRoutes(access: access).routes(bodyLimit: api)
            + UserRoutes(access: access).routes(bodyLimit: api)
            + AccountRoutes(access: access).routes(bodyLimit: api)
            + AuditRoute(access: access).routes + ShareRoutes(access: access).routes(bodyLimit: api)
            + SavedRoutes(access: access).routes(bodyLimit: api)
        return refused.routes(bodyLimit: api) + erasures + retention + queries + statements + lookups + live
            + datasets
            + upkeep + pages + [
                Route(.get, "/api/v1/openapi.json") { _ in OpenAPIDocument.answer },
                Route(.get, "/health", handler: health.ready),
                Route(.get, "/health/live", handler: health.live),
                Route(.get, "/health/ready", handler: health.ready),
                Route(.get, "/metrics") { try await metrics($0) },
                Route(.post, "/v1/events", bodyLimit: ingest) { try await events($0) },
                Route(.post, "/ingest/http/{name}", bodyLimit: ingest) { try await events($0) },
                Route(.post, "/ingest/{kind}/{name}", bodyLimit: ingest, handler: receiver.byPath),
                Route(.get, "/ingest/{kind}/{name}", bodyLimit: api, handler: receiver.byPath),
                Route(.post, "/", bodyLimit: ingest, handler: receiver.byTarget),
            ]
    }

    /// Serves until the service group shuts it down.
    ///
    /// - Throws: ``Failure`` of kind storage where the address cannot be listened on.
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { background in
            if let receivers { background.addTask { try await receivers.run() } }
            let result = await Result { try await serve() }
            background.cancelAll()
            try await background.waitForAll()
            try await receivers?.close()
            try result.get()
        }
    }

    private func serve() async throws {
        // Hummingbird says at `info` what is said here already.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let (host, configuration, onListening) = (configuration.host, configuration, onListening)
        let application = Application(
            responder: handler, server: server,
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: configuration.port), backlog: 1_024,
                availableConnectionsDelegate: MaximumAvailableConnections(
                    configuration.maximumConnections, logger: quiet)),
            onServerRunning: { channel in
                onListening(configuration.url(port: channel.localAddress?.port ?? configuration.port))
            }, logger: quiet)
        do { try await application.run() } catch let error as IOError {
            throw Failure(.storage, "cannot listen on \(host) port \(configuration.port): \(error)")
        } catch let error as SocketAddressError {
            throw Failure(.usage, "cannot listen on \(host): it is no address of this machine (\(error))")
        }
    }
}

extension ServerConfiguration {
    /// The URL under which the server is reached from where it runs.
    func url(port: Int) -> String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(usesTLS ? "https" : "http")://\(name):\(port)"
    }

    /// HTTP/1.1, over TLS where it is configured.
    ///
    /// - Throws: ``Failure`` as ``checkExposure()`` does, and of kind usage where TLS cannot be set up from its files.
    func makeServer() throws(Failure) -> HTTPServerBuilder {
        try checkExposure()
        let http = HTTPServerBuilder.http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [
                    ConnectionManners(unreadTimeout: .seconds(Int64(idleTimeout)))
                ],
                idleTimeout: .seconds(Int64(idleTimeout)),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 64 << 10, maxHeaderFieldCount: 200)))
        guard let tlsCertificate, let tlsKey else { return http }
        do {
            var tls = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(tlsCertificate)
                    .map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: tlsKey, format: .pem)))
            tls.minimumTLSVersion = .tlsv12
            tls.applicationProtocols = ["http/1.1"]
            return try .tls(http, tlsConfiguration: tls)
        } catch {
            throw Failure(
                .usage,
                "cannot use the certificate \(tlsCertificate) with the key \(tlsKey): both must be readable PEM files "
                    + "that belong together (\(error))")
        }
    }
}

extension Result where Failure == any Error {
    /// What `body` returns or throws.
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

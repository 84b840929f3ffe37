import ArgumentParser
import ControlPlane
import EventLog
import Foundation
import Lake
import Logging
import Pollers
import Primitives
import Query
import Server
import ServiceLifecycle
import UnixSignals

/// `sesame serve`: takes events in over HTTP, and fetches them from S3 and SQS, until it is told to stop.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Take in events, over HTTP and from S3 and SQS, until SIGTERM or Ctrl-C.",
        discussion: """
            Settings also come from variables such as SESAME_PORT and from sesame.conf in the home folder; `sesame config` \
            shows them. On SIGTERM, requests that have begun are answered first, and what was acknowledged is taken into the \
            lake; what is not in it after --stop-timeout is at the next start.
            """)

    @OptionGroup var options: HomeOptions
    @OptionGroup(title: "Settings") var server: ServerOptions

    func run() async throws {
        let configuration = try server.configuration(of: options)
        try configuration.checkExposure()
        let (logger, flush) = configuration.makeLogger()
        defer { flush() }
        OpenFiles.allowMany()
        let control = try await options.makeControl()
        let live = try await LiveLake.open(options.directory, control: control) { logger.warning("\($0)") }
        let (log, home) = (live.log, options.directory.url)
        Self.report(log.recovery, to: logger)
        let setup = try await control.needsSetup() ? try await control.makeSetupLink().secret.text : nil
        let catalog = LakeCatalog(try await live.tables.peer())
        let queries = try QueryServices(
            lakeFolder: options.directory.lake.path, resultsFolder: options.directory.results.path,
            onWarning: { logger.warning("\($0)") }, snapshot: catalog.snapshot)
        live.afterErasures { await queries.dropResults() }
        let http = try HTTPServerService(
            configuration: configuration, log: log, control: control, lake: live.tables,
            datasets: live.datasets, erasures: ErasureJournal(options.directory),
            retention: RetentionJournal(options.directory),
            drainLag: { await live.lag },
            refused: live.refused, queries: queries, logger: logger,
            onListening: { url in
                LocalServer.announce(url, in: home)
                Self.announce(url, setup: setup)
            })
        let pollers = PollerService(
            control: control, sink: FetchSink(log),
            spoolFolder: options.directory.log.deletingLastPathComponent().appending(path: "spool").path,
            logger: logger)
        defer { LocalServer.withdraw(home) }
        do {
            try await serve([live, pollers, http], within: configuration.stopTimeout, logger)
        } catch {
            await queries.shutDown()
            await log.close()
            throw error
        }
        await queries.shutDown()
        let left = await live.lag.records
        if left > 0 {
            logger.warning(
                "the \(configuration.stopTimeout) s for stopping are over; \(left) records stay in the event log and are taken into the lake at the next start"
            )
        }
        await log.close()
        try control.close()
    }

    /// Runs the services; they stop in the opposite order, each when the one after it has ended.
    ///
    /// The order is the way of an event backwards: what drains the log stands before what fills it, so that it stops last.
    private func serve(_ services: [any Service], within stopTimeout: Int, _ logger: Logger) async throws {
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(stopTimeout)
        try await ServiceGroup(configuration: configuration).run()
    }

    private static func report(_ recovery: LogRecovery, to logger: Logger) {
        if let cut = recovery.cut {
            logger.warning(
                "bytes that were never acknowledged were cut off the event log",
                metadata: ["segment": "\(cut.segment)", "bytes": "\(cut.bytes)", "reason": "\(cut.reason)"])
        }
        if let damage = recovery.damage { logger.error("\(damage)") }
    }

    /// Says where it listens, and what to do first.
    ///
    /// - Parameter setup: the token with which the first owner is made; nil where there is one.
    private static func announce(_ url: String, setup: String?) {
        var text = "listening on \(url)\n"
        if let setup {
            text +=
                """
                nobody owns this Sesame yet; make the first owner within 24 hours at: \(url)/setup?token=\(setup)
                or on this machine with: sesame user add NAME@EXAMPLE.COM --role owner

                """
        }
        FileHandle.standardOutput.write(Data(text.utf8))
    }
}

/// The process's limit on open files.
enum OpenFiles {
    /// Raises the limit as far as the system lets it: each connection is an open file, and 1,024 are soon used up.
    static func allowMany() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

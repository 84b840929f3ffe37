import AWSClients
import ControlPlane
import Foundation
import Logging
import Primitives
import ServiceLifecycle

/// Fetches from every source of kind s3 and sqs that is not paused.
///
/// Sources that are added, changed, paused or removed are known within two seconds. What goes wrong with one is noted on it, in
/// words, and stops nobody else.
public struct PollerService: Service {
    private let control: ControlDatabase
    private let workspace: String
    private let sink: FetchSink
    private let spoolFolder: String
    private let logger: Logger

    /// How often the sources are read.
    private static let interval = Duration.seconds(2)

    /// Pollers of the sources of a workspace.
    ///
    /// - Parameter spoolFolder: a folder for objects while they are read.
    public init(
        control: ControlDatabase, workspace: String = Workspace.defaultName, sink: FetchSink,
        spoolFolder: String, logger: Logger
    ) {
        (self.control, self.workspace, self.sink) = (control, workspace, sink)
        (self.spoolFolder, self.logger) = (spoolFolder, logger)
    }

    /// Fetches until the service group shuts it down; then what is being appended is still appended, and counters written.
    public func run() async throws {
        let transport = AWSTransport()
        let book = ActivityBook(control)
        await cancelWhenGracefulShutdown { await supervise(transport, book) }
        await transport.close()
        await book.flush()
    }

    private func supervise(_ transport: AWSTransport, _ book: ActivityBook) async {
        var running: [Int64: (spec: PollerSpec, task: Task<Void, Never>)] = [:]
        while !Task.isCancelled {
            if let specs = try? await PollerSpec.all(in: control) {
                let wanted = Dictionary(
                    specs.map { ($0.source.id, $0) }, uniquingKeysWith: { first, _ in first })
                for (id, poller) in running where wanted[id].map({ !$0.isSame(as: poller.spec) }) ?? true {
                    poller.task.cancel()
                    await poller.task.value
                    running[id] = nil
                }
                for (id, spec) in wanted where running[id] == nil && spec.source.workspace == workspace {
                    // Unstructured: a poller ends alone when its source goes. All are cancelled and waited for below.
                    running[id] = (spec, Task { await run(spec, transport, book) })
                }
            }
            await book.flush()
            try? await Task.sleep(for: Self.interval)
        }
        for poller in running.values { poller.task.cancel() }
        for poller in running.values { await poller.task.value }
    }

    private func run(_ spec: PollerSpec, _ transport: AWSTransport, _ book: ActivityBook) async {
        let source = spec.source
        let context = FetchContext(
            source: source, control: control, sink: sink, book: book, spoolFolder: spoolFolder,
            onError: { [logger] in logger.warning("\($0)", metadata: ["source": "\(source.name)"]) })
        do {
            let access = try AWSAccess(spec, transport: transport)
            switch source.settings {
            case .s3(let settings): try await poll(settings, access, context)
            case .sqs(let settings):
                let queue = try access.queue(settings.queueURL, region: settings.region)
                await QueuePoller(
                    context: context, client: queue, region: settings.region, access: access
                ).run()
            default: break
            }
        } catch { await context.note(error) }
    }

    private func poll(
        _ settings: SourceSettings.S3, _ access: AWSAccess, _ context: FetchContext
    ) async throws(Failure) {
        let bucket = try access.bucket(settings.bucket, region: settings.region, endpoint: settings.endpoint)
        let queue: SQSClient? =
            if let url = settings.queueURL { try access.queue(url, region: settings.region) } else { nil }
        let prefixes = PrefixPoller(
            context: context, client: bucket, prefix: settings.prefix,
            interval: .seconds(settings.interval ?? settings.usualInterval))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await prefixes.run() }
            if let queue {
                group.addTask {
                    await QueuePoller(
                        context: context, client: queue, region: settings.region, access: access,
                        only: .init(client: bucket, prefix: settings.prefix)
                    ).run()
                }
            }
        }
    }
}

import ControlPlane
import Primitives
import ServiceLifecycle

/// The sources of `sesame.db`, read anew when what is known is too old, so that a request costs no read.
///
/// All are read at once: how often depends on time, never on the names that strangers try. Counters are kept here and
/// written every few seconds.
actor CachedSourceDirectory: SourceDirectory {
    private let database: ControlDatabase
    private let uptime: @Sendable () -> ContinuousClock.Instant
    private var known: (list: SourceList, readAt: ContinuousClock.Instant)?
    private var reading: Task<SourceList, any Error>?
    /// Counts invalidations, so that a list whose reading began before one is not kept.
    private var generation = 0
    private var pending: [Int64: SourceActivity] = [:]

    /// A directory of a database; `uptime` is a clock that is never set back.
    init(_ database: ControlDatabase, uptime: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.database = database
        self.uptime = uptime
    }

    func sources(atMost age: Duration) async throws -> SourceList {
        if let known, uptime() - known.readAt < age { return known.list }
        return try await (reading ?? startReading()).value
    }

    func invalidate() {
        generation += 1
        (known, reading) = (nil, nil)
    }

    private func startReading() -> Task<SourceList, any Error> {
        let (generation, start) = (generation, uptime())
        // Unstructured: all requests that wait share it, and one that is cancelled must not take it from the others.
        let task = Task {
            do {
                let list = try await read()
                finish(list, generation, start)
                return list
            } catch {
                finish(nil, generation, start)
                throw error
            }
        }
        reading = task
        return task
    }

    private func finish(_ list: SourceList?, _ generation: Int, _ start: ContinuousClock.Instant) {
        guard generation == self.generation else { return }
        reading = nil
        if let list { known = (list, start) }
    }

    private func read() async throws -> SourceList {
        let sources = try await database.sources()
        let streams = try await database.deliveryStreamNames()
        var signers: [SourceList.Signer] = []
        for source in sources where source.kind == .firehoseAPI {
            // A file that cannot be read stops its own source only.
            let secrets: Result<[String], Failure>
            do { secrets = .success(try await database.signingSecrets(of: source)) } catch {
                secrets = .failure(error as? Failure ?? Failure(.storage, "\(error)"))
            }
            signers.append(
                .init(source: source, secrets: secrets, streams: streams[source.workspace] ?? []))
        }
        return SourceList(sources, signers: signers)
    }
}

extension CachedSourceDirectory: Service {
    /// Seconds between two writings of the counters.
    private static let interval = Duration.seconds(5)

    func record(_ activity: SourceActivity, of source: Source) {
        pending[source.id, default: SourceActivity()].add(activity)
    }

    /// Writes the counters; what cannot be written is tried again the next time.
    func flush() async throws {
        let taken = pending
        pending = [:]
        do { try await database.record(taken) } catch {
            for (id, activity) in taken {
                var merged = activity
                if let later = pending[id] { merged.add(later) }
                pending[id] = merged
            }
            throw error
        }
    }

    /// Writes the counters now and then until the server is shut down or the task cancelled, and a last time then.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: CachedSourceDirectory.interval)) != nil {
                try? await self.flush()
            }
        }
        // The database takes nothing from a cancelled task, which this one is as soon as the server has ended before it.
        try await Task { try await flush() }.value
    }
}

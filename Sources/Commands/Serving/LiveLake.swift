import ControlPlane
import EventLog
import Foundation
import Ingest
import Lake
import Primitives
import Server
import ServiceLifecycle
import Synchronization

/// The event log of a home and what takes it into the lake: the drain, the keeper and the trimmer, as one service;
/// and erasures and retention, for which these pause.
///
/// It holds the lake's writer lock for its life, and stops after everything that could still append to the log.
struct LiveLake: Service {
    /// The log that receivers append to.
    let log: EventLog
    /// Refused records, and how they are sent again.
    let refused: RefusedReplay
    /// The lake, on a thread of its own: where tables of streams are made.
    let tables: EventLake
    /// The user's own tables, which change when neither erasures nor retention need the lake alone.
    let datasets: DatasetKeeper
    private let lock: WriterLock
    private let drain: LogDrain
    private let keeper: LakeKeeper
    private let trimmer: LogTrimmer
    private let erasures: LiveErasures
    private let retention: LiveRetention
    private let drained: Drained

    private final class Drained: Sendable {
        let offset: Mutex<UInt64>
        init(_ offset: UInt64) { self.offset = Mutex(offset) }
    }

    /// Identities that the drain remembers, so that what senders repeat costs no read.
    private static let remembered = 200_000

    /// Opens log and lake; both are made where they are not there.
    ///
    /// - Throws: ``Failure`` of kind refused where another process writes.
    static func open(
        _ home: HomeDirectory, log options: LogOptions = LogOptions(),
        drain policy: DrainPolicy = DrainPolicy(),
        upkeep: UpkeepPolicy = UpkeepPolicy(), control: ControlDatabase? = nil,
        onBatch: @escaping @Sendable (DrainedBatch) -> Void = { _ in },
        onWarning: @escaping @Sendable (Failure) -> Void
    ) async throws -> LiveLake {
        let lake = try EventLake(home: home, options: .live, remembering: remembered)
        try await lake.create()
        let lock = try WriterLock(lake: home.lake)
        try await lake.removeLeftovers()
        var options = options
        options.startingOffset = try await lake.furthestOffset()
        let log = try await EventLog.open(home.log.path, options)
        let drained = Drained(try await lake.committedOffset())
        return LiveLake(
            log: log, refused: try await RefusedReplay(through: log, of: lake), tables: try await lake.peer(),
            datasets: try await DatasetKeeper(lake), lock: lock,
            drain: LogDrain(
                log, into: lake, policy,
                onBatch: { batch in
                    drained.offset.withLock { $0 = batch.offset }
                    // A counter that could not be written is no reason to stop. The database takes nothing from a cancelled task,
                    // which this one may be when the server stops.
                    do {
                        try await Task { try await control?.record(duplicates: batch.duplicates) }.value
                    } catch {
                        onWarning(Failure(.storage, "the sources' duplicates could not be counted: \(error)"))
                    }
                    onBatch(batch)
                }, onWarning: onWarning),
            keeper: try await LakeKeeper(lake, upkeep, rollingUpBy: RollupRecipe.all, onWarning: onWarning),
            trimmer: LogTrimmer(log, of: lake, onWarning: onWarning),
            erasures: try await LiveErasures(lake, log: log, control: control, onWarning: onWarning),
            retention: try await LiveRetention(lake, log: log, control: control, onWarning: onWarning),
            drained: drained)
    }

    /// Does something whenever somebody was erased.
    func afterErasures(_ body: @escaping @Sendable () async -> Void) { erasures.afterwards(body) }

    /// Runs until the service group shuts it down, and then until all that was acknowledged is in the lake, or the task is
    /// cancelled because the time for stopping is over.
    func run() async throws {
        try await run { try? await gracefulShutdown() }
    }

    /// Runs until `body` returns, and then until all that was acknowledged is in the lake.
    func run(until body: () async -> Void) async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await work() }
            await body()
            group.cancelAll()
        }
        // What identifies events may be about to change; the log keeps them for the next start then.
        guard (try? tables.checkIdentities()) != nil else { return }
        // Where the time for stopping is over, what is not in the lake stays in the log, and upkeep goes on after the next start.
        let steps: [() async throws -> Void] = [
            { try await drain.run(until: log.durableEnd) }, { _ = try await trimmer.pass() },
            { _ = try await keeper.pass(isEnding: true) },
        ]
        for step in steps where !Task.isCancelled {
            do { try await step() } catch { guard Task.isCancelled else { throw error } }
        }
    }

    /// Runs the services until the task is cancelled; they pause while somebody is erased, and while days of events go or are
    /// made anonymous.
    private func work() async {
        while !Task.isCancelled {
            await erasures.finish()
            await retention.finish()
            await datasets.release()
            await withTaskGroup(of: Void.self) { services in
                services.addTask { await drain.run() }
                services.addTask { await keeper.run() }
                services.addTask { await trimmer.run() }
                await pauseIsDue()
                // Before the services pause, for a large file takes its time.
                await datasets.hold()
                services.cancelAll()
            }
        }
    }

    /// Does what erasures and retention can do beside the services, one after the other since both rewrite `raw`; returns when
    /// the services must pause.
    private func pauseIsDue() async {
        while !Task.isCancelled {
            if await erasures.prepareIfDue() { return }
            switch await retention.advance() {
            case .needsPause: return
            case .busy: continue
            case .idle: try? await Task.sleep(for: Self.period)
            }
        }
    }

    private static let period: Duration = .milliseconds(500)

    /// How far the lake is behind the log.
    var lag: DrainLag {
        get async {
            let offset = drained.offset.withLock { $0 }
            let end = log.durableEnd
            guard offset < end,
                let oldest = try? await log.makeReader().read(from: offset, maximumBytes: 1).first
            else { return DrainLag(records: 0, seconds: 0) }
            let age = Timestamp.now.microseconds - oldest.record.receivedAt.microseconds
            return DrainLag(records: Int(end - offset), seconds: Double(max(0, age)) / 1_000_000)
        }
    }
}

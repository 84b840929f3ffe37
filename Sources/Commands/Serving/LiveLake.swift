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
/// and erasures, for which these pause.
///
/// It holds the lake's writer lock for its life, and stops after everything that could still append to the log.
struct LiveLake: Service {
    /// The log that receivers append to.
    let log: EventLog
    /// Refused records, and how they are sent again.
    let refused: RefusedReplay
    /// The lake, on a thread of its own: where tables of streams are made.
    let tables: EventLake
    private let lock: WriterLock
    private let drain: LogDrain
    private let keeper: LakeKeeper
    private let trimmer: LogTrimmer
    private let erasures: LiveErasures
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
            lock: lock,
            drain: LogDrain(
                log, into: lake, policy,
                onBatch: { batch in
                    drained.offset.withLock { $0 = batch.offset }
                    onBatch(batch)
                }, onWarning: onWarning),
            keeper: try await LakeKeeper(lake, upkeep, onWarning: onWarning),
            trimmer: LogTrimmer(log, of: lake, onWarning: onWarning),
            erasures: try await LiveErasures(lake, log: log, control: control, onWarning: onWarning),
            drained: drained)
    }

    /// Does something whenever somebody was erased.
    func afterErasures(_ body: @escaping @Sendable () async -> Void) { erasures.afterwards(body) }

    /// Runs until the service group shuts it down, and then until all that was acknowledged is in the lake.
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
        try await drain.run(until: log.durableEnd)
        do {
            try await trimmer.pass()
            try await keeper.pass(isEnding: true)
        } catch {
            // The time for stopping may be over. Everything is in the lake, and upkeep goes on after the next start.
            guard Task.isCancelled else { throw error }
        }
    }

    /// Runs the services until the task is cancelled; they pause while somebody is erased.
    private func work() async {
        while !Task.isCancelled {
            await erasures.finish()
            await withTaskGroup(of: Void.self) { services in
                services.addTask { await drain.run() }
                services.addTask { await keeper.run() }
                services.addTask { await trimmer.run() }
                await erasures.next()
                services.cancelAll()
            }
        }
    }

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

import ControlPlane
import EventLog
import Foundation
import Ingest
import Lake
import Primitives

/// Carries retention out in a process that takes events in: once a day, and when a command asks for it.
///
/// Most of the work is done while events come in. The drain pauses only where rows change their identity or go, for a day of
/// events at a time; receivers go on meanwhile, for they only write to the log.
actor LiveRetention {
    /// What is to come next.
    enum Turn {
        /// Nothing; a look again in a while is early enough.
        case idle
        /// A step was done, and there are more.
        case busy
        /// The next step needs ``finish()``, while nothing else writes.
        case needsPause
    }

    private let lake: EventLake
    private let work: RetentionWork?
    private let log: EventLog
    private let onWarning: @Sendable (Failure) -> Void
    private var run: RetentionRun?
    private var order: RetentionRequest?
    /// Whether the run only finishes what a kill interrupted.
    private var isRepair = false
    private var pauseAt: Duration = .zero
    private var lookAt: Duration = .zero
    private var noteAt: Duration = .zero
    /// A run that failed is tried again after a while.
    private var waitsUntil: Duration = .zero

    private static let lookPeriod: Duration = .seconds(60)
    private static let notePeriod: Duration = .seconds(600)
    private static let retryDelay: Duration = .seconds(3_600)
    /// Limits that were just set can be set right again for so long.
    private static let grace: Duration = .seconds(3_600)
    private static let unfinishedDelay: Duration = .seconds(60)
    /// How long running queries may still read what rows were before, as with every file that is replaced.
    private static let oldVersions = UpkeepPolicy().retention

    init(
        _ lake: EventLake, log: EventLog, control: ControlDatabase?,
        onWarning: @escaping @Sendable (Failure) -> Void
    ) async throws {
        let peer = try await lake.peer()
        self.lake = peer
        work = control.map { RetentionWork(lake: peer, control: $0) }
        (self.log, self.onWarning) = (log, onWarning)
    }

    /// The thread of the lake's own connection, for looks at the journal wait for the disk.
    nonisolated var unownedExecutor: UnownedSerialExecutor { lake.unownedExecutor }

    /// Does the next step, if there is one that needs no pause.
    func advance() async -> Turn {
        guard let work else { return .idle }
        do {
            if run == nil { try await begin(work) }
            guard let need = run?.need else { return try await end(work) }
            guard need == .nothing else { return Uptime.now < pauseAt ? .idle : .needsPause }
            try await step()
            return .busy
        } catch {
            await fail(error)
            return .idle
        }
    }

    /// Does the steps that need a pause, and days that were begun before a kill. Nothing else may write to the lake meanwhile.
    func finish() async {
        let start = Uptime.now
        do {
            if try run == nil && lake.retention.load().isUnfinished {
                repair()
            }
            while let need = run?.need, try need == .pause || lake.retention.load().isUnfinished {
                try await step()
            }
        } catch {
            await fail(error)
        }
        // Events have their turn after it, for longer than they waited.
        pauseAt = Uptime.now + (Uptime.now - start) * 3
    }

    // MARK: Steps

    private func step() async throws {
        guard var current = run else { return }
        defer { run = current }
        try await current.step(log)
    }

    /// Begins a run if one is due.
    private func begin(_ work: RetentionWork) async throws {
        if let order = try lake.retention.asked() {
            self.order = order
            return run = RetentionRun(
                lake, try await work.horizons(), purges: true, report: RetentionReport(id: order.id))
        }
        guard Uptime.now >= lookAt, Uptime.now >= waitsUntil else { return }
        if try lake.retention.load().isUnfinished {
            return repair()
        }
        lookAt = Uptime.now + Self.lookPeriod
        if Uptime.now >= noteAt {
            noteAt = Uptime.now + Self.notePeriod
            try await work.noteClock()
        }
        try await lake.ageOldVersions(Self.oldVersions)
        let last = try lake.retention.load().lastRun
        let isDone =
            last.map { $0.failure == nil && $0.startedAt.prefix(10) == Timestamp.now.day.iso8601 } ?? false
        guard !isDone, try await work.isDue(after: Self.grace) else { return }
        run = RetentionRun(lake, try await work.horizons(), purges: false)
    }

    /// Says that the run is done, where there is one.
    private func end(_ work: RetentionWork) async throws -> Turn {
        guard let run else { return .idle }
        _ = try await work.end(run.report, by: .system, isWhole: !isRepair)
        if isRepair { lookAt = .zero }
        if let failure = run.report.failure { onWarning(Failure(.storage, "retention: \(failure)")) }
        try forget()
        return .idle
    }

    private func fail(_ error: any Error) async {
        if error is CancellationError { return }
        let message = (error as? Failure)?.message ?? "\(error)"
        onWarning(
            Failure(.storage, "retention could not be applied, and is tried again within an hour: \(message)")
        )
        var report = run?.report ?? RetentionReport(id: order?.id ?? UUID().uuidString.lowercased())
        report.failure = message
        let isUnfinished = (try? lake.retention.load().isUnfinished) ?? true
        waitsUntil = Uptime.now + (isUnfinished ? Self.unfinishedDelay : Self.retryDelay)
        // What cannot be noted either is told by the next attempt.
        _ = try? await work?.end(report, by: .system)
        try? forget()
    }

    private func repair() {
        run = RetentionRun(lake, RetentionHorizons(), purges: false)
        isRepair = true
    }

    private func forget() throws {
        (run, isRepair) = (nil, false)
        if let order { try lake.retention.answer(order) }
        order = nil
    }
}

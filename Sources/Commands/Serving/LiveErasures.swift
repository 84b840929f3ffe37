import ControlPlane
import EventLog
import Foundation
import Ingest
import Lake
import Primitives
import Synchronization

/// Carries out erasures in a process that takes events in: it says when one is due, and does it while all else pauses.
///
/// Whoever asks for one, by HTTP or on the command line, puts it into the journal; so one that a kill interrupted is found in
/// the same way. Receivers go on meanwhile, for they only write to the log.
actor LiveErasures {
    private let lake: EventLake
    private let control: ControlDatabase?
    private let log: EventLog
    private let onWarning: @Sendable (Failure) -> Void
    private nonisolated let afterwards = Mutex<@Sendable () async -> Void>({})
    private var seen: Timestamp?
    private var isSeen = false
    /// One that failed is tried again after a while, so that events come in meanwhile.
    private var failedAt: Duration?

    private static let retryDelay: Duration = .seconds(60)

    init(
        _ lake: EventLake, log: EventLog, control: ControlDatabase?,
        onWarning: @escaping @Sendable (Failure) -> Void
    ) async throws {
        self.lake = try await lake.peer()
        (self.log, self.control, self.onWarning) = (log, control, onWarning)
    }

    /// The thread of the lake's own connection, for looks at the journal wait for the disk.
    nonisolated var unownedExecutor: UnownedSerialExecutor { lake.unownedExecutor }

    /// Does most of an erasure that is due, while others write.
    ///
    /// - Returns: whether one is due, so that ``finish()`` has something to do.
    func prepareIfDue() async -> Bool {
        guard let erasure = due() else { return false }
        // What goes wrong here goes wrong again, and is told then.
        try? await Eraser(lake).prepare(erasure)
        return true
    }

    /// What else is to be done when somebody was erased: other copies of rows have to go.
    nonisolated func afterwards(_ body: @escaping @Sendable () async -> Void) {
        afterwards.withLock { $0 = body }
    }

    /// Finishes what is due. Nothing else may write to the lake meanwhile.
    func finish() async {
        while !Task.isCancelled, let erasure = due() {
            do {
                _ = try await ErasureWork(lake: lake, control: control).finish(erasure, log: log)
                await afterwards.withLock { $0 }()
            } catch is CancellationError {
                return
            } catch {
                failedAt = Uptime.now
                let message = (error as? Failure)?.message ?? "\(error)"
                onWarning(
                    Failure(
                        .storage,
                        "an erasure could not be finished, and is tried again in a minute: \(message)"))
            }
        }
    }

    /// The oldest erasure that is unfinished; nil also while one that failed waits.
    private func due() -> Erasure? {
        if let failedAt {
            guard Uptime.now - failedAt >= Self.retryDelay else { return nil }
            self.failedAt = nil
            isSeen = false
        }
        do {
            let changed = try lake.erasures.changedAt()
            if isSeen, changed == seen { return nil }
            if let erasure = try lake.erasures.unfinished().first { return erasure }
            (seen, isSeen) = (changed, true)
        } catch {
            failedAt = Uptime.now
            onWarning(error)
        }
        return nil
    }
}

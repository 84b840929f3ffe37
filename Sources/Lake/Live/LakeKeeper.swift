import Primitives

/// Looks after a lake to which another task commits all the time: merges small files, brings `messages` up to date,
/// writes checkpoints, and removes what nobody needs any more.
///
/// It has a connection and a thread of its own, so a merge holds no commit up; the two meet only in the table's log, where
/// merges and appends do not contradict each other.
public actor LakeKeeper {
    private let lake: EventLake
    private let policy: UpkeepPolicy
    private let now: @Sendable () -> Duration
    private let onWarning: @Sendable (Failure) -> Void
    private var behindSince: Duration?
    private var cleanedAt: Duration?

    /// A keeper of a lake whose ``WriterLock`` this process holds.
    ///
    /// - Parameters:
    ///   - now: a clock that only goes forward.
    ///   - onWarning: hears of work that failed; it is tried again in the next pass.
    public init(
        _ lake: EventLake, _ policy: UpkeepPolicy = UpkeepPolicy(),
        now: @escaping @Sendable () -> Duration = { Uptime.now },
        onWarning: @escaping @Sendable (Failure) -> Void = { _ in }
    ) async throws {
        self.lake = try await lake.peer()
        self.policy = policy
        self.now = now
        self.onWarning = onWarning
        // What there is to remove at the beginning was removed with the leftovers.
        cleanedAt = now()
    }

    /// Looks after the lake until the task is cancelled. Whoever ends for good makes a last ``pass(isEnding:)``.
    public func run() async {
        while !Task.isCancelled {
            await attempt { try await $0.pass() }
            try? await Task.sleep(for: policy.period)
        }
    }

    /// Does what is due now.
    ///
    /// - Returns: what was done beside merging files.
    @discardableResult
    public func pass(isEnding: Bool = false) async throws -> [UpkeepPolicy.Work] {
        if !isEnding { _ = try await lake.compactTiers(policy.compaction) }
        var situation = try await lake.upkeepSituation()
        situation.now = now()
        behindSince = situation.isBehind ? behindSince ?? situation.now : nil
        situation.behindSince = behindSince
        situation.cleanedAt = cleanedAt
        situation.isEnding = isEnding
        let tasks = policy.tasks(situation)
        for task in tasks {
            switch task {
            case .updateMessages:
                try await lake.updateMessages()
                behindSince = nil
            case .checkpoint: try await lake.checkpointEvents()
            case .clean:
                try await lake.clean(policy.retention)
                cleanedAt = now()
            }
        }
        return tasks
    }

    private func attempt(_ work: (isolated LakeKeeper) async throws -> Void) async {
        do {
            try await work(self)
        } catch let failure as Failure {
            onWarning(failure)
        } catch is CancellationError {
        } catch {
            onWarning(Failure(.storage, "upkeep of the lake: \(error)"))
        }
    }
}

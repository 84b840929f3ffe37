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
    private let recipe: RollupRecipe?
    private var rollups = RollupQueue()
    /// The days without files, as of a version of `events`.
    private var unrolled: (version: Int64, keys: [CivilDay: String]) = (-1, [:])
    private var staleRollups: Set<String> = []

    /// A keeper of a lake whose ``WriterLock`` this process holds.
    ///
    /// - Parameters:
    ///   - recipe: what days are rolled up by; nil for nothing.
    ///   - now: a clock that only goes forward.
    ///   - onWarning: hears of work that failed; it is tried again in the next pass.
    public init(
        _ lake: EventLake, _ policy: UpkeepPolicy = UpkeepPolicy(), rollingUpBy recipe: RollupRecipe? = nil,
        now: @escaping @Sendable () -> Duration = { Uptime.now },
        onWarning: @escaping @Sendable (Failure) -> Void = { _ in }
    ) async throws {
        self.lake = try await lake.peer()
        (self.policy, self.recipe) = (policy, recipe)
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
                try await removeStaleRollups()
                cleanedAt = now()
            }
        }
        if !isEnding { try await rollUp() }
        return tasks
    }

    /// Rolls up a day, if one is due.
    private func rollUp() async throws {
        guard let recipe else { return }
        let version = try await lake.eventsVersion()
        if unrolled.version != version { unrolled = (version, try await lake.keysToRollUp(recipe)) }
        guard let day = rollups.next(unrolled.keys, quiet: policy.rollupQuiet, now: now()) else { return }
        let start = now()
        // A day that fails rests as long as one that does not, so that the others have their turn.
        defer { rollups.rolledUp(day, from: start, to: now(), rest: policy.rollupRest) }
        _ = try await lake.rollUp(day, recipe)
        unrolled.keys[day] = nil
    }

    /// Removes what no snapshot wants, and did not at the last cleaning: queries that began with it are over.
    private func removeStaleRollups() async throws {
        guard let recipe else { return }
        let stale = try await lake.staleRollups(recipe)
        try await lake.removeRollups(staleRollups.intersection(stale), recipe)
        staleRollups = stale
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

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
    private var rollups: [RecipeUpkeep]
    /// The version of `events` to which the spans without files belong.
    private var unrolledVersion: Int64 = -1

    /// What there is to do for a recipe.
    private struct RecipeUpkeep {
        let recipe: RollupRecipe
        var queue = RollupQueue()
        /// The days and hours without files.
        var keys: [RollupSpan: String] = [:]
        /// The files that no snapshot wanted at the last cleaning.
        var stale: Set<String> = []
    }

    /// A keeper of a lake whose ``WriterLock`` this process holds.
    ///
    /// - Parameters:
    ///   - recipes: what days and hours are rolled up by; one that is made of another's rows stands behind it.
    ///   - now: a clock that only goes forward.
    ///   - onWarning: hears of work that failed; it is tried again in the next pass.
    public init(
        _ lake: EventLake, _ policy: UpkeepPolicy = UpkeepPolicy(), rollingUpBy recipes: [RollupRecipe] = [],
        now: @escaping @Sendable () -> Duration = { Uptime.now },
        onWarning: @escaping @Sendable (Failure) -> Void = { _ in }
    ) async throws {
        self.lake = try await lake.peer()
        self.policy = policy
        rollups = recipes.map { RecipeUpkeep(recipe: $0) }
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

    /// Rolls up a day or an hour by each recipe, if one is due.
    private func rollUp() async throws {
        let version = try await lake.eventsVersion()
        var isNew = unrolledVersion != version
        for place in rollups.indices {
            let recipe = rollups[place].recipe
            if isNew { rollups[place].keys = try await lake.keysToRollUp(recipe) }
            // What it is made of came to rest before.
            let quiet = recipe.looksBack ? .zero : policy.rollupQuiet
            guard let span = rollups[place].queue.next(rollups[place].keys, quiet: quiet, now: now()) else {
                continue
            }
            let start = now()
            // What fails rests as long as what does not, so that the others have their turn.
            defer { rollups[place].queue.rolledUp(span, from: start, to: now(), rest: policy.rollupRest) }
            _ = try await lake.rollUp(span, recipe)
            rollups[place].keys = rollups[place].keys.filter { !span.contains($0.key) }
            // Of the rows that there are now another recipe may make its own.
            isNew = true
        }
        unrolledVersion = version
    }

    /// Removes what no snapshot wants, and did not at the last cleaning: queries that began with it are over.
    private func removeStaleRollups() async throws {
        for place in rollups.indices {
            let recipe = rollups[place].recipe
            let stale = try await lake.staleRollups(recipe)
            try await lake.removeRollups(rollups[place].stale.intersection(stale), recipe)
            rollups[place].stale = stale
        }
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

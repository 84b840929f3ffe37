import EventLog
import Lake
import Synchronization

@testable import Ingest

/// A lake that is filled through a log and looked after by a keeper, whose clock goes on by a word.
struct KeptLake {
    let live: LiveFixture
    let log: EventLog
    let keeper: LakeKeeper
    private let clock = Clock()

    private final class Clock: Sendable {
        let time = Mutex<Duration>(.zero)
    }

    init(_ policy: UpkeepPolicy = UpkeepPolicy(), rollingUpBy recipes: [RollupRecipe] = []) async throws {
        live = try await LiveFixture()
        log = try await live.openLog()
        let clock = clock
        keeper = try await LakeKeeper(
            live.lake, policy, rollingUpBy: recipes, now: { clock.time.withLock { $0 } })
    }

    /// Brings events into the lake.
    func commit(_ bodies: some Collection<String>) async throws {
        try await live.commit(bodies, through: log)
    }

    /// Has the keeper do what is due some seconds later.
    @discardableResult
    func pass(after seconds: Int = 0) async throws -> [UpkeepPolicy.Work] {
        clock.time.withLock { $0 += .seconds(seconds) }
        return try await keeper.pass()
    }
}

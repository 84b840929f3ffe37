import EventLog
import Foundation
import Lake
import Primitives
import Synchronization
import Testing
import TestSupport

@testable import Ingest

@Suite("A lake that grows while it is looked after")
struct LakeKeeperTests {
    @Test(
        "messages, read at any moment, are what SQL makes of all events",
        arguments: [1, 2, 3] as [UInt64])
    func messages(seed: UInt64) async throws {
        let live = try await LiveFixture()
        let log = try await live.openLog()
        let keeper = try await LakeKeeper(live.lake)
        var random = SeededGenerator(seed: Int(seed))
        var rest = try traffic(400, seed: seed)[...]
        // Opens of a message with several recipients are nobody's: their recipient is null.
        for number in 0..<6 {
            let nobody = openEvent(number, message: "m-\(number % 2)")
                .replacingOccurrences(of: #"["x@y.example"]"#, with: #"["x@y.example","z@y.example"]"#)
            rest.insert(nobody, at: Int.random(in: rest.startIndex...rest.endIndex, using: &random))
        }
        var rounds = 0
        while !rest.isEmpty {
            let part = rest.prefix(Int.random(in: 1...150, using: &random))
            rest = rest.dropFirst(part.count)
            try await live.commit(part, through: log)
            if Int.random(in: 0..<4, using: &random) == 0 {
                try await keeper.pass(isEnding: Bool.random(using: &random))
            }
            rounds += 1
            guard rounds % 3 == 0 || rest.isEmpty else { continue }
            let found = try await live.messagesThatDiffer()
            #expect(found[0] ?? 0 > 0)
            #expect(found[1...] == [0, 0])
        }
    }

    @Test("merging beside commits loses nothing, doubles nothing and leaves few files")
    func concurrently() async throws {
        let live = try await LiveFixture(remembering: 10_000)
        let log = try await live.openLog()
        var (policy, upkeep) = (DrainPolicy(), UpkeepPolicy())
        policy.delay = .zero
        upkeep.checkpointCommits = 20
        let drain = live.drain(log, policy)
        let keeper = try await LakeKeeper(live.lake, upkeep)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await drain.run() }
            group.addTask {
                for number in 0..<120 {
                    // Each event twice, so that repetitions meet merged files.
                    try await log.append([logged(openEvent(number)), logged(openEvent(number / 2))])
                    try await keeper.pass()
                }
            }
            try await group.next()
            group.cancelAll()
        }
        try await drain.run(until: log.durableEnd)
        try await keeper.pass()
        #expect(try await live.events() == [120, 120])
        #expect(live.warnings.withLock { $0 } == [])
        #expect(try await live.lake.verify() == [])
        let events = try #require(try await live.lake.info().first)
        #expect(events.files < 20)
    }

    @Test("old files, commits and checkpoints are removed when nobody needs them")
    func cleaning() async throws {
        var upkeep = UpkeepPolicy()
        (upkeep.retention, upkeep.checkpointCommits) = (.zero, 10)
        let kept = try await KeptLake(upkeep)
        let live = kept.live
        for number in 0..<25 { try await kept.commit([openEvent(number)]) }
        #expect(try await kept.pass() == [.checkpoint])
        for number in 25..<36 { try await kept.commit([openEvent(number)]) }
        #expect(try await kept.pass(after: 600) == [.updateMessages, .checkpoint, .clean])
        #expect(try await live.events() == [36, 36])
        #expect(try await live.messagesThatDiffer() == [1, 0, 0])
        let names = try FileManager.default.contentsOfDirectory(
            atPath: live.home.table("events/_delta_log").path)
        #expect(names.filter { $0.hasSuffix(".json") }.count < 15)
        #expect(try await live.lake.verify() == [])
    }
}

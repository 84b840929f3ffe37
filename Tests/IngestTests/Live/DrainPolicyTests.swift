import Testing

@testable import Ingest

@Suite("When the drain commits")
struct DrainPolicyTests {
    private let policy = DrainPolicy()

    private func decision(
        at now: Duration, _ change: (inout DrainPolicy.Situation) -> Void
    ) -> DrainPolicy.Decision {
        var situation = DrainPolicy.Situation()
        change(&situation)
        return policy.decision(situation, at: now)
    }

    @Test("with nothing to do it waits for a record")
    func idle() { #expect(decision(at: .seconds(9)) { _ in } == .gather(until: nil)) }

    @Test("the first record waits 0.7 s for others and no longer")
    func delay() {
        let due = Duration.milliseconds(10_700)
        #expect(decision(at: .milliseconds(10_699)) { $0.batchSince = .seconds(10) } == .gather(until: due))
        #expect(decision(at: due) { $0.batchSince = .seconds(10) } == .commit)
    }

    @Test("a full batch waits for nothing")
    func full() {
        #expect(decision(at: .seconds(10)) { ($0.isFull, $0.batchSince) = (true, .seconds(10)) } == .commit)
    }

    @Test("what is in hand at the end is committed, and the offset with it")
    func ending() {
        #expect(decision(at: .seconds(10)) { ($0.isEnding, $0.batchSince) = (true, .seconds(10)) } == .commit)
        #expect(decision(at: .seconds(10)) { ($0.isEnding, $0.unmarkedRecords) = (true, 1) } == .commit)
        #expect(decision(at: .seconds(10)) { $0.isEnding = true } == .gather(until: nil))
    }

    @Test("repetitions alone move the offset after a minute or 50,000 records")
    func marks() {
        let seen = { (records: UInt64, since: Duration) in
            { (situation: inout DrainPolicy.Situation) in
                (situation.unmarkedRecords, situation.unmarkedSince) = (records, since)
            }
        }
        #expect(decision(at: .seconds(69), seen(5, .seconds(10))) == .gather(until: .seconds(70)))
        #expect(decision(at: .seconds(70), seen(5, .seconds(10))) == .commit)
        #expect(decision(at: .seconds(11), seen(50_000, .seconds(10))) == .commit)
        #expect(!policy.records(5, since: .seconds(10), at: .seconds(69), isEnding: false))
        #expect(policy.records(5, since: .seconds(10), at: .seconds(70), isEnding: false))
        #expect(policy.records(5, since: nil, at: .zero, isEnding: true))
        #expect(!policy.records(0, since: .zero, at: .seconds(99), isEnding: true))
    }
}

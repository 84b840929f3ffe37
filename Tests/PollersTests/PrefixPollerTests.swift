import Testing

@testable import Pollers

@Suite("When a prefix is listed from its beginning")
struct PrefixPollerTests {
    private func report(pages: Int, failed: Int = 0) -> PrefixScan.Report {
        .init(pages: pages, taken: 0, failed: failed)
    }

    @Test("first, and each time while that is cheap")
    func cheap() {
        var plan = PrefixPoller.Plan()
        #expect(plan.isFull(at: .zero))
        plan.note(report(pages: PrefixPoller.Plan.cheapPages), isFull: true, at: .zero)
        #expect(plan.isFull(at: .seconds(60)))
    }

    @Test("once an hour where it takes many requests, so that what comes late under an old key is found")
    func dear() {
        var plan = PrefixPoller.Plan()
        plan.note(report(pages: PrefixPoller.Plan.cheapPages + 1), isFull: true, at: .seconds(100))
        plan.note(report(pages: 1), isFull: false, at: .seconds(160))
        #expect(!plan.isFull(at: .seconds(3_699)) && plan.isFull(at: .seconds(3_700)))
    }

    @Test("sooner after an object that could not be fetched, but not at once")
    func failed() {
        var plan = PrefixPoller.Plan()
        plan.note(report(pages: 500, failed: 1), isFull: true, at: .zero)
        #expect(!plan.isFull(at: .seconds(599)) && plan.isFull(at: .seconds(600)))
        plan.note(report(pages: 500), isFull: true, at: .seconds(600))
        plan.note(report(pages: 1, failed: 1), isFull: false, at: .seconds(660))
        #expect(!plan.isFull(at: .seconds(1_259)) && plan.isFull(at: .seconds(1_260)))
    }

    @Test("Rests after errors double up to two minutes, and begin anew when all is well")
    func backoff() {
        var backoff = Backoff()
        var bounds: [Duration] = []
        for _ in 0..<9 {
            bounds.append(backoff.bound)
            let (bound, rest) = (backoff.bound, backoff.next())
            #expect(rest <= bound && rest >= bound / 2)
        }
        #expect(bounds == [1, 2, 4, 8, 16, 32, 64, 120, 120].map { .seconds($0) })
        backoff.reset()
        #expect(backoff.bound == .seconds(1))
    }
}

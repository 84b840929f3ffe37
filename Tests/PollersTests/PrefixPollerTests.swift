import Testing

@testable import Pollers

@Suite("When a prefix is listed from its beginning")
struct PrefixPollerTests {
    @Test("first, after a fault, and each time while that is cheap")
    func cheap() {
        var plan = PrefixPoller.Plan()
        #expect(plan.isFull(at: .zero))
        plan.full = (pages: PrefixPoller.cheapPages, at: .zero)
        #expect(plan.isFull(at: .seconds(60)))
    }

    @Test("once an hour where it takes many requests, so that what comes late under an old key is found")
    func dear() {
        var plan = PrefixPoller.Plan()
        plan.full = (pages: PrefixPoller.cheapPages + 1, at: .seconds(100))
        #expect(!plan.isFull(at: .seconds(160)))
        #expect(plan.isFull(at: .seconds(3_700)))
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

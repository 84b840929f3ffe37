import Testing

@testable import ControlPlane

/// Some time after the clock began.
private let start = Duration.seconds(43_200)

@Suite("The limiter of failed authentications")
struct FailureLimiterTests {
    @Test("lets the burst pass, then one each interval")
    func bucket() {
        var limiter = FailureLimiter(burst: 3, interval: 10)
        for _ in 0..<3 {
            #expect(limiter.secondsToWait("a", at: start) == nil)
            limiter.fail("a", at: start)
        }
        #expect(limiter.secondsToWait("a", at: start) == 10)
        #expect(limiter.secondsToWait("b", at: start) == nil, "another key is not meant")
        #expect(limiter.secondsToWait("a", at: start + .seconds(9)) == 1)
        #expect(limiter.secondsToWait("a", at: start + .seconds(10)) == nil)
        limiter.fail("a", at: start + .seconds(10))
        #expect(limiter.secondsToWait("a", at: start + .seconds(10)) == 10)
        #expect(limiter.secondsToWait("a", at: start + .seconds(1_000)) == nil)
    }

    @Test("does not add up failures while blocked, and forgets after a success")
    func cap() {
        var limiter = FailureLimiter(burst: 3, interval: 10)
        for _ in 0..<10_000 { limiter.fail("a", at: start) }
        #expect(limiter.secondsToWait("a", at: start) == 10)
        limiter.succeed("a")
        #expect(limiter.secondsToWait("a", at: start) == nil && limiter.count == 0)
    }

    @Test("stays bounded under made-up keys, and keeps whoever failed often")
    func bounded() {
        var limiter = FailureLimiter(burst: 5, interval: 10, capacity: 100)
        for _ in 0..<5 { limiter.fail("villain", at: start) }
        for number in 0..<10_000 {
            limiter.fail("key \(number)", at: start)
            #expect(limiter.count <= 100)
        }
        #expect(limiter.secondsToWait("villain", at: start) != nil)
    }

    @Test("agrees with a token bucket that is counted step by step")
    func property() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            let (burst, interval) = (
                Int.random(in: 1...5, using: &random), Int.random(in: 1...9, using: &random)
            )
            var limiter = FailureLimiter(burst: burst, interval: interval)
            // Tokens in units of 1/interval, one unit a second.
            var (units, second) = (burst * interval, 0)
            for _ in 0..<200 {
                let step = Int.random(in: 0...interval, using: &random)
                second += step
                units = min(burst * interval, units + step)
                let isFree = units >= interval
                let now = start + .seconds(second)
                #expect((limiter.secondsToWait("k", at: now) == nil) == isFree)
                if isFree {
                    limiter.fail("k", at: now)
                    units -= interval
                }
            }
        }
    }
}

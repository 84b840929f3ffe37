import Testing

@testable import Senders

@Suite("Retry policy")
struct RetryPolicyTests {
    @Test("Firehose's pauses double up to two minutes, until five are over")
    func firehose() {
        let policy = RetryPolicy(.firehose)
        let pauses = (1...9).map { policy.pause(after: $0, elapsed: 0, asked: nil, jitter: 0) }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 64, 120, 120])
        #expect(policy.pause(after: 1, elapsed: 300, asked: nil, jitter: 0) == nil)
    }

    @Test("SNS tries three times more")
    func sns() {
        let policy = RetryPolicy(.sns)
        #expect(policy.pause(after: 3, elapsed: 3, asked: nil, jitter: 0) == 1)
        #expect(policy.pause(after: 4, elapsed: 4, asked: nil, jitter: 0) == nil)
    }

    @Test("a receiver's Retry-After lengthens the pause, up to the longest")
    func retryAfter() {
        let policy = RetryPolicy(.generic)
        #expect(policy.pause(after: 1, elapsed: 0, asked: 7, jitter: 0) == 7)
        #expect(policy.pause(after: 1, elapsed: 0, asked: 7_000, jitter: 0) == 30)
    }

    @Test("what is tried again is what the service tries again", arguments: Road.allCases)
    func statuses(road: Road) {
        #expect(RetryPolicy.retries(503, on: road))
        #expect(RetryPolicy.retries(403, on: road) == (road == .firehose))
        #expect(!RetryPolicy.retries(413, on: road))
    }
}

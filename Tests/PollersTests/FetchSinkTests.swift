import EventLog
import Primitives
import Synchronization
import Testing

@testable import Pollers

@Suite("Records on their way to the log")
struct FetchSinkTests {
    private let record = LogRecord(receivedAt: Timestamp(microseconds: 0), source: "s", body: [1])

    @Test("wait while the log is full, and while it is far ahead of the lake")
    func waits() async throws {
        let tries = Mutex(0)
        let backlogs = Mutex([FetchSink.largestBacklog + 1, FetchSink.largestBacklog + 1])
        let sink = FetchSink(
            append: { records in
                #expect(records.count == 1 && backlogs.withLock { $0.isEmpty })
                let count = tries.withLock { count in
                    count += 1
                    return count
                }
                if count < 3 { throw LogError.overloaded(retryAfterSeconds: 1) }
            }, backlog: { backlogs.withLock { $0.popLast() } ?? 0 }, pause: .zero)
        try await sink.keep([record])
        #expect(tries.withLock { $0 } == 3)
    }

    @Test("do not wait for a disk that fails: the object is fetched again later")
    func fails() async {
        let sink = FetchSink(append: { _ in throw Failure(.storage, "the disk is full") }, pause: .zero)
        await #expect(throws: Failure(.storage, "the disk is full")) { try await sink.keep([record]) }
    }
}

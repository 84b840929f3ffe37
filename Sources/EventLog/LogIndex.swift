import Primitives
import Synchronization

/// What is durable and where it lies: set by the writer, seen by readers, who never wait for the disk's writes.
final class LogIndex: Sendable {
    /// A segment of which `length` bytes are durable.
    struct Segment: Hashable {
        var firstOffset: UInt64
        var length: Int
    }

    /// The segments and where the log ends, at one moment.
    struct View {
        var segments: [Segment] = []
        var durableEnd: UInt64 = 0

        /// The first record that is kept.
        var firstOffset: UInt64 { segments.first?.firstOffset ?? durableEnd }

        /// The segment in which a record lies, and the offset after its last.
        func segment(holding offset: UInt64) -> (Segment, end: UInt64)? {
            guard offset < durableEnd, let index = segments.lastIndex(where: { $0.firstOffset <= offset })
            else {
                return nil
            }
            let end = index + 1 < segments.count ? segments[index + 1].firstOffset : durableEnd
            return (segments[index], end)
        }
    }

    private struct Waiter {
        var offset: UInt64
        var continuation: CheckedContinuation<UInt64, any Error>
    }

    private struct State {
        var view = View()
        var statistics = LogStatistics()
        var waiters: [UInt64: Waiter] = [:]
        var lastWaiter: UInt64 = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    /// The present state.
    var view: View { state.withLock { $0.view } }

    /// Adds the log's numbers.
    var statistics: LogStatistics {
        state.withLock { state in
            var statistics = state.statistics
            statistics.segments = state.view.segments.count
            statistics.segmentBytes = state.view.segments.reduce(0) { $0 + $1.length }
            statistics.firstOffset = state.view.firstOffset
            statistics.durableEnd = state.view.durableEnd
            return statistics
        }
    }

    /// Changes what is durable, and wakes those whom it concerns.
    func update(_ body: (inout View, inout LogStatistics) -> Void) {
        let (ready, end) = state.withLock { state in
            body(&state.view, &state.statistics)
            let end = state.view.durableEnd
            let ready = state.waiters.filter { $0.value.offset < end }
            for id in ready.keys { state.waiters[id] = nil }
            return (ready.values.map(\.continuation), end)
        }
        for continuation in ready { continuation.resume(returning: end) }
    }

    /// Waits until the record `offset` is durable, and gives the log's end.
    func wait(for offset: UInt64) async throws -> UInt64 {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let known: Result<UInt64, any Error>? = state.withLock { state in
                    if state.view.durableEnd > offset { return .success(state.view.durableEnd) }
                    // A cancellation before this line found no waiter to wake; one after it does.
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.isClosed { return .failure(LogIndex.closed) }
                    state.waiters[id] = Waiter(offset: offset, continuation: continuation)
                    return nil
                }
                if let known { continuation.resume(with: known) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?
                .continuation.resume(throwing: CancellationError())
        }
    }

    /// Wakes all who wait: nothing more will come.
    func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [:] }
            return state.waiters.values.map(\.continuation)
        }
        for continuation in waiters { continuation.resume(throwing: LogIndex.closed) }
    }

    private static let closed = Failure(.cancelled, "the event log is closed")
}

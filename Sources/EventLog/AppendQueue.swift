import Primitives
import Synchronization

/// The appends that wait for the disk, bounded in number and bytes.
final class AppendQueue: Sendable {
    /// What one append brought.
    struct Batch {
        let ticket: UInt64
        let records: [LogRecord]
        /// Bytes of the encoded records.
        let byteCount: Int
    }

    private struct State {
        var waiting: [Batch] = []
        /// Those that wait and those that are being written.
        var appends = 0
        var bytes = 0
        var refused = 0
        var lastTicket: UInt64 = 0
        var lastGroup: Duration = .zero
        var isClosed = false
    }

    private let maximumBytes: Int
    private let maximumAppends: Int
    private let state = Mutex(State())

    init(_ options: LogOptions) {
        maximumBytes = min(options.queuedBytes, Int(UInt32.max))
        maximumAppends = options.queuedAppends
    }

    /// Puts a batch at the end and gives the ticket under which its outcome is asked for.
    func enqueue(_ records: [LogRecord]) throws -> UInt64 {
        var byteCount = 0
        for record in records {
            if let problem = record.formatProblem {
                throw Failure(.usage, "a record does not fit into the event log: \(problem)")
            }
            byteCount += record.encodedLength
        }
        guard byteCount <= maximumBytes else {
            throw Failure(
                .limit,
                "a batch of \(byteCount) bytes is larger than the \(maximumBytes) bytes that the event log "
                    + "takes at once; send smaller batches")
        }
        return try state.withLock { state in
            guard !state.isClosed else { throw Failure(.cancelled, "the event log is closed") }
            guard state.appends < maximumAppends, state.bytes + byteCount <= maximumBytes else {
                state.refused += 1
                // One group empties the queue, so the last group's time is a fair guess at the wait.
                let seconds = Int(state.lastGroup.components.seconds) + 1
                throw LogError.overloaded(retryAfterSeconds: seconds)
            }
            state.appends += 1
            state.bytes += byteCount
            state.lastTicket += 1
            state.waiting.append(Batch(ticket: state.lastTicket, records: records, byteCount: byteCount))
            return state.lastTicket
        }
    }

    /// Takes all that waits, to be written as one group.
    func takeAll() -> [Batch] {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    /// Makes room after a group was written, or has failed.
    func release(_ group: [Batch], after time: Duration) {
        state.withLock { state in
            state.appends -= group.count
            state.bytes -= group.reduce(0) { $0 + $1.byteCount }
            state.lastGroup = time
        }
    }

    /// Lets nothing more in.
    func close() { state.withLock { $0.isClosed = true } }

    /// Adds the queue's numbers.
    func report(into statistics: inout LogStatistics) {
        state.withLock { state in
            statistics.queuedAppends = state.appends
            statistics.queuedBytes = state.bytes
            statistics.refusedAppends = state.refused
        }
    }
}

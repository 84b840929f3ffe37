import Dispatch

/// A serial executor on a thread of its own queue, for calls that block: DuckDB, `fsync`, decompression.
///
/// Two blocking calls would otherwise stop the whole cooperative pool of a two-core machine.
public final class BlockingExecutor: SerialExecutor {
    private let queue: DispatchQueue

    /// An executor whose queue carries `label` in debuggers.
    public init(label: String) {
        queue = DispatchQueue(label: label)
    }

    /// Runs a job on the queue, after those before it.
    public func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        queue.async { unowned.runSynchronously(on: executor) }
    }
}

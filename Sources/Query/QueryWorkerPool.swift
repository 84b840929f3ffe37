import Foundation
import Primitives

/// Runs users' statements in worker processes that are kept ready.
///
/// A worker runs one statement at a time and serves any number one after the other. One that was killed, at a deadline, at
/// its memory's limit or because the caller has gone, is replaced at once, so that the next statement finds another ready.
/// More callers than workers wait in turn, and more than ``Options/waiting`` of them are told so. Rows are handed over as
/// they are made, and no faster than they are taken. When the pool goes, or its process in any way, so do the workers.
public actor QueryWorkerPool {
    /// What a pool's workers are and may do.
    public struct Options: Sendable {
        /// The program, run as `executable query-worker`.
        public var executable: String
        /// How many workers there are.
        public var workers = 1
        /// How many callers may wait for one.
        public var waiting = 32
        /// The memory of a worker in bytes; the system holds it to that.
        public var memoryBytes = 2 << 30
        /// The threads that a statement runs on.
        public var threads: Int
        /// The folders below which the files of all catalogs lie; where the kernel has Landlock, workers read nothing else.
        public var readableFolders: [String]
        /// The folder below which Parquet results are written; workers write nothing else.
        public var writableFolder: String?
        /// Whether a worker keeps its engine from one catalog to the next, and with it what it knows of files. Its statements may
        /// then open any file below ``readableFolders``, so it is for statements that Sesame itself wrote.
        public var keepsEngine = false
        /// For tests; see ``WorkerSetup/hasOnlyWalls``.
        var hasOnlyWalls = false

        /// One worker over the files below `readableFolders`.
        public init(readableFolders: [String]) {
            self.readableFolders = readableFolders
            executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path
            // More would share the memory in ever smaller pieces.
            threads = min(max(ProcessInfo.processInfo.activeProcessorCount, 2), 8)
        }
    }

    private let options: Options
    private var idle: [WorkerConversation] = []
    /// Workers, whether idle or at work.
    private var count = 0
    private var queue: [(id: UInt64, continuation: CheckedContinuation<WorkerConversation, any Error>)] = []
    private var nextID: UInt64 = 0
    private var lastCatalog: QueryCatalog?
    private var isClosed = false

    /// A pool; its workers start with ``warm(_:)`` or when they are needed.
    public init(_ options: Options) { self.options = options }

    /// Starts all workers without waiting until they are ready.
    ///
    /// - Parameter catalog: what the first statements will probably read.
    public func warm(_ catalog: QueryCatalog? = nil) {
        lastCatalog = catalog ?? lastCatalog
        fill()
    }

    /// Runs a statement.
    ///
    /// When the calling task is cancelled, or `rows` throws, its worker is killed.
    ///
    /// - Parameters:
    ///   - onProgress: hears several times a second how far it is.
    ///   - rows: takes the rows as bytes in the request's format, a piece after the other; the worker waits for it.
    /// - Throws: ``Failure``: usage with DuckDB's words, refused by the sandbox, limit for time, memory and a full queue,
    ///   cancelled; or what `rows` throws.
    public func run(
        _ request: QueryRequest, onProgress: @escaping @Sendable (QueryProgress) -> Void = { _ in },
        rows: @escaping @Sendable ([UInt8]) async throws -> Void
    ) async throws {
        let worker = try await take()
        lastCatalog = request.catalog
        let result = await Self.run(request, on: worker, onProgress, rows)
        await giveBack(worker)
        try result.get()
    }

    /// Ends the workers and sends those away who wait. What still runs ends with its caller.
    public func shutDown() async {
        isClosed = true
        let workers = idle
        idle = []
        for caller in queue { caller.continuation.resume(throwing: Self.closed) }
        queue = []
        for worker in workers { await worker.end() }
    }

    /// The processes of workers without work.
    var idleProcesses: [pid_t] { idle.map(\.processID) }
    /// How many callers wait for a worker.
    var waitingCallers: Int { queue.count }

    // MARK: - Workers

    private static func run(
        _ request: QueryRequest, on worker: WorkerConversation,
        _ onProgress: @escaping @Sendable (QueryProgress) -> Void,
        _ rows: @escaping @Sendable ([UInt8]) async throws -> Void
    ) async -> Result<Void, any Error> {
        await withTaskCancellationHandler {
            await withTaskGroup(of: Result<Void, any Error>?.self) { group in
                group.addTask {
                    do {
                        try await worker.run(request, onProgress: onProgress, rows: rows)
                        return .success(())
                    } catch {
                        return .failure(error)
                    }
                }
                group.addTask {
                    // Woken early, by the end of the query or by cancellation, it is no deadline.
                    guard (try? await Task.sleep(for: .seconds(request.timeoutSeconds))) != nil else {
                        return nil
                    }
                    worker.expire()
                    return nil
                }
                for await case let result? in group {
                    group.cancelAll()
                    return result
                }
                return .success(())
            }
        } onCancel: {
            worker.kill()
        }
    }

    private func take() async throws -> WorkerConversation {
        guard !isClosed else { throw Self.closed }
        if idle.isEmpty, count < options.workers { idle.append(try start()) }
        if let worker = idle.popLast() { return worker }
        guard queue.count < options.waiting else {
            throw Failure(
                .limit,
                "too many queries: \(count) run and \(queue.count) wait; try again when some have ended")
        }
        nextID += 1
        let id = nextID
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if Task.isCancelled { return continuation.resume(throwing: Self.cancelled) }
                queue.append((id, continuation))
            }
        } onCancel: {
            // Cancellation comes from any thread, and the queue is the actor's.
            Task { await self.leaveQueue(id) }
        }
    }

    private func leaveQueue(_ id: UInt64) {
        guard let index = queue.firstIndex(where: { $0.id == id }) else { return }
        queue.remove(at: index).continuation.resume(throwing: Self.cancelled)
    }

    private func giveBack(_ worker: WorkerConversation) async {
        if await worker.isUsable, !isClosed {
            idle.append(worker)
        } else {
            worker.kill()
            count -= 1
        }
        fill()
    }

    /// Starts the workers that are missing, and gives them to those who wait.
    private func fill() {
        guard !isClosed else { return }
        while count < options.workers {
            do {
                idle.append(try startPrepared())
            } catch {
                // Who waits would wait for ever; who comes later tries again.
                if count == 0 {
                    for caller in queue { caller.continuation.resume(throwing: error) }
                    queue = []
                }
                break
            }
        }
        while !queue.isEmpty, let worker = idle.popLast() {
            queue.removeFirst().continuation.resume(returning: worker)
        }
    }

    private func startPrepared() throws -> WorkerConversation {
        let worker = try start()
        // A large catalog is sent once the worker reads; the pool does not wait for that.
        if let lastCatalog { Task { try? await worker.prepare(lastCatalog) } }
        return worker
    }

    private func start() throws -> WorkerConversation {
        let setup = WorkerSetup(
            memoryBytes: options.memoryBytes, threads: options.threads,
            readableFolders: options.readableFolders, writableFolder: options.writableFolder,
            keepsEngine: options.keepsEngine, hasOnlyWalls: options.hasOnlyWalls)
        let worker = try WorkerConversation(executable: options.executable, setup: setup)
        count += 1
        return worker
    }

    private static let closed = Failure(.cancelled, "Sesame is shutting down; the query was not run")
    private static let cancelled = Failure(.cancelled, "the query was cancelled")
}

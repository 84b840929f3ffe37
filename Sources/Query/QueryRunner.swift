import Foundation
import Primitives
import Synchronization

/// Runs users' statements, each in a worker process that ends with it.
///
/// The rows flow from the worker straight into a descriptor; nothing of a result is held here.
public struct QueryRunner: Sendable {
    private let executable: URL

    /// A runner whose workers are `executable query-worker`.
    public init(executable: URL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()) {
        self.executable = executable
    }

    /// Runs a statement and sends its rows to `output`.
    ///
    /// When the calling task is cancelled the worker is killed.
    ///
    /// - Throws: ``Failure``: usage with DuckDB's words, refused by the sandbox, limit for time and memory, cancelled.
    public func run(_ request: QueryRequest, output: FileHandle) async throws {
        let worker = Process()
        worker.executableURL = executable
        worker.arguments = ["query-worker"]
        let input = Pipe()
        let errors = Pipe()
        worker.standardInput = input
        worker.standardOutput = output
        worker.standardError = errors
        let watch = Watch()
        let encoded = try JSONEncoder().encode(request)
        let talk = try Talk(worker: worker, input: input, errors: errors)
        watch.begin(worker.processIdentifier)
        let message = try await withTaskCancellationHandler {
            try await withThrowingTaskGroup(of: Data?.self) { group in
                group.addTask { try await talk.finish(sending: encoded) }
                group.addTask {
                    // Woken early, by the end of the query or by cancellation, it is no deadline.
                    guard (try? await Task.sleep(for: .seconds(request.timeoutSeconds))) != nil else {
                        return nil
                    }
                    watch.expire()
                    return nil
                }
                while let step = try await group.next() {
                    if let step {
                        group.cancelAll()
                        return step
                    }
                }
                return Data()
            }
        } onCancel: {
            watch.kill()
        }
        watch.end()
        if Task.isCancelled { throw Failure(.cancelled, "the query was cancelled") }
        if watch.isExpired {
            throw Failure(
                .limit,
                "the query was stopped at its deadline of \(request.timeoutSeconds) seconds; ask for less or raise --timeout"
            )
        }
        try judge(worker, message)
    }

    private func judge(_ worker: Process, _ message: Data) throws {
        if worker.terminationReason == .uncaughtSignal {
            // Whoever read the rows has seen enough: `| head`.
            if worker.terminationStatus == SIGPIPE { return }
            // A terminal sends Ctrl-C to the worker as well.
            if worker.terminationStatus == SIGINT { throw Failure(.cancelled, "interrupted") }
            if worker.terminationStatus == SIGXCPU {
                throw Failure(
                    .limit,
                    "the query was stopped at its limit of processor time; ask for less or raise --timeout")
            }
            if [SIGILL, SIGTRAP].contains(worker.terminationStatus) {
                throw Failure(.storage, "the query worker crashed; please report the statement")
            }
            // Where memory cannot be had, C++ aborts and C reads at an address that is none.
            throw Failure(
                .limit, "the query needs more memory than its limit; ask for less or raise --memory")
        }
        guard worker.terminationStatus != 0 else { return }
        guard let problem = try? JSONDecoder().decode(QueryWorker.Problem.self, from: message),
            let kind = Failure.Kind(rawValue: problem.kind)
        else {
            let text = String(decoding: message.prefix(500), as: UTF8.self)
            if text.contains("bad_alloc") || text.contains("memory") || text.isEmpty {
                throw Failure(
                    .limit, "the query needs more memory than its limit; ask for less or raise --memory")
            }
            throw Failure(.storage, "the query worker ended with status \(worker.terminationStatus): \(text)")
        }
        throw Failure(kind, problem.message)
    }
}

/// Kills a worker while it runs, and never a process that got its number later.
private final class Watch: Sendable {
    private let state = Mutex<(process: pid_t, isExpired: Bool)>((0, false))

    var isExpired: Bool { state.withLock { $0.isExpired } }
    func begin(_ process: pid_t) { state.withLock { $0.process = process } }
    func end() { state.withLock { $0.process = 0 } }
    func kill() { state.withLock { if $0.process > 0 { _ = Foundation.kill($0.process, SIGKILL) } } }

    func expire() {
        state.withLock { if $0.process > 0 { $0.isExpired = true } }
        kill()
    }
}

/// The blocking half of a conversation with a worker, on a thread of its own.
private actor Talk {
    private let executor = BlockingExecutor(label: "sesame.worker")
    private let worker: Process
    private let input: Pipe
    private let errors: Pipe

    init(worker: Process, input: Pipe, errors: Pipe) throws {
        self.worker = worker
        self.input = input
        self.errors = errors
        try worker.run()
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Sends the request and waits for the end; what the worker said of errors.
    func finish(sending request: Data) throws -> Data {
        let length = (0..<8).map { UInt8(truncatingIfNeeded: request.count >> ($0 * 8)) }
        // A worker that died early has closed its end; its status says why.
        try? input.fileHandleForWriting.write(contentsOf: Data(length) + request)
        let message = (try? errors.fileHandleForReading.readToEnd()) ?? Data()
        worker.waitUntilExit()
        // Only now: its end tells the worker that nobody waits for it.
        try? input.fileHandleForWriting.close()
        return message
    }
}

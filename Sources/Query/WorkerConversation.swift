import Foundation
import Primitives
import Synchronization

/// One worker as its pool knows it: the blocking half of the conversation, on a thread of its own.
actor WorkerConversation {
    private let executor = BlockingExecutor(label: "sesame.worker")
    private let process: WorkerProcess
    private var catalog: QueryCatalog?
    /// Whether it can take another statement.
    private(set) var isUsable = true
    /// Why it was killed, where that was not the system's doing.
    private let isExpired = Mutex(false)

    /// Starts a worker; it makes itself ready while the caller goes on.
    init(executable: String, setup: WorkerSetup) throws {
        process = try WorkerProcess(executable: executable)
        // What cannot be sent shows when a statement is: the worker's end says why.
        _ = WholeIO.send(try WorkerOrder.setup(setup).encoded(), to: process.socket)
    }

    /// Tells the worker what the next statements will probably read, so that it is ready for them.
    func prepare(_ catalog: QueryCatalog) throws {
        guard catalog != self.catalog else { return }
        _ = WholeIO.send(try WorkerOrder.catalog(catalog).encoded(), to: process.socket)
        self.catalog = catalog
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Ends the worker now.
    nonisolated func kill() { process.kill() }

    /// Ends the worker and waits until it has gone.
    func end() { abandon() }

    nonisolated var processID: pid_t { process.identifier }

    /// Runs a statement to its end.
    ///
    /// When the calling task is cancelled, or `rows` throws, the worker is killed.
    func run(
        _ request: QueryRequest, onProgress: @Sendable (QueryProgress) -> Void,
        rows: @Sendable ([UInt8]) async throws -> Void
    ) async throws {
        let started = ContinuousClock.now
        var isOver = false
        defer {
            // A statement that did not come to its end goes on in the worker.
            if !isOver { abandon() }
        }
        try send(request)
        while let (kind, payload) = readFrame() {
            switch kind {
            case .rows: try await rows(payload)
            case .progress:
                let fraction = Double(bitPattern: WholeIO.number(payload))
                let seconds = (ContinuousClock.now - started) / .seconds(1)
                onProgress(QueryProgress(fraction: fraction < 0 ? nil : fraction, seconds: seconds))
            case .ending:
                let ending = try JSONDecoder().decode(WorkerEnding.self, from: Data(payload))
                isOver = !ending.isSpent
                if let failure = ending.failure { throw failure }
                return
            }
        }
        throw try judgement(request)
    }

    /// Kills the worker at the statement's deadline.
    nonisolated func expire() {
        isExpired.withLock { $0 = true }
        process.kill()
    }

    private func send(_ request: QueryRequest) throws {
        try prepare(request.catalog)
        _ = WholeIO.send(try WorkerOrder.statement(WorkerStatement(request)).encoded(), to: process.socket)
    }

    private func readFrame() -> (WorkerFrame, [UInt8])? {
        guard let header = WholeIO.read(5, from: process.socket), let kind = WorkerFrame(rawValue: header[0])
        else { return nil }
        let length = Int(WholeIO.number(header.dropFirst()))
        guard length <= WorkerFrame.most, let payload = WholeIO.read(length, from: process.socket) else {
            return nil
        }
        return (kind, payload)
    }

    private func abandon() {
        isUsable = false
        process.kill()
        _ = process.wait()
    }

    /// Why the worker has gone without a word.
    private func judgement(_ request: QueryRequest) throws -> Failure {
        process.kill()
        let status = process.wait() ?? SIGKILL
        if Task.isCancelled { return Failure(.cancelled, "the query was cancelled") }
        if isExpired.withLock({ $0 }) {
            return Failure(
                .limit,
                "the query was stopped at its deadline of \(request.timeoutSeconds) seconds; ask for less, or with sesame sql raise --timeout"
            )
        }
        switch status & 0x7F {
        case 0:
            return Failure(.storage, "the query worker ended with status \(status >> 8 & 0xFF)")
        case SIGXCPU:
            return Failure(
                .limit,
                "the query was stopped at its limit of processor time; ask for less, or with sesame sql raise --timeout"
            )
        case SIGILL, SIGTRAP:
            return Failure(.storage, "the query worker crashed; please report the statement")
        // Where memory cannot be had, C++ aborts and C reads at an address that is none.
        case let signal:
            return Failure(
                .limit,
                "the query needs more memory than its limit; ask for less, or with sesame sql raise --memory (its worker ended with signal \(signal))"
            )
        }
    }
}

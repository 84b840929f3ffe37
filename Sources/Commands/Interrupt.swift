import Dispatch
import Foundation
import Primitives
import Synchronization

/// Makes Ctrl-C end a piece of work instead of the process.
enum Interrupt {
    private static let current = Mutex<AsyncStream<Void>.Continuation?>(nil)

    /// One source for the life of the process: on Linux a second one for the same signal is never called.
    ///
    /// Proof for `nonisolated(unsafe)`: set up in its initialiser, which runs once, and never touched again.
    nonisolated(unsafe) private static let source: any DispatchSourceSignal = {
        signal(SIGINT, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler {
            let isHandled = current.withLock { continuation in
                continuation?.yield()
                return continuation != nil
            }
            // Between two pieces of work the process ends as if nobody had asked for the signal.
            if !isHandled { Foundation._exit(130) }
        }
        source.resume()
        return source
    }()

    /// Runs `work`; Ctrl-C cancels it and throws ``Failure/Kind/cancelled``.
    static func cancels(_ work: @escaping @Sendable () async throws -> Void) async throws {
        _ = source
        let (interrupts, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingOldest(1))
        current.withLock { $0 = continuation }
        defer { current.withLock { $0 = nil } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await work() }
            group.addTask {
                for await _ in interrupts { throw Failure(.cancelled, "interrupted") }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

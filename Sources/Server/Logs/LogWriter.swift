import Dispatch
import Foundation
import Synchronization

/// Writes lines to a descriptor from a thread of its own, so that a slow reader of the log slows down nobody else.
///
/// At most ``limit`` lines wait; further ones are dropped, and how many is said by a line when there is room again.
final class LogWriter: Sendable {
    static let limit = 10_000

    private struct State {
        var waiting = 0
        var dropped = 0
    }

    private let descriptor: Int32
    private let queue = DispatchQueue(label: "sesame.log-writer")
    private let state = Mutex(State())

    init(descriptor: Int32 = STDERR_FILENO) { self.descriptor = descriptor }

    /// Puts a line, without its newline, behind those before it.
    func write(_ line: String) {
        let dropped: Int? = state.withLock { state in
            guard state.waiting < Self.limit else {
                state.dropped += 1
                return nil
            }
            state.waiting += 1
            defer { state.dropped = 0 }
            return state.dropped
        }
        guard let dropped else { return }
        queue.async { [self] in
            if dropped > 0 { put("\(dropped) log lines were dropped: the log's reader is too slow\n") }
            put(line + "\n")
            state.withLock { $0.waiting -= 1 }
        }
    }

    /// Waits until what was written before is out.
    func flush() { queue.sync {} }

    private func put(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                // A log whose reader has gone is no reason to stop.
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }
}

import Foundation
import Primitives

/// Writes a result to a descriptor, on a thread of its own since a reader may take its time.
actor ResultOutput {
    private let executor = BlockingExecutor(label: "sesame.output")
    private let descriptor: Int32

    /// Writes to `descriptor`, which the caller keeps open.
    init(descriptor: Int32) { self.descriptor = descriptor }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Writes all of `bytes`. A cancelled task is not kept by a reader that does not read.
    func write(_ bytes: [UInt8]) throws {
        var position = 0
        while position < bytes.count {
            try Task.checkCancellation()
            var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&state, 1, 100) > 0 else { continue }
            // As much as a pipe that is ready takes without blocking.
            let most = min(bytes.count - position, 4_096)
            let written = bytes.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress! + position, most)
            }
            if written < 0, errno == EINTR || errno == EAGAIN { continue }
            guard written > 0 else {
                throw Failure(.storage, "the result cannot be written: \(String(cString: strerror(errno)))")
            }
            position += written
        }
    }
}

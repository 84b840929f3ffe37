import Foundation
import Synchronization

/// A worker's side of the conversation: rows are collected, and everything goes out in frames.
///
/// When the parent has gone, so does the process.
final class WorkerOutput: Sendable {
    private let socket: Int32
    private let pending = Mutex<[UInt8]>([])

    init(socket: Int32) { self.socket = socket }

    /// Adds to the rows; blocks while the parent does not take what was sent.
    func write(_ text: String) {
        pending.withLock { pending in
            pending.append(contentsOf: text.utf8)
            if pending.count >= 1 << 16 { send(&pending) }
        }
    }

    /// Sends the rows that were collected.
    func flush() {
        pending.withLock { send(&$0) }
    }

    /// Says how far the statement is.
    func report(_ fraction: Double?) {
        let bits = (fraction ?? -1).bitPattern
        pending.withLock { _ in
            frame(.progress, (0..<8).map { UInt8(truncatingIfNeeded: bits >> ($0 * 8)) })
        }
    }

    /// Says how the statement ended. Rows that were not sent when it failed are not sent any more.
    func end(_ ending: WorkerEnding) {
        pending.withLock { pending in
            pending.removeAll(keepingCapacity: true)
            guard let json = try? JSONEncoder().encode(ending) else { Foundation._exit(1) }
            frame(.ending, [UInt8](json))
        }
    }

    private func send(_ pending: inout [UInt8]) {
        for start in stride(from: 0, to: pending.count, by: WorkerFrame.most) {
            frame(.rows, pending[start..<min(start + WorkerFrame.most, pending.count)])
        }
        pending.removeAll(keepingCapacity: true)
    }

    private func frame(_ kind: WorkerFrame, _ payload: some Collection<UInt8>) {
        let length = (0..<4).map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
        guard WholeIO.send([kind.rawValue] + length + payload, to: socket) else { Foundation._exit(0) }
    }
}

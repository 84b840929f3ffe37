import Foundation
import HTTPTypes
import Primitives

/// `/health`, `/health/live`, `/health/ready`: for load balancers, containers and people. They need no token, so they say
/// what is wrong and not where.
struct HealthRoute: Sendable {
    /// What keeps events from being taken; none is well.
    let reasons: @Sendable () async -> [String]
    /// What is wrong though events are taken; it is told and keeps nobody away.
    var concerns: @Sendable () async -> [String] = { [] }

    func ready(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let reasons = await reasons()
        let told = reasons + (await concerns())
        return .json(
            reasons.isEmpty ? .ok : .serviceUnavailable,
            ["live": true, "ready": .flag(reasons.isEmpty), "reasons": .list(told.map { .text($0) })])
    }

    func live(_ request: IncomingRequest) async throws -> ReceiverAnswer { .json(.ok, ["live": true]) }
}

/// Tries whether a folder can be written, at most once in ``interval``.
actor DiskProbe {
    private let executor = BlockingExecutor(label: "sesame.disk-probe")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Microseconds for which an answer holds, so that asking costs a stranger more than it costs the disk.
    static let interval: Int64 = 5_000_000

    private let folder: String
    private let now: @Sendable () -> Timestamp
    private var last: (at: Timestamp, isWritable: Bool)?

    init(folder: String, now: @escaping @Sendable () -> Timestamp = { .now }) {
        (self.folder, self.now) = (folder, now)
    }

    /// Why events cannot be kept in the folder; none if they can.
    func reasons() -> [String] {
        let time = now()
        if let last, time.microseconds - last.at.microseconds < Self.interval {
            return Self.reasons(last.isWritable)
        }
        let isWritable = write()
        last = (time, isWritable)
        return Self.reasons(isWritable)
    }

    private static func reasons(_ isWritable: Bool) -> [String] {
        isWritable ? [] : ["the event log's disk cannot be written"]
    }

    /// Writes and syncs a file as long as a small batch, and removes it.
    private func write() -> Bool {
        let path = folder + "/probe.tmp"
        let descriptor = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return false }
        defer {
            close(descriptor)
            unlink(path)
        }
        let bytes = [UInt8](repeating: 0, count: 64 << 10)
        let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
        return written == bytes.count && fsync(descriptor) == 0
    }
}

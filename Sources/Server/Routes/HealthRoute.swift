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

    /// For how long an answer holds, so that asking costs a stranger more than it costs the disk.
    static let interval = Duration.seconds(5)

    private let folder: String
    private let uptime: @Sendable () -> Duration
    private var last: (at: Duration, reasons: [String])?

    /// A probe of a folder; `uptime` is a clock that is never set back.
    init(folder: String, uptime: @escaping @Sendable () -> Duration = { Uptime.now }) {
        (self.folder, self.uptime) = (folder, uptime)
    }

    /// Why events cannot be kept in the folder; none if they can.
    func reasons() -> [String] {
        let time = uptime()
        if let last, time - last.at < Self.interval { return last.reasons }
        let reasons = write().map { [Self.sentence($0)] } ?? []
        last = (time, reasons)
        return reasons
    }

    /// What an error number means, without a path: strangers read it.
    private static func sentence(_ code: Int32) -> String {
        switch code {
        case ENOSPC, EDQUOT: "the event log's disk is full"
        case EROFS: "the event log's disk can only be read"
        default: "the event log's disk cannot be written"
        }
    }

    /// Writes and syncs a file as long as a small batch, and removes it; gives the error number.
    private func write() -> Int32? {
        let path = folder + "/probe.tmp"
        let descriptor = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return errno }
        defer {
            close(descriptor)
            unlink(path)
        }
        let bytes = [UInt8](repeating: 0, count: 64 << 10)
        let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
        if written < 0 { return errno }
        // A disk that takes a part of it has no room for the rest.
        guard written == bytes.count else { return ENOSPC }
        return fsync(descriptor) == 0 ? nil : errno
    }
}

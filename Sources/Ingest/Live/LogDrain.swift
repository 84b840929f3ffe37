import EventLog
import Lake
import Primitives

/// What one commit of the drain brought.
public struct DrainedBatch: Sendable, Equatable {
    /// All records of the log before this offset are in the lake.
    public var offset: UInt64
    /// Events that are new.
    public var events: Int
    /// Events that were there already, by source.
    public var duplicates: [String: Int] = [:]
    /// Records that could not be read and were kept in `refused`.
    public var refused: Int
    /// Rows of streams that have tables of their own.
    public var rows = 0
}

/// Takes what the event log holds into the lake, where every query sees it: read → split → decode → drop what is there →
/// commit, the offset with it.
///
/// Whatever the instant at which it is killed, an event is in the lake once: it begins at the offset that the lake itself
/// recorded in the commit of the events before it, and what it reads again is known by its identity.
public struct LogDrain: Sendable {
    let log: EventLog
    let lake: EventLake
    let policy: DrainPolicy
    let now: @Sendable () -> Duration
    let onBatch: @Sendable (DrainedBatch) async -> Void
    let onWarning: @Sendable (Failure) -> Void

    /// A drain of `log` into `lake`, whose ``WriterLock`` this process holds.
    ///
    /// - Parameters:
    ///   - now: a clock that only goes forward.
    ///   - onBatch: hears of each batch that is in the lake.
    ///   - onWarning: hears of what went wrong; the drain tries again from the last commit.
    public init(
        _ log: EventLog, into lake: EventLake, _ policy: DrainPolicy = DrainPolicy(),
        now: @escaping @Sendable () -> Duration = { Uptime.now },
        onBatch: @escaping @Sendable (DrainedBatch) async -> Void = { _ in },
        onWarning: @escaping @Sendable (Failure) -> Void = { _ in }
    ) {
        self.log = log
        self.lake = lake
        self.policy = policy
        self.now = now
        self.onBatch = onBatch
        self.onWarning = onWarning
    }

    /// Drains until the task is cancelled or the log closed, and commits what is in hand then.
    ///
    /// A full disk or a failed commit ends nothing: after a pause it goes on from what the lake has.
    public func run() async {
        while !Task.isCancelled {
            do {
                var pass = try await DrainPass(self)
                return try await pass.run(until: nil)
            } catch is CancellationError {
                return
            } catch {
                onWarning(Self.failure(error))
                try? await Task.sleep(for: policy.retryDelay)
            }
        }
    }

    /// Drains the records before `offset`, commits and returns.
    ///
    /// - Throws: ``Failure``; what was committed before it stays.
    public func run(until offset: UInt64) async throws {
        var pass = try await DrainPass(self)
        try await pass.run(until: offset)
    }

    /// Commits records of a stream, anew where its columns were changed at this moment.
    func commit(_ records: [StreamRecord], to table: String, offset: UInt64) async throws -> StreamReport {
        for _ in 1..<3 {
            do {
                return try await lake.commit(records, toStream: table, offset: offset)
            } catch CommitRejection.conflict {
                continue
            }
        }
        return try await lake.commit(records, toStream: table, offset: offset)
    }

    private static func failure(_ error: any Error) -> Failure {
        switch error {
        case let failure as Failure: failure
        case let rejection as CommitRejection: rejection.failure
        default: Failure(.storage, "the event log could not be taken into the lake: \(error)")
        }
    }
}

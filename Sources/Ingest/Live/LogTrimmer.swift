import EventLog
import Foundation
import Lake
import Primitives

/// Moves received bytes from the event log to `raw/` when the lake has their events, a segment at a time.
///
/// A segment is removed only after its bytes are on the disk under a name made of its first offset,
/// `raw/year=/month=/day=/log-<20 digits>.ndjson.zst`, by the day on which its first record was received. Killed between
/// the two, the next pass writes the same file again. So `raw` and the log together always hold all that `events` holds.
public actor LogTrimmer {
    private let executor = BlockingExecutor(label: "sesame.log.trim")
    private let log: EventLog
    private let lake: EventLake
    private let onWarning: @Sendable (Failure) -> Void

    /// A trimmer of the log that a ``LogDrain`` takes into `lake`.
    public init(
        _ log: EventLog, of lake: EventLake, onWarning: @escaping @Sendable (Failure) -> Void = { _ in }
    ) {
        self.log = log
        self.lake = lake
        self.onWarning = onWarning
    }

    /// The trimmer's own thread, for it compresses and waits for the disk.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Trims until the task is cancelled. A segment fills in seconds at the most, so a look every ten is often enough.
    public func run() async {
        while !Task.isCancelled {
            do {
                try await pass()
            } catch let failure as Failure {
                onWarning(failure)
            } catch {
                onWarning(Failure(.storage, "the event log could not be trimmed: \(error)"))
            }
            try? await Task.sleep(for: .seconds(10))
        }
    }

    /// Moves the segments that are wholly in the lake.
    ///
    /// - Returns: how many.
    @discardableResult
    public func pass() async throws -> Int {
        let segments = try await log.segments(before: try await lake.committedOffset())
        for segment in segments {
            try await keep(segment)
            FailPoint.reached("log.beforeTrim")
            try await log.trim(before: segment.upperBound)
        }
        return segments.count
    }

    /// Writes the records of a segment to a raw file.
    private func keep(_ segment: Range<UInt64>) async throws {
        let reader = log.makeReader()
        var frames = RawFrames(scrubber: try lake.erasures.scrubber())
        var file: RawBatchWriter?
        var position = segment.lowerBound
        while position < segment.upperBound {
            do {
                let records = try await reader.read(from: position).filter { $0.offset < segment.upperBound }
                guard let first = records.first, let last = records.last else { break }
                if file == nil {
                    file = try RawBatchWriter(
                        raw: lake.home.raw, receivedAt: first.record.receivedAt,
                        name: "log-" + Self.digits(segment.lowerBound))
                }
                try await file?.write(try frames.frame(records))
                position = last.offset + 1
            } catch LogError.damaged(let damage) {
                onWarning(Failure(.storage, "\(damage)"))
                position = damage.resumesAt
            }
        }
        try await file?.keep()
    }

    private static func digits(_ offset: UInt64) -> String {
        let text = String(offset)
        return String(repeating: "0", count: 20 - text.count) + text
    }
}

import EventLog
import Primitives

/// Where fetched records become durable: the event log, with patience.
///
/// What is fetched waits at AWS as well as here, so a full log is no error: it is waited for.
public struct FetchSink: Sendable {
    private let append: @Sendable ([LogRecord]) async throws -> Void
    /// Bytes of the log that are not in the lake's raw files yet.
    private let backlog: @Sendable () -> Int
    private let pause: Duration

    /// With more than this in the log nothing is fetched: what a first look into a full bucket finds must not fill the disk
    /// faster than the lake takes it.
    static let largestBacklog = 2 << 30

    /// A sink of a log.
    public init(_ log: EventLog) {
        self.init(append: { try await log.append($0) }, backlog: { log.statistics.segmentBytes })
    }

    init(
        append: @escaping @Sendable ([LogRecord]) async throws -> Void,
        backlog: @escaping @Sendable () -> Int = { 0 }, pause: Duration = .seconds(1)
    ) {
        (self.append, self.backlog, self.pause) = (append, backlog, pause)
    }

    /// Returns when the records are on the disk; waits while the log is full or far ahead of the lake.
    ///
    /// - Throws: ``Failure`` of kind storage, `CancellationError`.
    func keep(_ records: [LogRecord]) async throws {
        while backlog() > Self.largestBacklog { try await Task.sleep(for: pause) }
        while true {
            do { return try await append(records) } catch LogError.overloaded {
                try await Task.sleep(for: pause)
            }
        }
    }
}

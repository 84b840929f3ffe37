import Primitives

/// A durable, append-only log of received records in a folder of the local disk.
///
/// What `append` returns for is on the disk. Records are numbered; readers see durable ones only. One process has a log
/// open at a time; see ``inspect(_:)`` for looking on. The file format stands in `SegmentFormat.swift`.
public final class EventLog: Sendable {
    /// The folder's path.
    public let folder: String
    /// What opening found at the log's end: bytes that a crash left, or damage. Worth a line for the operator.
    public let recovery: LogRecovery

    let location: LogFolder
    let index: LogIndex
    private let queue: AppendQueue
    private let writer: SegmentWriter

    private init(
        _ location: LogFolder, recovery: LogRecovery, index: LogIndex, queue: AppendQueue,
        writer: SegmentWriter
    ) {
        folder = location.path
        self.recovery = recovery
        self.location = location
        self.index = index
        self.queue = queue
        self.writer = writer
    }

    /// Opens the log in a folder, which is made if it is not there, and removes what a crash left at its end.
    ///
    /// - Throws: ``Failure`` of kind refused while another process has it open, and storage where the disk fails or the
    ///   last segment is no segment.
    public static func open(_ folder: String, _ options: LogOptions = LogOptions()) async throws -> EventLog {
        let location = LogFolder(path: folder)
        let (index, queue) = (LogIndex(), AppendQueue(options))
        let writer = SegmentWriter(folder: location, options: options, queue: queue, index: index)
        let recovery = try await writer.open()
        return EventLog(location, recovery: recovery, index: index, queue: queue, writer: writer)
    }

    /// Appends a batch and returns its offsets when it is on the disk.
    ///
    /// All of the batch is kept or, after an error or a crash before the return, all or nothing. Appends at the same time share
    /// one sync. A cancelled task still waits for the disk, since the batch can't be called back.
    ///
    /// - Throws: ``LogError/overloaded(retryAfterSeconds:)`` at once where the queue is full; ``Failure`` of kind storage
    ///   where the disk is full or broken, limit for a batch larger than the queue, usage for a record with a name or
    ///   attribute too long.
    @discardableResult
    public func append(_ records: [LogRecord]) async throws -> Range<UInt64> {
        if records.isEmpty { return durableEnd..<durableEnd }
        let ticket = try queue.enqueue(records)
        return try await writer.outcome(of: ticket)
    }

    /// A reader with a position and a thread of its own.
    public func makeReader() -> LogReader { LogReader(folder: location, index: index) }

    /// Waits, without polling, until there is a durable record with this offset, and gives the log's end then.
    ///
    /// - Throws: `CancellationError`, and ``Failure`` of kind cancelled when the log is closed.
    @discardableResult
    public func waitForRecords(from offset: UInt64) async throws -> UInt64 {
        try await index.wait(for: offset)
    }

    /// The records of the segments that lie wholly before `offset`, oldest first: what ``trim(before:)`` would remove, for
    /// a consumer that keeps them elsewhere first. A last segment that is full or old, and lies before it, is ended.
    ///
    /// - Throws: ``Failure`` of kind storage.
    public func segments(before offset: UInt64) async throws -> [Range<UInt64>] {
        try await writer.segments(before: offset)
    }

    /// Ends the last segment, so that all records there are now lie in segments that ``trim(before:)`` can remove.
    ///
    /// - Returns: the offset after them.
    /// - Throws: ``Failure`` of kind storage.
    public func endSegment() async throws -> UInt64 { try await writer.endSegment() }

    /// Removes segments that lie wholly before `offset`; call it when the consumer has committed that far.
    ///
    /// - Throws: ``Failure`` of kind storage; what is not removed then is removed by a later call.
    public func trim(before offset: UInt64) async throws { try await writer.trim(before: offset) }

    /// Makes what waits durable, closes the files and lets other processes in; appends and waits fail from now on.
    public func close() async {
        queue.close()
        await writer.close()
    }

    /// The number after the last durable record, which the next record gets.
    public var durableEnd: UInt64 { index.view.durableEnd }

    /// The first record that is kept; equal to ``durableEnd`` where none is.
    public var firstOffset: UInt64 { index.view.firstOffset }

    /// Counts since opening, and the present state.
    public var statistics: LogStatistics {
        var statistics = index.statistics
        queue.report(into: &statistics)
        return statistics
    }
}

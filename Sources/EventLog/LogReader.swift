import Primitives

/// Reads durable records in order, from any offset on; made by ``EventLog/makeReader()``.
///
/// It remembers where it stopped, so that reading on costs no search. It has a thread of its own; use one reader for
/// each consumer.
public actor LogReader {
    private let executor = BlockingExecutor(label: "sesame.log.reader")
    private let folder: LogFolder
    private let index: LogIndex
    private var scanner: SegmentScanner?

    init(folder: LogFolder, index: LogIndex) {
        self.folder = folder
        self.index = index
    }

    /// The reader's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// The records from `offset` on, in order and without a gap: whole batches until they have `maximumBytes` or more,
    /// at least one batch; none if `offset` is the log's end.
    ///
    /// - Throws: ``LogError/damaged(_:)`` where the record at `offset` cannot be read; records before the damage are
    ///   given first. ``Failure`` of kind notFound for records that were trimmed or are yet to come, and storage where a
    ///   file cannot be read.
    public func read(from offset: UInt64, maximumBytes: Int = 8 << 20) throws -> [LoggedRecord] {
        let view = index.view
        guard (view.firstOffset...view.durableEnd).contains(offset) else {
            throw Failure(
                .notFound,
                "the event log in \(folder.path) has records \(view.firstOffset)..<\(view.durableEnd), and "
                    + "\(offset) was asked for")
        }
        var records: [LoggedRecord] = []
        var bytes = 0
        var next = offset
        while bytes < maximumBytes, next < view.durableEnd {
            do {
                guard let (batch, found) = try readBatch(holding: next, in: view) else {
                    if records.isEmpty { throw trimmed(offset) }
                    break
                }
                bytes += batch.byteCount
                next = batch.endOffset
                records += found.drop { $0.offset < offset }
            } catch {
                scanner = nil
                guard !records.isEmpty else { throw error }
                break
            }
        }
        return records
    }

    /// The batch in which a record lies; nil if its segment was trimmed since.
    private func readBatch(
        holding offset: UInt64, in view: LogIndex.View
    ) throws -> (BatchHeader, [LoggedRecord])? {
        guard let (segment, end) = view.segment(holding: offset) else { return nil }
        guard var scanner = try scanner(at: offset, in: segment) else { return nil }
        self.scanner = nil
        while true {
            let (position, expected) = (scanner.position, scanner.nextOffset)
            let reason: String
            let resumesAt: UInt64
            switch try scanner.next() {
            case .batch(let batch) where batch.endOffset <= offset: continue
            case .batch(let batch):
                do {
                    let records = try scanner.records(of: batch)
                    self.scanner = scanner
                    return (batch, records)
                } catch { (reason, resumesAt) = (error.reason, batch.endOffset) }
            case .end: (reason, resumesAt) = ("the file ends before its records do", end)
            case .broken(let found):
                (reason, resumesAt) = (
                    found, try scanner.resynchronize() ? min(scanner.nextOffset, end) : end
                )
            }
            // Damage before the wanted record is passed over, for the caller knows of it; else it is the answer.
            guard resumesAt <= offset else {
                throw LogError.damaged(
                    LogDamage(
                        segment: scanner.file.path, position: position, offset: expected,
                        resumesAt: resumesAt,
                        reason: reason))
            }
        }
    }

    /// A scanner that stands at or before a record: the one at hand, or a new one at the segment's beginning.
    private func scanner(at offset: UInt64, in segment: LogIndex.Segment) throws -> SegmentScanner? {
        if var scanner, scanner.header.firstOffset == segment.firstOffset, scanner.nextOffset <= offset {
            scanner.limit = segment.length
            return scanner
        }
        let path = folder.segment(segment.firstOffset)
        guard let file = try SegmentFile(path) else { return nil }
        do {
            return try SegmentScanner(file, firstOffset: segment.firstOffset, limit: segment.length)
        } catch let problem as FormatProblem {
            let next = index.view.segments.first { $0.firstOffset > segment.firstOffset }
            throw LogError.damaged(
                LogDamage(
                    segment: path, position: 0, offset: segment.firstOffset,
                    resumesAt: next?.firstOffset ?? index.view.durableEnd, reason: problem.reason))
        }
    }

    private func trimmed(_ offset: UInt64) -> Failure {
        Failure(.notFound, "record \(offset) was removed from the event log in \(folder.path) meanwhile")
    }
}

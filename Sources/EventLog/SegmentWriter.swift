import Primitives

/// Writes groups of batches to the last segment; the only place that changes files.
///
/// Group commit without a thread that waits: each append puts its batch into the queue and then asks this actor for the
/// outcome. The first to be heard writes and syncs all that is queued; the others find their outcome. While the disk is
/// busy the next group gathers.
actor SegmentWriter {
    /// The segment at the end of the log.
    struct OpenSegment {
        var file: any LogFile
        var header: SegmentHeader
        /// Bytes that are durable; the next batch begins there.
        var length: Int
    }

    private let executor = BlockingExecutor(label: "sesame.log")
    let folder: LogFolder
    let options: LogOptions
    let index: LogIndex
    private let queue: AppendQueue
    private var outcomes: [UInt64: Result<Range<UInt64>, Failure>] = [:]
    private var buffer: [UInt8] = []
    /// Nil where the next group begins a new segment.
    var current: OpenSegment?
    var lock: LogLock?

    private static let writeLength = 1 << 20

    init(folder: LogFolder, options: LogOptions, queue: AppendQueue, index: LogIndex) {
        self.folder = folder
        self.options = options
        self.queue = queue
        self.index = index
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// The offsets that the batch with this ticket got, once they are durable.
    func outcome(of ticket: UInt64) throws(Failure) -> Range<UInt64> {
        if outcomes[ticket] == nil { writeGroup() }
        guard let outcome = outcomes.removeValue(forKey: ticket) else {
            preconditionFailure("each ticket was queued before it is asked for, and is asked for once")
        }
        return try outcome.get()
    }

    /// Writes what is queued and lets go of the files.
    func close() {
        writeGroup()
        current = nil
        lock = nil
        index.close()
    }

    /// The segments all of whose records come before `offset`, oldest first; see ``EventLog/segments(before:)``.
    func segments(before offset: UInt64) throws(Failure) -> [Range<UInt64>] {
        let end = index.view.durableEnd
        if let current, isDue(current), offset >= end, end > current.header.firstOffset {
            try beginSegment(at: end)
        }
        let segments = index.view.segments
        // The last stays: its name holds the numbering.
        return zip(segments, segments.dropFirst()).prefix { $1.firstOffset <= offset }
            .map { $0.firstOffset..<$1.firstOffset }
    }

    /// Removes the segments all of whose records come before `offset`.
    func trim(before offset: UInt64) throws(Failure) {
        // Oldest first, so that a crash in between leaves no gap.
        let done = try segments(before: offset)
        if done.isEmpty { return }
        for segment in done {
            let path = folder.segment(segment.lowerBound)
            do { try options.disk.remove(path) } catch { throw error.failure("delete", path) }
            index.update { view, _ in view.segments.removeFirst() }
        }
        do { try options.disk.syncFolder(folder.path) } catch { throw error.failure("sync", folder.path) }
    }

    private func writeGroup() {
        let group = queue.takeAll()
        if group.isEmpty { return }
        let clock = ContinuousClock()
        let start = clock.now
        do {
            let offsets = try write(group)
            for (batch, range) in zip(group, offsets) { outcomes[batch.ticket] = .success(range) }
        } catch {
            for batch in group { outcomes[batch.ticket] = .failure(error) }
            index.update { _, statistics in statistics.failedAppends += group.count }
        }
        let time = clock.now - start
        index.update { _, statistics in statistics.busy += time }
        queue.release(group, after: time)
    }

    private func write(_ group: [AppendQueue.Batch]) throws(Failure) -> [Range<UInt64>] {
        var segment = try segmentToAppendTo()
        let start = index.view.durableEnd
        let path = folder.segment(segment.header.firstOffset)
        let offsets: [Range<UInt64>]
        let length: Int
        do {
            (offsets, length) = try write(group, to: segment, from: start)
        } catch {
            // Disk full, mostly. What was written is cut off again; a file that cannot even be cut is given up.
            do { try segment.file.truncate(to: segment.length) } catch { current = nil }
            throw error.failure("write", path)
        }
        FailPoint.reached("log.beforeSync")
        do {
            try segment.file.sync()
        } catch {
            // The kernel reports a failed write-back once and then takes the pages for clean, so a second sync of this
            // file would succeed without the bytes. Never trust it again: its durable part stays as it is, and the log
            // goes on in a new file. That is made at once if it can be, so that a restart does not take this file for
            // the last and its bytes for safe; else by the next append. Readers stop at the durable end anyway.
            try? segment.file.truncate(to: segment.length)
            current = nil
            _ = try? beginSegment(at: start)
            throw error.failure("sync", path)
        }
        FailPoint.reached("log.afterSync")
        let written = length - segment.length
        segment.length = length
        current = segment
        index.update { view, statistics in
            view.segments[view.segments.count - 1].length = length
            view.durableEnd = offsets.last?.upperBound ?? start
            statistics.appends += group.count
            statistics.records += Int(view.durableEnd - start)
            statistics.bytesWritten += written
            statistics.groups += 1
        }
        return offsets
    }

    /// Writes the batches behind the durable bytes; gives their offsets and the length that the file has then.
    private func write(
        _ group: [AppendQueue.Batch], to segment: OpenSegment, from start: UInt64
    ) throws(SystemError) -> ([Range<UInt64>], length: Int) {
        var position = segment.length
        var offsets: [Range<UInt64>] = []
        var next = start
        defer { recycleBuffer() }
        for (number, batch) in group.enumerated() {
            buffer.append(
                batch: batch.records, byteCount: batch.byteCount, at: next, durableEnd: start,
                mark: segment.header.mark)
            offsets.append(next..<next + UInt64(batch.records.count))
            next += UInt64(batch.records.count)
            guard buffer.count >= Self.writeLength || number == group.count - 1 else { continue }
            try segment.file.writeAll(buffer, at: position)
            FailPoint.reached("log.afterAppend")
            position += buffer.count
            buffer.removeAll(keepingCapacity: true)
        }
        return (offsets, position)
    }

    /// Empties the buffer, and gives back the memory of an unusually large group.
    private func recycleBuffer() {
        buffer.removeAll(keepingCapacity: buffer.capacity <= 8 * Self.writeLength)
    }
}

import Primitives

extension SegmentWriter {
    /// Takes the lock and finds the log's end; makes the folder and the first segment where there are none.
    func open() throws(Failure) -> LogRecovery {
        try folder.create(on: options.disk)
        lock = try LogLock(folder)
        do { try options.disk.remove(folder.temporary) } catch {
            throw error.failure("delete", folder.temporary)
        }
        let segments = try folder.segments()
        var recovery = LogRecovery()
        if let last = segments.last {
            for offset in segments.dropLast() {
                let length = try SegmentFile(folder.segment(offset))?.length() ?? 0
                index.update { view, _ in
                    view.segments.append(LogIndex.Segment(firstOffset: offset, length: length))
                }
            }
            recovery = try recover(last)
        }
        if segments.isEmpty || index.view.durableEnd < options.startingOffset {
            try beginSegment(at: options.startingOffset)
        }
        return recovery
    }

    /// Finds the end of the last segment, cuts what a crash left behind it, and makes the rest durable.
    private func recover(_ firstOffset: UInt64) throws(Failure) -> LogRecovery {
        let path = folder.segment(firstOffset)
        let length: Int
        var scanner: SegmentScanner
        (scanner, length) = try openLast(path, firstOffset)
        let end = try scanner.scanToEnd(path)
        var recovery = LogRecovery(damage: end.damage)
        let file: any LogFile
        do {
            file = try options.disk.open(path)
            if end.damage == nil && end.position < length {
                try file.truncate(to: end.position)
                recovery.cut = LogRecovery.Cut(
                    segment: path, position: end.position, bytes: length - end.position,
                    reason: end.reason ?? "")
            }
            // The process before may have died between write and sync: what is shown to readers must be durable.
            try file.sync()
        } catch {
            throw error.failure("recover", path)
        }
        if end.damage == nil {
            current = OpenSegment(file: file, header: scanner.header, length: end.position)
        }
        index.update { view, _ in
            view.segments.append(LogIndex.Segment(firstOffset: firstOffset, length: end.position))
            view.durableEnd = end.offset
        }
        return recovery
    }

    private func openLast(
        _ path: String, _ firstOffset: UInt64
    ) throws(Failure) -> (SegmentScanner, length: Int) {
        guard let file = try SegmentFile(path) else { throw Failure(.storage, "\(path) was removed") }
        let length = try file.length()
        do {
            return (try SegmentScanner(file, firstOffset: firstOffset, limit: length), length)
        } catch let failure as Failure {
            throw failure
        } catch {
            let reason = (error as? FormatProblem)?.reason ?? "\(error)"
            throw Failure(
                .storage,
                "\(path) is no segment of an event log: \(reason); restore it from a backup, or move it out of the "
                    + "folder to go on without its records")
        }
    }
}

import Primitives

extension SegmentWriter {
    /// The segment that the next group goes to: the last, or a new one where that is full, old or not to be trusted.
    func segmentToAppendTo() throws(Failure) -> OpenSegment {
        if let current, !isDue(current) { return current }
        return try beginSegment(at: index.view.durableEnd)
    }

    /// Whether a segment has reached its size or age. An empty one is as good as new; one from the future is too old, for the
    /// clock was set back since, and it would else stay until the clock is there again.
    func isDue(_ segment: OpenSegment) -> Bool {
        if segment.length == SegmentFormat.headerLength { return false }
        let age = options.now().microseconds - segment.header.createdAt.microseconds
        return segment.length >= options.segmentBytes || age < 0 || .microseconds(age) >= options.segmentAge
    }

    /// Begins a new segment, unless the last is empty.
    func endSegment() throws(Failure) -> UInt64 {
        let end = index.view.durableEnd
        if current?.length != SegmentFormat.headerLength { try beginSegment(at: end) }
        return end
    }

    /// Makes a segment for the records from `offset` on, in place of one of the same name, which holds no durable one.
    @discardableResult
    func beginSegment(at offset: UInt64) throws(Failure) -> OpenSegment {
        let path = folder.segment(offset)
        let header = SegmentHeader(
            firstOffset: offset, createdAt: options.now(), mark: .random(in: .min ... .max))
        let bytes = header.encoded()
        // Whatever goes wrong from here on, the segment before is not gone on with: the new one may have its name already, and
        // the next process would take that for the log's end and not see what was appended before it.
        current = nil
        let file: any LogFile
        do {
            try options.disk.remove(folder.temporary)
            file = try options.disk.create(folder.temporary)
            try file.writeAll(bytes, at: 0)
            try file.sync()
            try options.disk.rename(folder.temporary, to: path)
            try options.disk.syncFolder(folder.path)
        } catch {
            throw error.failure("create", path)
        }
        let segment = OpenSegment(file: file, header: header, length: bytes.count)
        current = segment
        index.update { view, _ in
            if view.segments.last?.firstOffset == offset { view.segments.removeLast() }
            view.segments.append(LogIndex.Segment(firstOffset: offset, length: bytes.count))
            view.durableEnd = offset
        }
        return segment
    }
}

import Scanning

/// Finds the records of a byte stream without parsing them.
///
/// A record is a JSON object. Records may stand one a line, several in a line with nothing between, over many lines, as
/// elements of an array, or in any mixture; blank lines, CRLF, byte order marks and commas between them are skipped.
///
/// **The fast way** rests on two facts. A string holds no raw newline, and inside an object or an array a `}` is never
/// followed by `{` without a comma. So between a line that ends with `}` and a line that begins with `{` there is a
/// boundary, whatever the lines hold; and a line that begins with `{` at a boundary and ends at one is whole records.
/// It is handed out after one `memchr`, marked as not exact. Nearly always it is one record. If a parser can't read it, it asks
/// ``resplit(_:_:limits:)``.
///
/// **The exact way** walks the bytes (``RecordWalker``). Everything else takes it, so its records are certain.
///
/// **What is no record** is refused up to the end of its line, and lines after it that begin no record belong to it. The next
/// line that begins with `{` goes on as if nothing had been. A record that a later line proves to be broken is refused
/// only up to the first line in it that begins with `{`, so that one record cut off does not take others with it.
///
/// The same stream gives the same records and refusals however it is cut into windows, save for which records are exact.
public struct RecordSplitter: Sendable {
    /// The limits it was made with.
    public let limits: SplitLimits
    /// Bytes of the stream before the next window.
    public private(set) var streamOffset: Int
    /// The line of the first byte of the next window, from 1.
    public private(set) var line: Int

    private var walker = RecordWalker()
    private var refusal: OpenRefusal?
    private var isSkippingLine = false
    /// Bytes before this place were walked twice already; failing there again must not look back again, or an input
    /// made for it would take quadratic time.
    private var restartedUntil = 0
    private let usesFastWay: Bool

    /// Lines longer than this are walked: a parser should not read much only to learn that it was several records.
    private static let longestFastLine = 64 << 10
    private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

    /// A splitter of the stream that begins here.
    public init(limits: SplitLimits = SplitLimits()) {
        self.init(limits: limits, streamOffset: 0, line: 1, usesFastWay: true)
    }

    private init(limits: SplitLimits, streamOffset: Int, line: Int, usesFastWay: Bool) {
        self.limits = limits
        self.streamOffset = streamOffset
        self.line = line
        self.usesFastWay = usesFastWay
    }

    /// Adds what `window` holds to `output`, and says how many of its bytes are done with.
    ///
    /// The next window must begin with the bytes that are not, and hold more after them. When `isLast` is true, nothing
    /// follows and all bytes are done with. A window longer than a record may be always moves on.
    public mutating func split(
        _ window: UnsafeRawBufferPointer, isLast: Bool, into output: inout SplitRecords
    ) -> Int {
        var cursor = Cursor(bytes: window)
        while step(&cursor, isLast: isLast, &output) {}
        streamOffset += cursor.offset
        if isLast { closeRefusal(&output) }
        return cursor.offset
    }

    /// The records of bytes that are all there, each walked and so exact.
    public static func splitAll(
        _ bytes: UnsafeRawBufferPointer, limits: SplitLimits = SplitLimits()
    ) -> SplitRecords {
        var splitter = RecordSplitter(limits: limits, streamOffset: 0, line: 1, usesFastWay: false)
        var output = SplitRecords()
        _ = splitter.split(bytes, isLast: true, into: &output)
        return output
    }

    /// What a line that is not exact, and that a parser could not read, really holds.
    ///
    /// If that is one exact record of the same range, the record is whole, and the parser's own error is the reason to
    /// refuse it. Offsets are relative to `bytes`, the same that `record` was found in.
    public static func resplit(
        _ record: RecordRange, _ bytes: UnsafeRawBufferPointer, limits: SplitLimits = SplitLimits()
    ) -> SplitRecords {
        var splitter = RecordSplitter(
            limits: limits, streamOffset: record.streamOffset, line: record.line, usesFastWay: false)
        var output = SplitRecords()
        _ = splitter.split(UnsafeRawBufferPointer(rebasing: bytes[record.range]), isLast: true, into: &output)
        for index in output.records.indices { output.records[index].offset += record.offset }
        // The end of the line is not the end of the file, though the splitter saw nothing after it.
        for index in output.refusals.indices where output.refusals[index].reason == .cutOffFile {
            output.refusals[index].reason = .cutOffLine
        }
        return output
    }
}

// MARK: - Steps

extension RecordSplitter {
    /// Where a call stands in its window.
    private struct Cursor {
        let bytes: UnsafeRawBufferPointer
        var offset = 0
        /// The first newline at or after some earlier offset, so that no byte is searched for it twice.
        private var knownNewline = -1

        init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

        var isAtEnd: Bool { offset == bytes.count }

        /// The first newline at or after the offset, or the window's end.
        mutating func lineEnd() -> Int {
            if knownNewline < offset {
                knownNewline = ByteScan.newline(in: bytes, from: offset, to: bytes.count)
            }
            return knownNewline
        }
    }

    /// One piece further; false when the window is done with or cannot be decided without more.
    private mutating func step(_ cursor: inout Cursor, isLast: Bool, _ output: inout SplitRecords) -> Bool {
        if isSkippingLine { return skipLine(&cursor) }
        skipSeparators(&cursor)
        if cursor.isAtEnd { return false }
        if cursor.bytes[cursor.offset] == Ascii.openBrace {
            closeRefusal(&output)
            if usesFastWay, takeLine(&cursor, &output) { return true }
            return walk(&cursor, isLast: isLast, &output)
        }
        if let count = byteOrderMark(cursor) {
            if count == 0, !isLast { return false }
            if count > 0 {
                refusal?.appendGap(cursor.bytes[cursor.offset..<cursor.offset + count])
                cursor.offset += count
                return true
            }
        }
        if refusal?.hasRoom != true {
            closeRefusal(&output)
            open(.notAnObject, at: cursor.offset)
        }
        isSkippingLine = true
        return true
    }

    /// The fast way: hands out the line if it stands between two boundaries.
    private mutating func takeLine(_ cursor: inout Cursor, _ output: inout SplitRecords) -> Bool {
        let bytes = cursor.bytes
        let start = cursor.offset
        let lineEnd = cursor.lineEnd()
        guard lineEnd < bytes.count,
            lineEnd - start <= min(RecordSplitter.longestFastLine, limits.recordBytes)
        else { return false }
        var last = lineEnd - 1
        while Ascii.isBlank(bytes[last]) { last -= 1 }
        guard bytes[last] == Ascii.closeBrace else { return false }
        var next = lineEnd + 1
        var lines = 1
        while next < bytes.count, Ascii.isSpace(bytes[next]) {
            if bytes[next] == Ascii.newline { lines += 1 }
            next += 1
        }
        guard next < bytes.count, bytes[next] == Ascii.openBrace else { return false }
        output.records.append(
            RecordRange(
                offset: start, length: last + 1 - start, streamOffset: streamOffset + start, line: line,
                isExact: false))
        line += lines
        cursor.offset = next
        return true
    }

    /// The exact way.
    private mutating func walk(_ cursor: inout Cursor, isLast: Bool, _ output: inout SplitRecords) -> Bool {
        let start = cursor.offset
        let end = min(cursor.bytes.count, start + limits.recordBytes)
        switch walker.walk(cursor.bytes, from: start, to: end) {
        case .complete(let place):
            output.records.append(
                RecordRange(
                    offset: start, length: place.offset - start, streamOffset: streamOffset + start,
                    line: line,
                    isExact: true))
            line += place.lines
            cursor.offset = place.offset
        case .ranOut(let place) where end < cursor.bytes.count:
            refuse(&cursor, until: place, .tooLong(limit: limits.recordBytes))
            isSkippingLine = true
        case .ranOut(let place):
            guard isLast else { return false }
            refuseBroken(&cursor, place, .cutOffFile)
        case .broken(let place, let reason):
            refuseBroken(&cursor, place, reason)
        case .interrupted(let place):
            let target = restart(before: place) ?? place
            refuse(&cursor, until: target, .cutOffLine)
        }
        return true
    }

    /// Refuses a broken record up to where another may begin, or to the end of the line at which it proved broken.
    private mutating func refuseBroken(
        _ cursor: inout Cursor, _ place: RecordWalker.Place, _ reason: Refusal.Reason
    ) {
        if let target = restart(before: place) {
            refuse(&cursor, until: target, .cutOffLine)
        } else {
            refuse(&cursor, until: place, reason)
            isSkippingLine = true
        }
    }

    private mutating func restart(before place: RecordWalker.Place) -> RecordWalker.Place? {
        guard let target = walker.restart, target.offset < place.offset,
            streamOffset + place.offset > restartedUntil
        else { return nil }
        restartedUntil = streamOffset + place.offset
        return target
    }

    private mutating func refuse(
        _ cursor: inout Cursor, until place: RecordWalker.Place, _ reason: Refusal.Reason
    ) {
        open(reason, at: cursor.offset)
        refusal?.append(cursor.bytes[cursor.offset..<place.offset])
        line += place.lines
        cursor.offset = place.offset
    }

    private mutating func skipLine(_ cursor: inout Cursor) -> Bool {
        let lineEnd = cursor.lineEnd()
        refusal?.append(cursor.bytes[cursor.offset..<lineEnd])
        cursor.offset = lineEnd
        if cursor.isAtEnd { return false }
        isSkippingLine = false
        return true
    }

    private mutating func skipSeparators(_ cursor: inout Cursor) {
        let bytes = cursor.bytes
        let start = cursor.offset
        var offset = start
        scan: while offset < bytes.count {
            switch bytes[offset] {
            case Ascii.newline: line += 1
            case Ascii.space, Ascii.tab, Ascii.carriageReturn, Ascii.comma, Ascii.closeBracket,
                Ascii.recordSeparator:
                break
            case Ascii.openBracket:
                // An array holds records; an array in an array holds none.
                if offset + 1 < bytes.count, bytes[offset + 1] == Ascii.openBracket { break scan }
            default: break scan
            }
            offset += 1
        }
        refusal?.appendGap(bytes[start..<offset])
        cursor.offset = offset
    }

    /// The length of a byte order mark here, which files joined by `cat` hold anywhere; zero if it may be cut by the
    /// window's end.
    private func byteOrderMark(_ cursor: Cursor) -> Int? {
        let rest = cursor.bytes[cursor.offset...]
        for (byte, expected) in zip(rest, RecordSplitter.byteOrderMark) where byte != expected { return nil }
        return rest.count < 3 ? 0 : 3
    }

    private mutating func open(_ reason: Refusal.Reason, at offset: Int) {
        refusal = OpenRefusal(
            reason, streamOffset: streamOffset + offset, line: line, keptBytes: limits.keptBytes)
    }

    private mutating func closeRefusal(_ output: inout SplitRecords) {
        guard let open = refusal else { return }
        output.refusals.append(open.closed())
        refusal = nil
    }
}

import Scanning

/// A refused stretch that may go on: to the end of its line, and over lines after it that begin no record.
///
/// Lines that follow are taken in (up to the kept size) so that the tail of one broken pretty-printed record is one refusal
/// and not one a line. What lies between is taken in only once such a line follows.
struct OpenRefusal {
    private let reason: Refusal.Reason
    private let streamOffset: Int
    private let line: Int
    private let keptBytes: Int
    private var kept: [UInt8] = []
    private var length = 0
    private var committedLength = 0

    init(_ reason: Refusal.Reason, streamOffset: Int, line: Int, keptBytes: Int) {
        self.reason = reason
        self.streamOffset = streamOffset
        self.line = line
        self.keptBytes = keptBytes
    }

    /// True while another line may be taken in without losing bytes.
    var hasRoom: Bool { committedLength < keptBytes }

    /// Takes in bytes that belong to the refusal for certain.
    mutating func append(_ bytes: Slice<UnsafeRawBufferPointer>) {
        appendGap(bytes)
        committedLength = length
    }

    /// Takes in bytes that belong to it only if more follows.
    mutating func appendGap(_ bytes: Slice<UnsafeRawBufferPointer>) {
        kept.append(contentsOf: bytes.prefix(keptBytes - kept.count))
        length += bytes.count
    }

    /// The refusal as it stands, without white space at its end.
    func closed() -> Refusal {
        var bytes = kept.prefix(committedLength)
        var length = committedLength
        if bytes.count == length {
            while let last = bytes.last, Ascii.isSpace(last) { bytes.removeLast() }
            length = bytes.count
        }
        return Refusal(
            reason: reason, bytes: Array(bytes), length: length, streamOffset: streamOffset, line: line)
    }
}

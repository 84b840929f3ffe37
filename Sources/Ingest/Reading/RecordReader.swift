import Compression
import Primitives

/// Reads a file, or anything that gives bytes, as blocks of records.
///
/// It decompresses by the first bytes, keeps two blocks in memory beside those that the consumer holds, and cuts blocks
/// between records, so that each can be parsed by another thread.
public final class RecordReader {
    /// What errors call the input.
    public let name: String
    /// Compressed bytes read so far, for progress.
    public var compressedOffset: Int { input.compressedOffset }

    private let input: Decompressor
    private let descriptor: OpenFile?
    private let blockBytes: Int
    private let pool: BlockBufferPool
    private var splitter: RecordSplitter
    private var buffer: BlockBuffer
    private var filled = 0
    private var isAtStart = true
    private var isAtEnd = false
    private var failure: (any Error)?

    /// A reader of a file, which it closes when it goes, or of standard input.
    public convenience init(
        _ path: InputPath, blockBytes: Int = 8 << 20, limits: SplitLimits = SplitLimits()
    ) throws {
        let file = try OpenFile(path)
        self.init(
            Decompressor(name: path.name, descriptor: file.descriptor), file: file, blockBytes: blockBytes,
            limits: limits)
    }

    /// A reader of any source of bytes.
    public convenience init(
        _ input: Decompressor, blockBytes: Int = 8 << 20, limits: SplitLimits = SplitLimits()
    ) {
        self.init(input, file: nil, blockBytes: blockBytes, limits: limits)
    }

    private init(_ input: Decompressor, file: OpenFile?, blockBytes: Int, limits: SplitLimits) {
        name = input.name
        self.input = input
        descriptor = file
        // A block longer than the longest record always has a place to be cut.
        self.blockBytes = max(blockBytes, limits.recordBytes + (4 << 10))
        pool = BlockBufferPool(byteCount: self.blockBytes + RecordBlock.padding)
        splitter = RecordSplitter(limits: limits)
        buffer = pool.take()
    }

    deinit { pool.give(back: buffer) }

    /// The next block that holds anything; nil at the end.
    ///
    /// When the input turns out to be damaged, the records before the damage are handed out first.
    public func next() throws -> RecordBlock? {
        while !isAtEnd {
            if let failure { throw failure }
            do {
                try fill()
            } catch {
                failure = error
            }
            if let block = cut() { return block }
        }
        return nil
    }

    private func fill() throws {
        while filled < blockBytes {
            let room = UnsafeMutableRawBufferPointer(rebasing: buffer.memory[filled..<blockBytes])
            let count = try input.read(into: room)
            if count == 0 {
                isAtEnd = true
                break
            }
            filled += count
        }
        if isAtStart {
            isAtStart = false
            let head = UnsafeRawBufferPointer(rebasing: buffer.memory[..<filled])
            if let format = ForeignFormat(head) {
                isAtEnd = false
                filled = 0
                throw Failure(.input, "\(name) is \(format.advice)")
            }
        }
    }

    /// Splits what is filled, and moves what is left into the buffer of the next block.
    private func cut() -> RecordBlock? {
        let window = UnsafeRawBufferPointer(rebasing: buffer.memory[..<filled])
        let streamOffset = splitter.streamOffset
        var content = SplitRecords()
        let done = splitter.split(window, isLast: isAtEnd, into: &content)
        let rest = UnsafeRawBufferPointer(rebasing: window[done...])
        if content.isEmpty {
            buffer.memory.copyMemory(from: rest)
            filled = rest.count
            return nil
        }
        let following = pool.take()
        following.memory.copyMemory(from: rest)
        let padded = buffer.memory[filled..<filled + RecordBlock.padding]
        UnsafeMutableRawBufferPointer(rebasing: padded).initializeMemory(as: UInt8.self, repeating: 0)
        let block = RecordBlock(
            content: content, limits: splitter.limits, streamOffset: streamOffset, count: filled,
            buffer: buffer,
            pool: pool)
        buffer = following
        filled = rest.count
        return block
    }
}

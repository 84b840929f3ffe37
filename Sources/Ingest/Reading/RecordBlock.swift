import Synchronization

/// Bytes of a stream and the records in them.
///
/// The bytes never change once the block is handed out, which is why it may cross threads. Its memory goes back to the
/// reader when the last reference goes, so a consumer need not think of it, and the next block pays no page faults.
public final class RecordBlock: @unchecked Sendable {
    /// Zero bytes after the last one, which a SIMD parser may read past it.
    public static let padding = 64

    /// What lies in the block. The offsets of the records count from the start of ``bytes``.
    public let content: SplitRecords
    /// The place of the block's first byte in the stream, after decompression.
    public let streamOffset: Int
    /// The bytes, valid as long as the block is; at least ``padding`` more may be read after them.
    public let bytes: UnsafeRawBufferPointer

    private let buffer: BlockBuffer
    private let pool: BlockBufferPool
    private let limits: SplitLimits
    private let wholeCount: Int

    init(
        content: SplitRecords, limits: SplitLimits, streamOffset: Int, count: Int, wholeCount: Int? = nil,
        buffer: BlockBuffer, pool: BlockBufferPool
    ) {
        self.content = content
        self.limits = limits
        self.streamOffset = streamOffset
        self.buffer = buffer
        self.pool = pool
        bytes = UnsafeRawBufferPointer(start: buffer.memory.baseAddress, count: count)
        let records = content.records.last?.range.upperBound ?? 0
        let refused = content.refusals.last.map { $0.streamOffset - streamOffset + $0.length } ?? 0
        self.wholeCount = wholeCount ?? min(count, max(records, refused))
    }

    deinit { pool.give(back: buffer) }

    /// The records.
    public var records: [RecordRange] { content.records }

    /// The stretches that hold no record.
    public var refusals: [Refusal] { content.refusals }

    /// The bytes of one record.
    public func bytes(of record: RecordRange) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[record.range])
    }

    /// The bytes up to the end of the last record or refused stretch; what follows comes again in the next block.
    public var wholeRecords: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[..<wholeCount]) }

    /// What a record that is not exact really holds; for one that the parser could not read.
    public func resplit(_ record: RecordRange) -> SplitRecords {
        RecordSplitter.resplit(record, bytes, limits: limits)
    }
}

/// Memory of one block; only its owner touches it.
struct BlockBuffer: @unchecked Sendable {
    let memory: UnsafeMutableRawBufferPointer

    init(byteCount: Int) {
        memory = .allocate(byteCount: byteCount, alignment: 64)
    }
}

/// Buffers of one size that wait to be used again.
final class BlockBufferPool: Sendable {
    /// Of these, more than a few only hold memory: one is filled while each of some threads reads another.
    private static let mostFree = 4

    let byteCount: Int
    private let free = Mutex<[BlockBuffer]>([])

    init(byteCount: Int) { self.byteCount = byteCount }

    deinit { free.withLock { for buffer in $0 { buffer.memory.deallocate() } } }

    func take() -> BlockBuffer {
        free.withLock { $0.popLast() } ?? BlockBuffer(byteCount: byteCount)
    }

    func give(back buffer: BlockBuffer) {
        let isKept = free.withLock { free in
            guard free.count < BlockBufferPool.mostFree else { return false }
            free.append(buffer)
            return true
        }
        if !isKept { buffer.memory.deallocate() }
    }
}

import Lake
import Parquet
import Primitives

/// What was decoded since the last commit, beside the events that the lanes stage.
struct ImportBatch {
    /// Staged events that make a batch: large enough for good row groups, small enough for the memory.
    static let events = 150_000
    /// Bytes of input that make a batch, whatever is in them; staged texts take less.
    static let bytes = 256 << 20
    /// Refused records that are held before they are kept.
    static let refused = 20_000

    private(set) var refused: [RefusedEvent] = []
    private(set) var signals: [ReputationSignal] = []
    private(set) var raw: [[UInt8]] = []
    /// Records of streams by their table.
    private(set) var streams: [String: [StreamRecord]] = [:]
    private var events = 0
    private var bytes = 0

    var isFull: Bool {
        events >= Self.events || bytes >= Self.bytes || refused.count >= Self.refused
    }

    mutating func add(_ result: DecodeResult, bytes count: Int) {
        events += result.events + result.signals.count
        signals += result.signals
        bytes += count
        refused += result.refused
        if !result.raw.isEmpty { raw.append(result.raw) }
    }

    /// Adds records of a stream; their bytes were counted with the events'.
    mutating func add(_ pieces: StreamPieces, to table: String) {
        events += pieces.records.count
        refused += pieces.refused
        if !pieces.records.isEmpty { streams[table, default: []] += pieces.records }
    }

    mutating func add(_ damaged: RefusedEvent) { refused.append(damaged) }
}

/// A batch that is ready to become part of the lake.
struct SealedBatch: Sendable {
    let fresh: FreshEvents
    /// What each lane encoded.
    let groups: [[TimePartition: [RowGroup]]]
    let refused: [RefusedEvent]
    /// What was said of the sender's reputation.
    let signals: [ReputationSignal]
    /// The received bytes, a zstd frame a block.
    let raw: [[UInt8]]
    /// How far the source of the records has come with them.
    var transaction: TransactionMark?

    /// Makes the batch part of the lake.
    ///
    /// Raw bytes first, then what was refused, then the events: each is kept before anything says it is done.
    ///
    /// - Returns: files that no version names yet, if the target is pending.
    func commit(to lake: EventLake, into target: EventLake.Target, receivedAt: Timestamp) async throws
        -> [AddFile]
    {
        guard fresh.count > 0 || !refused.isEmpty || !signals.isEmpty || transaction != nil else { return [] }
        var file: RawBatchWriter?
        if !raw.isEmpty {
            file = try RawBatchWriter(raw: lake.home.raw, receivedAt: receivedAt)
            for frame in raw { try await file?.write(frame) }
            try await file?.keep()
        }
        let kept = try await lake.keepRefused(refused) + lake.keepReputation(signals)
        let files = try await lake.commit(fresh, groups, into: target, transaction: transaction)
        if fresh.count == 0, kept == 0 { await file?.drop() }
        return files
    }
}

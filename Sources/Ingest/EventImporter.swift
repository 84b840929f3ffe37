import Foundation
import Lake
import Primitives
import SESEvents

/// Moves events from files into the lake: read → split → decode → stage → commit, a batch at a time.
///
/// A batch is all or nothing. Whatever the instant at which an import is killed, running it again gives the same lake.
public struct EventImporter: Sendable {
    /// Rows that are staged before they are committed: large enough for good row groups, small enough for the memory.
    static let batchRows = 100_000
    /// Refused records that are held before they are kept.
    static let refusedRows = 20_000

    private let lake: EventLake
    private let onProgress: @Sendable (ImportReport) -> Void

    /// An importer into a lake that was created.
    public init(_ lake: EventLake, onProgress: @escaping @Sendable (ImportReport) -> Void = { _ in }) {
        self.lake = lake
        self.onProgress = onProgress
    }

    /// Imports files.
    ///
    /// - Returns: the report, and sentences about the first records and files that were refused.
    /// - Throws: ``Failure`` of kind storage when the lake cannot be written; batches before stay.
    public func run(_ inputs: [InputPath], sourceName: String = "import") async throws -> (
        ImportReport, [String]
    ) {
        let lock = try WriterLock(lake: lake.home.lake)
        defer { withExtendedLifetime(lock) {} }
        let started = ContinuousClock.now
        try await lake.removeLeftovers()
        let context = EventDecoder.Context(receivedAt: .now, sourceName: sourceName, origin: "")
        var batch = try await pass(inputs, context: context, rebuilds: false)
        try await lake.updateMessages()
        batch.report.files = inputs.count
        batch.report.seconds = (ContinuousClock.now - started).seconds
        return (batch.report, batch.problems)
    }

    /// Makes `events` and `messages` anew from the raw files; the old files stay until the new ones are committed.
    public func rebuild() async throws -> ImportReport {
        let lock = try WriterLock(lake: lake.home.lake)
        defer { withExtendedLifetime(lock) {} }
        try await lake.removeLeftovers()
        let inputs = try InputPaths.expand([lake.home.raw.path])
        let context = EventDecoder.Context(receivedAt: .now, sourceName: "import", origin: "")
        let batch = try await pass(inputs, context: context, rebuilds: true)
        try await lake.replaceEvents(with: batch.pending)
        try await lake.rebuildMessages()
        return batch.report
    }

    private func pass(
        _ inputs: [InputPath], context: EventDecoder.Context, rebuilds: Bool
    ) async throws -> Batch {
        let feed = BlockFeed(inputs, context: context, keepsRaw: !rebuilds)
        var batch = Batch(lake: lake, receivedAt: context.receivedAt, rebuilds: rebuilds)
        let staged = try await lake.stagedRows()
        var lanes = try (0..<max(1, ProcessInfo.processInfo.activeProcessorCount)).map { _ in
            try DecodeLane(staged)
        }
        let started = ContinuousClock.now
        try await withThrowingTaskGroup(of: (DecodeLane, DecodeResult).self) { group in
            func takeBack() async throws {
                guard let (lane, result) = try await group.next() else { return }
                lanes.append(lane)
                batch.add(result)
            }
            while let step = await feed.next() {
                switch step {
                case .damaged(let refused): batch.add(refused)
                case .job(let job):
                    if lanes.isEmpty { try await takeBack() }
                    let lane = lanes.removeLast()
                    group.addTask { (lane, try await lane.run(job)) }
                }
                if batch.isFull {
                    while !group.isEmpty { try await takeBack() }
                    for lane in lanes { try await lane.finish() }
                    try await batch.commit()
                    batch.report.bytes = await feed.bytes
                    batch.report.files = await feed.filesBegun
                    batch.report.seconds = (ContinuousClock.now - started).seconds
                    onProgress(batch.report)
                }
            }
            while !group.isEmpty { try await takeBack() }
        }
        for lane in lanes { try await lane.finish() }
        try await batch.commit()
        batch.report.bytes = await feed.bytes
        batch.report.seconds = (ContinuousClock.now - started).seconds
        return batch
    }
}

/// What was staged since the last commit, and the sums since the start.
private struct Batch {
    let lake: EventLake
    let receivedAt: Timestamp
    let rebuilds: Bool
    var report = ImportReport()
    var problems: [String] = []
    /// Files of a rebuild, which one commit makes the table.
    var pending: [AddFile] = []

    private var staged = 0
    private var outOfOrder = 0
    private var refused: [RefusedEvent] = []
    private var raw: [[UInt8]] = []

    init(lake: EventLake, receivedAt: Timestamp, rebuilds: Bool) {
        self.lake = lake
        self.receivedAt = receivedAt
        self.rebuilds = rebuilds
    }

    var isFull: Bool { staged >= EventImporter.batchRows || refused.count >= EventImporter.refusedRows }

    mutating func add(_ result: DecodeResult) {
        report.records += result.records
        report.notEvents += result.notEvents.values.reduce(0, +)
        report.refused += result.refused.count
        staged += result.events
        outOfOrder += result.outOfOrder
        refused += result.refused
        for record in result.refused { note(record) }
        if !result.raw.isEmpty { raw.append(result.raw) }
    }

    mutating func add(_ damaged: RefusedEvent) {
        report.refused += 1
        refused.append(damaged)
        note(damaged)
    }

    private mutating func note(_ record: RefusedEvent) {
        guard problems.count < 20 else { return }
        let place =
            record.line > 0 ? "line \(record.line), byte \(record.byteOffset)" : "byte \(record.byteOffset)"
        problems.append("\(record.origin): \(place): \(record.reason)")
    }

    /// Raw bytes first, then what was refused, then the events: each is kept before anything says it is done.
    mutating func commit() async throws {
        guard staged > 0 || !refused.isEmpty else { return }
        let file = rebuilds ? nil : try RawBatchWriter(raw: lake.home.raw, receivedAt: receivedAt)
        if let file { for frame in raw { try await file.write(frame) } }
        try await file?.keep()
        let kept = try await lake.keepRefused(refused)
        // A share of one in a hundred out of order costs less to skip over than sorting all.
        let target: EventLake.Target = rebuilds ? .pending(pending) : .table
        let (commit, files) = try await lake.commitStaged(sort: outOfOrder * 100 > staged, into: target)
        if rebuilds { pending += files }
        if commit.events == 0, kept == 0 { await file?.drop() }
        report.events += commit.events
        report.duplicates += commit.duplicates
        (staged, outOfOrder, refused, raw) = (0, 0, [], [])
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

import EventLog
import Foundation
import Lake
import Parquet
import Primitives
import SESEvents

/// Moves events from files into the lake: read → split → decode → stage → commit, a batch at a time.
///
/// A batch is all or nothing. Whatever the instant at which an import is killed, running it again gives the same lake.
public struct EventImporter: Sendable {
    private let lake: EventLake
    private let onProgress: @Sendable (ImportReport) -> Void
    /// Rows of `messages` that are held in memory.
    var messageCapacity = MessageFold.usualCapacity

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
        // What comes in now has the token; it would not be known for events that still have the address.
        try lake.checkIdentities()
        let started = ContinuousClock.now
        try await lake.removeLeftovers()
        // What is folded below is added to a table that has all events before it.
        try await lake.updateMessages()
        let context = EventDecoder.Context(receivedAt: .now, sourceName: sourceName, origin: "")
        var outcome = try await read(inputs, context, rebuilds: false)
        try await lake.commit(outcome.fold)
        outcome.report.files = inputs.count
        outcome.report.seconds = (ContinuousClock.now - started).seconds
        return (outcome.report, outcome.problems)
    }

    /// Makes `events` and `messages` anew from the raw files and the event log, which has what is not in them yet; the old
    /// files stay until the new ones are committed.
    public func rebuild() async throws -> ImportReport {
        let lock = try WriterLock(lake: lake.home.lake)
        defer { withExtendedLifetime(lock) {} }
        try lake.checkIdentities()
        try lake.checkRawIsWhole()
        try await lake.removeLeftovers()
        let hasRaw = FileManager.default.fileExists(atPath: lake.home.raw.path)
        let inputs = hasRaw ? try InputPaths.expand([lake.home.raw.path]) : []
        let context = EventDecoder.Context(receivedAt: .now, sourceName: "import", origin: "")
        let log = try await openLog()
        let streams = Set(try await lake.streamTables().map(\.stream))
        let outcome = try await read(inputs, context, rebuilds: true, log: log, leavesOut: streams)
        await log?.close()
        try await lake.replaceEvents(with: outcome.pending)
        try await lake.commit(outcome.fold, replacing: true)
        return outcome.report
    }

    /// The event log, where there is one.
    private func openLog() async throws -> EventLog? {
        guard FileManager.default.fileExists(atPath: lake.home.log.path) else { return nil }
        var options = LogOptions()
        options.startingOffset = try await lake.furthestOffset()
        return try await EventLog.open(lake.home.log.path, options)
    }

    /// Brings the events of inputs into the lake. The lanes and all they hold are gone afterwards: the memory is wanted for
    /// merging `messages`.
    private func read(
        _ inputs: [InputPath], _ context: EventDecoder.Context, rebuilds: Bool, log: EventLog? = nil,
        leavesOut: Set<String> = []
    ) async throws -> ImportOutcome {
        let feed = BlockFeed(inputs, context: context, keepsRaw: !rebuilds, log: log, leavesOut: leavesOut)
        var pass = try ImportPass(
            lake, lake.makeMessageFold(capacity: messageCapacity), feed, receivedAt: context.receivedAt,
            rebuilds: rebuilds, onProgress: onProgress)
        try await pass.run()
        return pass.outcome
    }
}

/// What a pass over inputs made.
private struct ImportOutcome {
    var report = ImportReport()
    var problems: [String] = []
    /// Files of a rebuild, which one commit makes the table.
    var pending: [AddFile] = []
    /// The rows of `messages` that follow from the new events.
    let fold: MessageFold
}

/// One pass over inputs. While a batch is written and synced, the lanes decode the next one.
private struct ImportPass {
    private(set) var outcome: ImportOutcome

    private let lake: EventLake
    private let feed: BlockFeed
    private let receivedAt: Timestamp
    private let rebuilds: Bool
    private let onProgress: @Sendable (ImportReport) -> Void
    private let started = ContinuousClock.now
    private let lanes: DecodeLanes
    private var idle: [DecodeLane]
    private var isCommitting = false
    private var batch = ImportBatch()

    private enum Finished: Sendable {
        case decoded(DecodeLane, DecodeResult, bytes: Int)
        case committed([AddFile])
    }
    private typealias Work = ThrowingTaskGroup<Finished, any Error>

    init(
        _ lake: EventLake, _ fold: MessageFold, _ feed: BlockFeed, receivedAt: Timestamp, rebuilds: Bool,
        onProgress: @escaping @Sendable (ImportReport) -> Void
    ) throws {
        self.lake = lake
        self.rebuilds = rebuilds
        self.onProgress = onProgress
        self.receivedAt = receivedAt
        outcome = ImportOutcome(fold: fold)
        self.feed = feed
        lanes = try DecodeLanes(IntakePrivacy(of: lake))
        idle = lanes.all
    }

    mutating func run() async throws {
        try await withThrowingTaskGroup(of: Finished.self) { work in
            while let step = try await feed.next() {
                switch step {
                case .damaged(let refused):
                    outcome.report.refused += 1
                    batch.add(refused)
                    note(refused)
                case .job(let job):
                    while idle.isEmpty { try await takeBack(&work) }
                    let lane = idle.removeLast()
                    work.addTask { .decoded(lane, try await lane.run(job), bytes: job.block.bytes.count) }
                }
                if batch.isFull {
                    try await commit(&work)
                    outcome.report.files = await feed.filesBegun
                    onProgress(outcome.report)
                }
            }
            try await commit(&work)
            while !work.isEmpty { try await takeBack(&work) }
        }
        outcome.report.bytes = await feed.bytes
        outcome.report.seconds = (ContinuousClock.now - started).seconds
    }

    private mutating func takeBack(_ work: inout Work) async throws {
        switch try await work.next() {
        case .decoded(let lane, let result, let bytes):
            idle.append(lane)
            batch.add(result, bytes: bytes)
            outcome.report.records += result.records
            outcome.report.notEvents += result.notEvents.values.reduce(0, +)
            outcome.report.refused += result.refused.count
            for record in result.refused { note(record) }
        case .committed(let files):
            isCommitting = false
            if rebuilds { outcome.pending += files }
        case nil: break
        }
    }

    /// Seals the batch and begins to write it, after the one before is in the lake.
    private mutating func commit(_ work: inout Work) async throws {
        while idle.count < lanes.all.count || isCommitting { try await takeBack(&work) }
        let target: EventLake.Target = rebuilds ? .pending(outcome.pending) : .table
        let fresh = try await lake.fresh(await lanes.keys, for: target)
        let sealed = SealedBatch(
            fresh: fresh, groups: try await lanes.encode(fresh, into: outcome.fold), refused: batch.refused,
            signals: batch.signals, raw: batch.raw)
        outcome.report.events += fresh.count
        outcome.report.duplicates += fresh.duplicates
        outcome.report.bytes = await feed.bytes
        outcome.report.seconds = (ContinuousClock.now - started).seconds
        batch = ImportBatch()
        isCommitting = true
        work.addTask { [lake, receivedAt] in
            .committed(try await sealed.commit(to: lake, into: target, receivedAt: receivedAt))
        }
    }

    private mutating func note(_ record: RefusedEvent) {
        guard outcome.problems.count < 20 else { return }
        let place =
            record.line > 0 ? "line \(record.line), byte \(record.byteOffset)" : "byte \(record.byteOffset)"
        outcome.problems.append("\(record.origin): \(place): \(record.reason)")
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

import EventLog
import Lake
import Primitives

/// The drain from a committed offset on. While a batch is written and synced, the lanes decode the next one.
struct DrainPass {
    private let drain: LogDrain
    private let reader: LogReader
    private let lanes: DecodeLanes
    private var batch = ImportBatch()
    private var routes = StreamRoutes()
    /// When the first record of the batch came.
    private var batchSince: Duration?
    /// The next record to read.
    private var position: UInt64
    /// Where the batch began.
    private var batchStart: UInt64
    /// The offset that the lake has, or that is being committed.
    private var marked: UInt64
    private var unmarkedSince: Duration?
    private var isCommitting = false
    private var isClosed = false

    private typealias Commits = ThrowingTaskGroup<Void, any Error>

    init(_ drain: LogDrain) async throws {
        self.drain = drain
        reader = drain.log.makeReader()
        lanes = try DecodeLanes(IntakePrivacy(of: drain.lake))
        marked = try await drain.lake.committedOffset()
        guard marked <= drain.log.durableEnd else {
            throw Failure(
                .storage,
                "the lake has taken the event log up to record \(marked), and the log in \(drain.log.folder) ends at "
                    + "\(drain.log.durableEnd); open it with the lake's offset as its startingOffset")
        }
        if marked < drain.log.firstOffset {
            drain.onWarning(
                Failure(
                    .storage,
                    "the lake has taken the event log up to record \(marked), and the log begins at "
                        + "\(drain.log.firstOffset), as after the restore of an older lake; the records between are in "
                        + "raw: run sesame lake rebuild"))
        }
        position = max(marked, drain.log.firstOffset)
        batchStart = position
    }

    /// Reads and commits until the offset is reached, the task cancelled or the log closed.
    mutating func run(until end: UInt64?) async throws {
        try await withThrowingTaskGroup(of: Void.self) { commits in
            while true {
                let isEnding = Task.isCancelled || isClosed || end.map { position >= $0 } ?? false
                switch drain.policy.decision(situation(isEnding), at: drain.now()) {
                case .commit: try await commit(&commits, isEnding: isEnding)
                case .gather(let deadline):
                    if isEnding { return try await commits.waitForAll() }
                    if position < drain.log.durableEnd {
                        try await read()
                    } else if isCommitting {
                        // Its failure must not wait until another record comes.
                        try await finish(&commits)
                    } else {
                        await wait(until: deadline)
                    }
                }
            }
        }
    }

    private func situation(_ isEnding: Bool) -> DrainPolicy.Situation {
        DrainPolicy.Situation(
            isFull: batch.isFull, batchSince: batchSince,
            unmarkedRecords: batchStart > marked ? batchStart - marked : 0, unmarkedSince: unmarkedSince,
            isEnding: isEnding)
    }

    /// Decodes the next records; they are staged.
    private mutating func read() async throws {
        if batchSince == nil { batchSince = drain.now() }
        do {
            let records = try await reader.read(from: position, maximumBytes: drain.policy.readBytes)
            guard let last = records.last else { return }
            let bytes = records.reduce(0) { $0 + $1.record.body.count }
            let division = try await routes.divide(records, of: drain.lake)
            batch.add(await lanes.run(division.events), bytes: bytes)
            for (table, records) in division.streams {
                batch.add(await lanes.split(records), to: table)
            }
            position = last.offset + 1
        } catch LogError.damaged(let damage) {
            // Nothing behind it may wait for a restore that perhaps never comes.
            batch.add(
                RefusedEvent(
                    refusedAt: .now, sourceName: "event log", origin: damage.segment,
                    byteOffset: damage.position, line: 0, reason: "\(damage)", bytes: [], byteCount: 0))
            position = damage.resumesAt
        }
    }

    /// Waits for a record, or for the deadline.
    private mutating func wait(until deadline: Duration?) async {
        let (log, position) = (drain.log, position)
        let time = deadline.map { $0 - drain.now() }
        isClosed = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do { _ = try await log.waitForRecords(from: position) } catch { return error is Failure }
                return false
            }
            if let time {
                group.addTask {
                    try? await Task.sleep(for: time)
                    return false
                }
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }

    /// Waits until the batch that is being written is in the lake.
    private mutating func finish(_ commits: inout Commits) async throws {
        if isCommitting { try await commits.next() }
        isCommitting = false
    }

    /// Seals the batch and begins to write it, after the one before is in the lake.
    private mutating func commit(_ commits: inout Commits, isEnding: Bool) async throws {
        try await finish(&commits)
        let fresh = try await drain.lake.fresh(await lanes.keys)
        let duplicates = await lanes.duplicates(fresh)
        let groups = try await lanes.encode(fresh)
        let now = drain.now()
        let (refused, signals, streams) = (batch.refused, batch.signals, batch.streams)
        routes.expire()
        let (lag, since) = (position > marked ? position - marked : 0, unmarkedSince ?? batchSince)
        let isMarked =
            fresh.count > 0 || drain.policy.records(lag, since: since, at: now, isEnding: isEnding)
        (batch, batchSince, batchStart) = (ImportBatch(), nil, position)
        if isMarked { marked = position }
        unmarkedSince = isMarked || lag == 0 ? nil : since
        let mark =
            isMarked
            ? TransactionMark(appId: EventLake.logMark, version: Int64(position), lastUpdated: .now) : nil
        let sealed = SealedBatch(
            fresh: fresh, groups: groups, refused: refused, signals: signals, raw: [], transaction: mark)
        let done = DrainedBatch(
            offset: position, events: fresh.count, duplicates: duplicates, refused: refused.count)
        isCommitting = true
        commits.addTask { [drain, done] in
            var done = done
            // Before the events, whose commit says that all before the offset is there.
            for (table, records) in streams.sorted(by: { $0.key < $1.key }) {
                let report = try await drain.commit(records, to: table, offset: done.offset)
                done.rows += report.rows
                done.refused += report.refused
            }
            _ = try await sealed.commit(to: drain.lake, into: .table, receivedAt: .now)
            await drain.onBatch(done)
        }
    }
}

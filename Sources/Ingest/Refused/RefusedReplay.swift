import EventLog
import Foundation
import Lake
import Primitives

/// Sends refused records through the way of all events again: what can be read now goes into the event log, and from there
/// into `events`; it leaves `refused`. What cannot stays there, under the reason of today.
///
/// Whatever the instant at which it is killed, nothing is lost and nothing doubled. A record leaves `refused` only after the
/// log says that its bytes are on the disk; killed before that, the next replay sends it again, and its events are known by
/// their identity.
public struct RefusedReplay: Sendable {
    /// The lake that it reads.
    public let lake: EventLake
    private let log: EventLog
    /// The most records, and about the most bytes, of one page.
    var pageRecords = 5_000
    var pageBytes: Int64 = 16 << 20

    /// A replay through `log`, which a ``LogDrain`` takes into `lake`, whose ``WriterLock`` this process holds.
    public init(through log: EventLog, of lake: EventLake) async throws {
        self.log = log
        self.lake = try await lake.peer()
    }

    /// Replays the next records that a filter means: so many that memory stays bounded.
    ///
    /// - Parameters:
    ///   - after: where the page before ended; nil for the first.
    ///   - dryRun: only tells what would happen.
    /// - Returns: what became of them, and where the next page begins; nil if there is none.
    public func page(_ filter: RefusedFilter, after: String? = nil, dryRun: Bool = false) async throws -> (
        report: ReplayReport, next: String?
    ) {
        let (records, next) = try await lake.refusedPage(
            filter, after: after, records: pageRecords, bytes: pageBytes)
        let bodies = try await RawSearch(raw: lake.home.raw).bodies(of: records)
        let lane = try DecodeLane(IntakePrivacy(of: lake))
        var report = ReplayReport()
        var trials: [RefusedTrial] = []
        for record in records {
            let trial = await RefusedTrial(record, body: bodies[record.id], lane: lane)
            report.add(trial)
            trials.append(trial)
        }
        let fresh = try await lake.fresh([await lane.keys])
        (report.events, report.duplicates) = (fresh.count, fresh.duplicates)
        if !dryRun { try await carryOut(trials) }
        return (report, next)
    }

    private func carryOut(_ trials: [RefusedTrial]) async throws {
        // The new reasons first: a record must not be out of sight for a moment.
        try await lake.keepRefused(trials.flatMap(\.newRefusals))
        let sent = trials.compactMap(\.toSend)
        if !sent.isEmpty { try await log.append(sent) }
        FailPoint.reached("replay.beforeSettle")
        try await lake.deleteRefused(trials.filter(\.isSettled).map(\.id))
    }
}

/// What became of replayed records.
public struct ReplayReport: Sendable, Equatable, Codable {
    /// Records looked at.
    public var records = 0
    /// Of these, how many can be read now.
    public var read = 0
    /// Events in those that are new in the lake.
    public var events = 0
    /// Events in those that were in the lake already.
    public var duplicates = 0
    /// Records that are refused again.
    public var refused = 0
    /// Records of which only the beginning was kept, and which `raw` does not have either.
    public var incomplete = 0

    /// Nothing done yet.
    public init() {}

    /// Adds what became of other records.
    public mutating func add(_ other: ReplayReport) {
        records += other.records
        read += other.read
        events += other.events
        duplicates += other.duplicates
        refused += other.refused
        incomplete += other.incomplete
    }

    mutating func add(_ trial: RefusedTrial) {
        records += 1
        switch trial.outcome {
        case .read: read += 1
        case .refusedAgain: refused += 1
        case .incomplete: incomplete += 1
        }
    }
}

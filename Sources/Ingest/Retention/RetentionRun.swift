// One run of retention, in steps that are short each, so that a server can do other work in between:
//
// 1. What is older than it may be is deleted (`EventLake+Expiry.swift`).
// 2. Events and messages are made anonymous, day by day (`EventLake+Anonymising.swift`).
// 3. The event log is taken into the lake, and its received bytes go to `raw`.
// 4. Files of `raw` are made anonymous, one by one (`RawRetention.swift`).
// 5. Older versions of the tables go, at once where that was asked for.
//
// Every step finds by looking what is left for it to do. So a run that was killed is simply run again.

import EventLog
import Lake
import Primitives

/// Does what a policy wants done at one moment.
public struct RetentionRun: Sendable {
    /// What the next step needs.
    public enum Need: Sendable, Equatable {
        /// Others may write to the lake meanwhile.
        case nothing
        /// Nothing else may write.
        case pause
    }

    private enum Phase {
        case look
        case delete
        case days
        case commit(AnonymousFiles)
        case log
        case raw([String]?)
        case purge
        case finished
    }

    /// What was done so far.
    public private(set) var report: RetentionReport

    private let lake: EventLake
    private let horizons: RetentionHorizons
    private let purges: Bool
    private var phase = Phase.look
    private var raw: RawRetention?
    private var rawDays: Set<CivilDay> = []

    /// A run in a lake whose ``WriterLock`` this process holds.
    ///
    /// - Parameter purges: whether older versions of the tables go with the run, or later for running queries' sake.
    public init(
        _ lake: EventLake, _ horizons: RetentionHorizons, purges: Bool,
        report: RetentionReport = RetentionReport()
    ) {
        (self.lake, self.horizons, self.purges, self.report) = (lake, horizons, purges, report)
    }

    /// What the next step needs; nil where there is none.
    public var need: Need? {
        switch phase {
        case .look, .days, .raw: .nothing
        case .delete, .commit, .log, .purge: .pause
        case .finished: nil
        }
    }

    /// Does the next step. After an error the same step comes again.
    ///
    /// - Parameter log: the event log of the lake's home; nil if there is none.
    public mutating func step(_ log: EventLog?) async throws {
        switch phase {
        case .look: phase = try await lake.expired(horizons).isEmpty ? .days : .delete
        case .delete:
            try await lake.beginChanges()
            for change in try await lake.deleteExpired(horizons) { report.note(change) }
            FailPoint.reached("retention.afterDelete")
            phase = .days
        case .days: try await prepareDay()
        case .commit(let files):
            try await lake.beginChanges()
            for change in try await lake.commitAnonymity(files) { report.note(change) }
            phase = .days
        case .log:
            if let log, log.firstOffset < log.durableEnd { try await log.moveToRaw(of: lake) }
            phase = .raw(nil)
        case .raw(let files): try await treatRaw(files)
        case .purge:
            FailPoint.reached("retention.beforePurge")
            try await lake.purgeOldVersions()
            phase = .finished
        case .finished: return
        }
    }

    /// Does all steps. Only while nothing else writes to the lake.
    public mutating func run(_ log: EventLog?) async throws {
        while need != nil {
            try Task.checkCancellation()
            try await step(log)
        }
    }

    // MARK: Steps

    private mutating func prepareDay() async throws {
        let state = try lake.retention.load()
        // Days that were begun are brought to their end, whatever the policy is now.
        let begun = state.isUnfinished ? state.anonymous : nil
        guard let target = [horizons.anonymity, begun].compactMap({ $0 }).max(),
            state.done.map({ $0 < target }) ?? true
        else {
            phase = .log
            return
        }
        let day = try await lake.daysToAnonymise(before: target).first
        let end = day?.next ?? target
        phase = .commit(try await lake.prepareAnonymity(before: max(end, begun ?? end)))
    }

    private mutating func treatRaw(_ files: [String]?) async throws {
        guard let anonymity = try lake.anonymity() else { return try await end() }
        let raw = try raw ?? RawRetention(of: lake, anonymity)
        self.raw = raw
        var waiting = files ?? []
        if files == nil { waiting = try await raw.due() }
        guard let file = waiting.popLast() else {
            try await raw.saveAges(in: lake.retention)
            return try await end()
        }
        do {
            let bytes = try await raw.treat(file)
            let isNewDay = bytes > 0 && RawFiles.day(of: file).map { rawDays.insert($0).inserted } ?? false
            report.note(RetentionChange("raw", .anonymise, days: isNewDay ? 1 : 0, bytes: bytes))
        } catch let failure as Failure {
            // A file that is damaged must not keep the others from their turn.
            report.failure = "raw/\(file) could not be made anonymous: \(failure.message)"
        }
        phase = .raw(waiting)
    }

    private mutating func end() async throws {
        phase = purges ? .purge : .finished
        // The age of older versions counts from the last change.
        if !purges, report.changes.contains(where: { $0.table != "raw" }) { try await lake.beginChanges() }
    }
}

extension RetentionRun {
    /// What a run would do; nothing is changed.
    public static func findings(_ lake: EventLake, _ horizons: RetentionHorizons) async throws
        -> [RetentionChange]
    {
        var report = RetentionReport()
        for change in try await lake.expired(horizons) { report.note(change) }
        guard let day = horizons.anonymity else { return report.changes }
        for change in try await lake.anonymityFindings(before: day, from: horizons.deletion[.events]) {
            report.note(change)
        }
        let anonymity = Anonymity(anonymiser: try lake.anonymiser(), before: day.start)
        let raw = try RawRetention(of: lake, anonymity)
        var change = RetentionChange("raw", .anonymise)
        var days: Set<CivilDay> = []
        for file in try await raw.due() {
            let received = RawFiles.day(of: file)
            if let limit = horizons.deletion[.raw], let received, received < limit { continue }
            let bytes = try await raw.look(at: file)
            if bytes > 0, let received { days.insert(received) }
            change.bytes += bytes
        }
        change.days = days.count
        report.note(change)
        return report.changes
    }
}

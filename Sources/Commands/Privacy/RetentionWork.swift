import ControlPlane
import EventLog
import Ingest
import Lake
import Primitives

/// What a run of retention needs of the rest of Sesame: the limits, the clock, and a place to say what was done.
struct RetentionWork: Sendable {
    let lake: EventLake
    let control: ControlDatabase

    /// What the limits mean now.
    ///
    /// - Throws: ``Failure`` of kind refused where something is to be deleted and the clock cannot be believed.
    func horizons() async throws -> RetentionHorizons {
        let reading = ClockReading.now
        let horizons = try await control.retention().horizons(at: reading.time)
        if horizons.isEmpty { return horizons }
        if let doubt = try await doubt(reading) {
            throw Failure(
                .refused,
                "\(doubt); nothing was deleted or made anonymous. If the clock is right: sesame retention apply --clock-is-right"
            )
        }
        try await control.noteClock(reading)
        return horizons
    }

    /// Whether there are limits, and they were set so long ago.
    func isDue(after grace: Duration, at now: Timestamp = .now) async throws -> Bool {
        guard try await !control.retention().isEmpty, let since = try await control.retentionSetAt() else {
            return false
        }
        return now.microseconds - since.microseconds >= grace.components.seconds * 1_000_000
    }

    /// Notes the clock, if it can be believed: a later jump is known by what was noted before it.
    func noteClock() async throws {
        let reading = ClockReading.now
        if try await doubt(reading) == nil { try await control.noteClock(reading) }
    }

    private func doubt(_ reading: ClockReading) async throws -> String? {
        let last = try await control.lastClock()
        // The look at the events is needed seldom.
        guard reading.doubt(after: last, isBorneOut: false) != nil else { return nil }
        return reading.doubt(after: last, isBorneOut: try await lake.bearsOut(reading.time))
    }

    /// Says that a run came to its end, or that it could not.
    ///
    /// - Parameter isWhole: false for one that only finished what a kill had interrupted, after which the limits are still due.
    func end(
        _ report: RetentionReport, by actor: AuditActor, isWhole: Bool = true, at now: Timestamp = .now
    ) async throws -> RetentionReport {
        var report = report
        if report.failure == nil { report.finishedAt = now.iso8601 }
        if !report.changes.isEmpty {
            var details = ["started_at": report.startedAt]
            for change in report.changes {
                details["\(change.action.rawValue) \(change.table)"] =
                    "\(change.days) days, \(change.rows) rows, \(change.bytes) bytes"
            }
            try await control.audit(by: actor, "retention.apply", on: "retention", details, at: now)
        }
        FailPoint.reached("retention.beforeFinish")
        if isWhole { try lake.retention.note(report) }
        return report
    }
}

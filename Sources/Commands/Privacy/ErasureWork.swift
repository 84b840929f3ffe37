import ControlPlane
import EventLog
import Foundation
import Ingest
import Lake
import Primitives

/// Carries an erasure out to its end: lake and log, `sesame.db`, the audit log, the journal.
struct ErasureWork: Sendable {
    let lake: EventLake
    /// Where erasures are noted; nil only in tests of the lake alone.
    let control: ControlDatabase?

    /// Does all that is left to do. Only for the process that holds the ``WriterLock``, while nothing else writes to the lake.
    func finish(_ erasure: Erasure, log: EventLog?) async throws -> Erasure {
        let eraser = Eraser(lake)
        var done = try await eraser.run(erasure, log: log)
        if let control {
            let replacement = try lake.erasures.replacement(of: erasure)
            done.note("sesame.db", files: 0, rows: try await control.scrub(replacement))
            try await note(done, in: control)
        }
        return try eraser.finish(done)
    }

    /// Notes the erasure in the audit log, once, also where a kill came between the note and the end.
    private func note(_ erasure: Erasure, in control: ControlDatabase) async throws {
        let object = "erasure:\(erasure.id)"
        let recent = try await control.auditLog(limit: 1_000)
        guard !recent.contains(where: { $0.object == object && $0.action == "erasure.finish" }) else {
            return
        }
        var details = [
            "recipient_hash": erasure.identity, "token": erasure.token, "reason": erasure.reason,
            "requested_at": erasure.requestedAt,
        ]
        for change in erasure.changes { details[change.place] = "\(change.files) files, \(change.rows) rows" }
        for change in erasure.remaining { details["left in \(change.place)"] = "\(change.rows) rows" }
        try await control.audit(by: .noted(erasure.actor), "erasure.finish", on: object, details)
    }
}

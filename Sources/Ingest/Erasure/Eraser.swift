// The order in which a person is erased, and why a kill at any instant leaves nothing that the next run does not finish:
//
// 1. The journal has the erasure (`ErasureJournal.begin`) before anything else. From then on whatever is taken into the lake
//    has the token in place of the address, so nothing that is written below can bring the address back.
// 2. Tables are written anew, a partition in a commit; `messages` last, since it takes from `events`. They come before the log,
//    for a repetition in the log is known only when the event that is there has the identity that goes with the token.
// 3. The event log is taken into the lake to its end, its last segment ended, and all segments moved to `raw`.
// 4. Files of `raw` are written anew, each in one step.
// 5. Older versions of the tables go, and with them all that a query of the past would need.
// 6. The journal says that it is done and forgets the address.
//
// Every step finds by looking what is left for it to do, and none trusts a note of an earlier run. So to go on means to begin
// again.

import EventLog
import Foundation
import Lake
import Primitives

/// Erases people from a lake and its event log.
public struct Eraser: Sendable {
    private let lake: EventLake

    /// An eraser for a lake whose tables are there.
    public init(_ lake: EventLake) { self.lake = lake }

    /// What an erasure would change; nothing is.
    ///
    /// The event log is not looked at: what lies in it comes to the tables within a second.
    public func findings(of erasure: Erasure) async throws -> [Erasure.Change] {
        var found = try await lake.findings(of: erasure)
        let raw = try RawErasure(raw: lake.home.raw, scrubber: lake.erasures.scrubber(of: erasure))
        var files = 0
        for file in await raw.files() where try await raw.finds(file) { files += 1 }
        if files > 0 { found.append(Erasure.Change(place: "raw", files: files)) }
        return found
    }

    /// Does what can be done while others write to the lake, so that the rest is short: files of `raw` are written anew, and
    /// files of tables that need not be are found out. Only for the process that holds the ``WriterLock``.
    public func prepare(_ erasure: Erasure) async throws {
        var erasure = erasure
        try await eraseFromRaw(&erasure)
        try await lake.prepareErasure(erasure)
    }

    /// Finishes an erasure. Only for the process that holds the ``WriterLock``, while nothing else of it writes to the lake;
    /// what is appended to the log meanwhile is no matter.
    ///
    /// - Returns: the erasure with what was changed; the caller says that it is done, by ``finish(_:)``, after noting it in the
    ///   audit log.
    public func run(_ erasure: Erasure, log: EventLog?) async throws -> Erasure {
        var erasure = try lake.erasures.erasure(erasure.id) ?? erasure
        FailPoint.reached("erase.afterJournal")
        try await lake.removeLeftovers()
        try await lake.eraseFromTables(&erasure) { try lake.erasures.save($0) }
        if let log { try await log.moveToRaw(of: lake) }
        FailPoint.reached("erase.afterLog")
        try await eraseFromRaw(&erasure)
        FailPoint.reached("erase.afterRaw")
        try Task.checkCancellation()
        FailPoint.reached("erase.beforePurge")
        try await lake.purgeAfterErasure(erasure)
        erasure.remaining =
            erasure.includesDatasets ? [] : try await lake.findings(of: erasure, datasetsOnly: true)
        FailPoint.reached("erase.beforeFinish")
        return erasure
    }

    /// Says that an erasure is done, and forgets the address.
    ///
    /// - Returns: the erasure as the journal has it now.
    public func finish(_ erasure: Erasure, at now: Timestamp = .now) throws -> Erasure {
        var erasure = erasure
        erasure.recipient = nil
        erasure.finishedAt = now.iso8601
        try lake.erasures.save(erasure)
        FailPoint.reached("erase.afterFinish")
        return erasure
    }

    private func eraseFromRaw(_ erasure: inout Erasure) async throws {
        let raw = try RawErasure(raw: lake.home.raw, scrubber: lake.erasures.scrubber(of: erasure))
        for file in await raw.files() where try await raw.finds(file) {
            try Task.checkCancellation()
            try await raw.rewrite(file)
            erasure.note("raw", files: 1, rows: 0)
            try lake.erasures.save(erasure)
        }
    }
}

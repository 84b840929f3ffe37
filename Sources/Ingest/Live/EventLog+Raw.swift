import EventLog
import Lake
import Primitives

extension EventLog {
    /// Takes all of the log into the lake and moves it to `raw`. Only while nothing else drains it; what is appended
    /// meanwhile stays.
    func moveToRaw(of lake: EventLake) async throws {
        let end = try await endSegment()
        try await LogDrain(self, into: lake).run(until: end)
        try await LogTrimmer(self, of: lake).pass()
        try Task.checkCancellation()
        guard firstOffset >= end else {
            throw Failure(
                .storage, "records before \(end) of the event log in \(folder) could not be moved to raw")
        }
    }
}

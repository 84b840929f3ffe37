import Foundation
import Primitives
import Testing

@testable import EventLog

@Suite("Killed with SIGKILL")
struct KillTests {
    @Test(
        "an acknowledged batch survives kill -9, and no batch is kept in part",
        arguments: ["log.afterAppend", "log.beforeSync", "log.afterSync"], [1, 2, 7])
    func killed(at place: String, hit: Int) async throws {
        let folder = TemporaryFolder()
        let (log, notes) = (folder.log, folder.path + "/acknowledged")
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [
                log = log as String, notes = notes as String, place = place as String, hit = hit as Int
            ] in
            setenv("SESAME_FAILPOINT", place, 1)
            setenv("SESAME_FAILPOINT_HIT", String(hit), 1)
            try await KillTests.append(to: log, noting: notes)
        }
        let acknowledged = try String(contentsOfFile: notes, encoding: .utf8).split(separator: "\n").map(
            String.init)
        let reopened = try await EventLog.open(log)
        #expect(reopened.recovery.damage == nil)
        let texts = await reopened.texts
        let names = texts.map { String($0.prefix { $0 != "." }) }
        #expect(Set(acknowledged).isSubset(of: names))
        for name in Set(names) {
            let kept = texts.filter { $0.hasPrefix(name + ".") }
            #expect(kept == (0..<3).map { "\(name).\($0)" }, "\(name) is whole and there once")
        }
        if hit > 2 { #expect(!acknowledged.isEmpty) }
    }

    /// Eight senders append for ever, and note in a file what was acknowledged.
    private static func append(to path: String, noting notes: String) async throws {
        var options = LogOptions()
        options.segmentBytes = 4_000
        let log = try await EventLog.open(path, options)
        let descriptor = Foundation.open(notes, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        try await withThrowingTaskGroup { group in
            for sender in 0..<8 {
                group.addTask {
                    for number in 0... {
                        try await log.append(batch("\(sender)-\(number)", 3))
                        let line = "\(sender)-\(number)\n"
                        guard write(descriptor, line, line.utf8.count) == line.utf8.count else { return }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

import ArgumentParser
import EventLog
import Foundation
import Primitives
import Testing

@testable import Commands

@Suite("sesame log inspect")
struct LogCommandTests {
    private let home = NSTemporaryDirectory() + "sesame-log-command-\(UUID().uuidString)"

    private func inspect() async throws {
        let command = try #require(
            try Sesame.parseAsRoot(["log", "inspect", "--home", home]) as? LogCommand.Inspect)
        try await command.run()
    }

    @Test("shows a row for each segment, and fails with the disk's exit code where records are lost")
    func inspection() async throws {
        defer { try? FileManager.default.removeItem(atPath: home) }
        #expect(await #expect(throws: Failure.self) { try await inspect() }?.kind == .notFound)

        let folder = home + "/workspaces/default/log"
        var options = LogOptions()
        options.segmentBytes = 100
        let log = try await EventLog.open(folder, options)
        for number in 0..<3 {
            let record = LogRecord(receivedAt: .now, source: "main", body: Array("event \(number)".utf8))
            try await log.append([record, record])
        }
        try await inspect()
        let rows = LogCommand.table(try await EventLog.inspect(folder)).lines
        #expect(rows.count == 2 + 3)
        #expect(rows[2].hasPrefix("00000000000000000000.log      0     1        2        1  "))
        #expect(rows[2].hasSuffix("whole"))

        let second = URL(filePath: folder + "/00000000000000000002.log")
        var bytes = try Data(contentsOf: second)
        bytes[90] ^= 1
        try bytes.write(to: second)
        let failure = await #expect(throws: Failure.self) { try await inspect() }
        #expect(failure?.kind.exitStatus == 74)
        #expect(LogCommand.table(try await EventLog.inspect(folder)).lines[3].hasSuffix("damaged"))
    }
}

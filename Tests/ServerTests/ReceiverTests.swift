import EventLog
import Foundation
import Primitives
import Testing

@testable import Server

@Suite("The log as a sink")
struct RecordSinkTests {
    @Test("what is kept can be read back")
    func keeps() async throws {
        let folder = NSTemporaryDirectory() + "sink-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let log = try await EventLog.open(folder)
        let sink: any RecordSink = log
        try await sink.keep([LogRecord(receivedAt: .now, source: "orders", body: Array("{}".utf8))])
        let read = try await log.makeReader().read(from: 0, maximumBytes: 1_000)
        #expect(read.map(\.record.body) == [Array("{}".utf8)])
        await log.close()
    }
}

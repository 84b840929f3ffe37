import Foundation
import Primitives
import Testing

@testable import EventLog

@Suite("Inspection")
struct InspectionTests {
    let folder = TemporaryFolder()

    @Test("a log that is open elsewhere is shown with its counts, and left as it is")
    func openLog() async throws {
        var options = LogOptions()
        options.segmentBytes = 600
        let log = try await EventLog.open(folder.log, options)
        for number in 0..<10 { try await log.append(batch("\(number)", 3)) }
        let inspection = try await EventLog.inspect(folder.log)
        #expect(!inspection.isDamaged)
        #expect(inspection.segments.count == log.statistics.segments)
        #expect(inspection.segments.reduce(0) { $0 + $1.records } == 30)
        #expect(inspection.segments.reduce(0) { $0 + $1.batches } == 10)
        #expect(inspection.segments.reduce(0) { $0 + $1.bytes } == log.statistics.segmentBytes)
        #expect(inspection.segments.first?.firstOffset == 0)
        #expect(inspection.segments.last?.endOffset == 30)
        #expect(inspection.segments.allSatisfy { $0.tail == nil && $0.createdAt != nil })
        try await log.append(batch("more", 1))
    }

    @Test("a torn tail is named, is no damage, and is not cut")
    func tornTail() async throws {
        let log = try await EventLog.open(folder.log)
        try await log.append(batch("a", 3))
        await log.close()
        let whole = try folder.bytes()
        try folder.write(whole + whole[40..<100])
        let segment = try #require(try await EventLog.inspect(folder.log).segments.first)
        #expect(segment.damage.isEmpty)
        #expect(segment.tail?.position == whole.count)
        #expect(segment.tail?.bytes == 60)
        #expect(segment.endOffset == 3)
        #expect(try folder.bytes().count == whole.count + 60)
    }

    @Test("a folder without a log is not found")
    func nothing() async {
        let failure = await #expect(throws: Failure.self) { try await EventLog.inspect(folder.log) }
        #expect(failure?.kind == .notFound)
    }
}

import Foundation
import Lake
import Primitives
import Testing

@testable import Ingest

@Suite("The rhythm of a source, as the lake tells it")
struct SourceRhythmTests {
    @Test("gaps are between seconds in which something came; what came long ago is left out")
    func rhythms() async throws {
        let folder = TemporaryFolder()
        let now = try #require(Timestamp(parsing: "2026-08-20T12:00:00Z"))
        let time = { (secondsAgo: Int64) in Timestamp(microseconds: now.microseconds - secondsAgo * 1_000_000)
        }
        var text = ""
        // Two events of one moment, one a second later, one after an hour; one of another source; one long before.
        for (number, (source, ago)) in [
            ("a", Int64(7_200)), ("a", 7_200), ("a", 7_199), ("a", 3_599), ("b", 60), ("a", 20 * 86_400),
        ].enumerated() {
            text += """
                {"sesame:raw":{"origin":"x","received_at":"\(time(ago).iso8601)","source_name":"\(source)"}}
                {"eventType":"Send","mail":{"timestamp":"2026-08-01T12:00:00Z","messageId":"m-\(number)","destination":["a@example.net"]},"send":{}}

                """
        }
        let file = try folder.write("events.ndjson", Array(text.utf8))
        let lake = try EventLake(home: HomeDirectory(path: folder.path + "/home"))
        try await lake.create()
        let (report, _) = try await EventImporter(lake).run([.file(file)])
        #expect(report.events == 6)
        let rhythms = try await lake.sourceRhythms(at: now)
        #expect(
            rhythms == [
                "a": SourceRhythm(
                    last: time(3_599), gapCount: 2, longestUsualGap: 3_600,
                    longGaps: [.init(from: time(7_199), to: time(3_599))]),
                "b": SourceRhythm(last: time(60), gapCount: 0, longestUsualGap: 0, longGaps: []),
            ])
    }
}

import DuckDB
import Foundation
import Lake
import Primitives
import Testing

@testable import Ingest

@Suite("Partitions of a lake")
struct PartitionTests {
    private let folder = TemporaryFolder()

    private func event(_ id: Int, at time: String) -> String {
        #"{"eventType":"Open","mail":{"messageId":"m-\#(id)","timestamp":"2026-08-01T10:00:00Z","source":"a@b.example","destination":["c@d.example"]},"open":{"timestamp":"\#(time)"}}"#
    }

    @Test("a lake made by the hour has a folder an hour, also for times before 1970, and holds the same rows")
    func hours() async throws {
        let times = [
            "2026-08-01T00:00:00Z", "2026-08-01T00:59:59.999Z", "2026-08-01T01:00:00Z",
            "2026-08-02T23:10:00Z",
            "1969-12-31T23:59:59Z",
        ]
        let lines = times.enumerated().map { event($0.offset, at: $0.element) }.joined(separator: "\n")
        let file = try folder.write("events.ndjson", Array(lines.utf8))
        let lake = try EventLake(home: HomeDirectory(path: folder.path + "/home"))
        try await lake.create(partitionedBy: .hour)
        let (report, _) = try await EventImporter(lake).run(try InputPaths.expand([file]))
        #expect(report.events == 5)
        let connection = try lake.makeConnection()
        let folders = try await connection.rows(
            "SELECT DISTINCT parse_dirpath(filename) FROM read_parquet('\(folder.path)/home/workspaces/default/lake/events/**/*.parquet', filename = true)"
        )
        let expected = [
            "year=1969/month=12/day=31/hour=23", "year=2026/month=08/day=01/hour=00",
            "year=2026/month=08/day=01/hour=01", "year=2026/month=08/day=02/hour=23",
        ]
        let found = folders.compactMap { $0[0].text }.map { $0.components(separatedBy: "/events/")[1] }
            .sorted()
        #expect(found == expected)
        let (again, _) = try await EventImporter(lake).run(try InputPaths.expand([file]))
        #expect(again.duplicates == 5)
        #expect(try await lake.verify().isEmpty)
    }

    @Test("the partitions of a lake are fixed when it is made")
    func fixed() async throws {
        let lake = try EventLake(home: HomeDirectory(path: folder.path + "/home"))
        try await lake.create()
        try await lake.create()
        let error = await #expect(throws: Failure.self) { try await lake.create(partitionedBy: .hour) }
        #expect(error?.message.contains("are partitioned by the day") == true)
    }
}

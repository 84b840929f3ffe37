import DuckDB
import Foundation
import Lake
import Primitives
import Simulation
import Testing

@testable import Ingest

@Suite("messages after an import")
struct MessagesTests {
    private let folder = TemporaryFolder()

    /// Imports files into a lake of its own, one after the other, and gives a connection that sees its tables.
    private func rowsThatDiffer(_ files: [String], capacity: Int = 300_000) async throws -> [Int64?] {
        let lake = try EventLake(home: HomeDirectory(path: folder.path + "/home"))
        try await lake.create()
        for file in files {
            var importer = EventImporter(lake)
            importer.messageCapacity = capacity
            _ = try await importer.run(try InputPaths.expand([file]))
        }
        let connection = try lake.makeConnection()
        try await connection.execute("SET TimeZone = 'UTC'")
        let expected = MessagesModel.withState(
            MessagesModel.aggregate(events: try await lake.eventsRelation()))
        try await connection.execute("CREATE TABLE expected AS \(expected)")
        try await connection.execute(
            "CREATE TABLE found AS SELECT * FROM \(try await lake.messagesRelation())")
        let counts = try await connection.rows(
            """
            SELECT (SELECT count(*) FROM found), (SELECT count(*) FROM (FROM found EXCEPT ALL FROM expected)),
              (SELECT count(*) FROM (FROM expected EXCEPT ALL FROM found))
            """)
        return counts[0].map(\.integer)
    }

    private func traffic(_ messages: Int, days: Int = 12, seed: UInt64, to name: String) throws -> String {
        let options = SimulationOptions(
            messages: messages, days: days, seed: seed, duplicates: 0.05, outOfOrder: 0.1)
        var simulator = try TrafficSimulator(options)
        var bytes: [UInt8] = []
        _ = try simulator.run { bytes.append(contentsOf: $0) }
        return try folder.write(name, bytes)
    }

    @Test("what is folded while importing is what SQL makes of the events", arguments: [1, 2, 3] as [UInt64])
    func folds(seed: UInt64) async throws {
        let found = try await rowsThatDiffer([try traffic(1_500, seed: seed, to: "a.ndjson")])
        #expect(found[0] ?? 0 > 1_500)
        #expect(found[1...] == [0, 0])
    }

    @Test("rows that were written early, for want of memory, are merged with what came later")
    func spills() async throws {
        let found = try await rowsThatDiffer([try traffic(2_000, seed: 4, to: "a.ndjson")], capacity: 150)
        #expect(found[1...] == [0, 0])
    }

    @Test("a day of more rows than a row group holds stands in several, and nothing is missing")
    func largeDay() async throws {
        let lake = try EventLake(home: HomeDirectory(path: folder.path + "/home"))
        try await lake.create()
        let lines = try traffic(60_000, days: 1, seed: 6, to: "a.ndjson")
        let (report, _) = try await EventImporter(lake).run(try InputPaths.expand([lines]))
        let connection = try lake.makeConnection()
        func rows(_ sql: String, of table: String) async throws -> [Int64?] {
            let files = SQL.literal(lake.home.table(table).path + "/**/*.parquet")
            return try await connection.rows(sql.replacing("$files", with: files))[0].map(\.integer)
        }
        for table in ["events", "messages"] {
            let found = try await rows(
                "SELECT max(row_group_num_rows), max(row_group_id) FROM parquet_metadata($files)", of: table)
            #expect(try #require(found[0]) <= 61_440)
            #expect(try #require(found[1]) > 0)
        }
        let events = try await rows("SELECT count(*) FROM read_parquet($files)", of: "events")
        #expect(events == [Int64(report.events)])
        let messages = try await rows(
            """
            SELECT count(DISTINCT message_id), CAST(sum(open_count + click_count) AS BIGINT),
                count(*) - count(DISTINCT (message_id, coalesce(recipient, ''))) FROM read_parquet($files)
            """, of: "messages")
        let engagements = try await rows(
            "SELECT count(*) FROM read_parquet($files) WHERE event_type IN ('Open', 'Click')", of: "events")
        #expect(messages == [60_000, engagements[0], 0])
    }

    @Test("a message and a recipient are looked for in the row groups that have them, after a merge as well")
    func filters() async throws {
        let lake = try EventLake(home: HomeDirectory(path: folder.path + "/home"))
        try await lake.create()
        let connection = try lake.makeConnection()
        let files = SQL.literal(lake.home.table("messages").path + "/**/*.parquet")
        for (messages, seed) in [(17_000, 7), (100, 8)] as [(Int, UInt64)] {
            let lines = try traffic(messages, days: 1, seed: seed, to: "\(seed).ndjson")
            _ = try await EventImporter(lake).run(try InputPaths.expand([lines]))
            let chunks = try await connection.rows(
                """
                SELECT count(*), count(bloom_filter_offset) FROM parquet_metadata(\(files))
                WHERE path_in_schema IN ('message_id', 'recipient') AND row_group_num_rows > 15000
                """)[0].map(\.integer)
            #expect(try #require(chunks[0]) > 0 && chunks[0] == chunks[1], "\(messages) messages")
        }
        let merged = try await connection.rows("SELECT count(*) FROM glob(\(files))")[0][0].integer
        #expect(merged == 2)
    }

    @Test("a second import is merged into what is there")
    func merges() async throws {
        let whole = try String(contentsOfFile: try traffic(800, seed: 5, to: "a.ndjson"), encoding: .utf8)
            .split(separator: "\n")
        let odd = whole.enumerated().filter { $0.offset % 2 == 1 }.map(\.element).joined(separator: "\n")
        let even = whole.enumerated().filter { $0.offset % 2 == 0 }.map(\.element).joined(separator: "\n")
        let files = [
            try folder.write("odd.ndjson", Array(odd.utf8)),
            try folder.write("even.ndjson", Array(even.utf8)),
        ]
        #expect(try await rowsThatDiffer(files)[1...] == [0, 0])
    }

    @Test("addresses of any script and case, the same one twice, none at all, and types of the future")
    func oddRecipients() async throws {
        let mail = { (destination: String) in
            #""mail":{"messageId":"m-1","timestamp":"2026-08-01T10:00:00Z","source":"a@b.example","destination":\#(destination)}"#
        }
        let lines = [
            #"{"eventType":"Send",\#(mail(#"["Ann@Example.com","ÄÖÜ@example.com","İ@example.com","ann@example.com"]"#)),"send":{}}"#,
            #"{"eventType":"Delivery",\#(mail(#"["ANN@example.com"]"#)),"delivery":{"timestamp":"2026-08-01T10:00:01Z","recipients":["ANN@EXAMPLE.COM"],"processingTimeMillis":7,"smtpResponse":""}}"#,
            #"{"eventType":"Open",\#(mail(#"["a@x","b@x"]"#)),"open":{"timestamp":"2026-08-01T11:00:00Z","userAgent":"Mozilla/5.0"}}"#,
            #"{"eventType":"Teleport",\#(mail(#"["a@x"]"#)),"teleport":{"timestamp":"2026-08-02T11:00:00Z"}}"#,
            #"{"eventType":"Reject",\#(mail("[]")),"reject":{"reason":"Bad content"}}"#,
        ]
        let file = try folder.write("odd.ndjson", Array(lines.joined(separator: "\n").utf8))
        #expect(try await rowsThatDiffer([file]) == [5, 0, 0])
    }
}

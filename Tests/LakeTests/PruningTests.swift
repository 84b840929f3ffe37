import Primitives
import Testing

@testable import Lake

@Suite struct PruningTests {
    let fixture: TableFixture

    init() throws { fixture = try TableFixture() }

    /// 2026-08-01T00:00:00Z.
    static let start: Int64 = 1_785_542_400_000_000

    @Test func statisticsComeFromTheFooter() async throws {
        let table = try await fixture.created()
        let added = try await table.adding(try await fixture.write(from: 0, count: 10))
        #expect(added.count == 1)
        #expect(added[0].partitionValues == ["year": "2026", "month": "08", "day": "01"])
        #expect(added[0].path.hasPrefix("year=2026/month=08/day=01/part-"))
        // A minimum is rounded down to milliseconds, a maximum up; nested columns have none.
        #expect(
            added[0].stats == #"""
                {"maxValues":{"amount":9,"event_at":"2026-08-01T00:09:00.124Z","event_id":"event-000009","on_day":"2026-08-01"},"minValues":{"amount":0,"event_at":"2026-08-01T00:00:00.123Z","event_id":"event-000000","on_day":"2026-08-01"},"nullCount":{"amount":0,"event_at":0,"event_id":0,"on_day":0},"numRecords":10}
                """#)
    }

    @Test func longStringsAreCutWhereTheyStayBounds() {
        let long = String(repeating: "é", count: 100)
        #expect(ColumnValue.string(long).deltaMinimum == .string(String(repeating: "é", count: 64)))
        #expect(ColumnValue.string(long).deltaMaximum == nil)
        let before = ColumnValue.timestamp(Timestamp(microseconds: -1))
        #expect(before.deltaMinimum == .string("1969-12-31T23:59:59.999Z"))
        #expect(before.deltaMaximum == .string("1970-01-01T00:00:00.000Z"))
    }

    @Test func stringsAreOrderedByTheirBytes() {
        // Swift's own order takes the two for equal, DuckDB and Parquet do not.
        #expect(ColumnValue.string("e\u{301}").isLess(than: .string("\u{e9}")))
    }

    @Test func rangesChooseFiles() async throws {
        let table = try await fixture.created()
        for day in 0..<3 { try await table.append(try await fixture.write(from: day * 1_440, count: 1_440)) }
        let snapshot = try await table.snapshot()
        func days(_ ranges: ColumnRange...) -> [String?] {
            snapshot.files(where: ranges).map { $0.partitionValues["day"] ?? nil }
        }
        let second = Timestamp(microseconds: Self.start + 86_400_000_000)
        #expect(days() == ["01", "02", "03"])
        #expect(days(ColumnRange("event_at", from: .timestamp(second))) == ["02", "03"])
        #expect(days(ColumnRange("event_at", through: .timestamp(second))) == ["01"])
        #expect(days(ColumnRange("day", from: .string("02"), through: .string("02"))) == ["02"])
        let ends = ["01", "03"].map { ColumnRange.Bounds(from: .string($0), through: .string($0)) }
        #expect(days(ColumnRange("day", anyOf: ends)) == ["01", "03"])
        #expect(days(ColumnRange("day", anyOf: [])) == [])
        #expect(
            days(ColumnRange("amount", from: .integer(2_880)), ColumnRange("day", through: .string("02")))
                == [])
        #expect(
            days(ColumnRange("event_id", from: .string("event-001440"), through: .string("event-001441")))
                == ["02"])
        // What says nothing chooses nothing: an unknown column, another kind of value, a column without statistics.
        #expect(days(ColumnRange("nothing", from: .integer(1))).count == 3)
        #expect(days(ColumnRange("amount", from: .string("z"))).count == 3)
        #expect(days(ColumnRange("client", from: .string("z"))).count == 3)
    }

    @Test func pruningNeverDropsAMatchingFile() throws {
        var random = SystemRandomNumberGenerator()
        let schema = TableFixture.schema
        for _ in 0..<2_000 {
            let times = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                Timestamp(microseconds: Int64.random(in: -10_000...10_000, using: &random))
            }
            let texts = times.map { _ in
                String(repeating: "aé", count: Int.random(in: 0...40, using: &random))
                    + ["", "a", "é", "z"].randomElement(using: &random)!
            }
            func bounds(_ values: [ColumnValue]) -> ColumnStatistics {
                ColumnStatistics(
                    minimum: values.min { $0.isLess(than: $1) }, maximum: values.max { $0.isLess(than: $1) },
                    nullCount: 0)
            }
            let statistics = FileStatistics(
                rowCount: Int64(times.count),
                columns: [
                    "event_at": bounds(times.map { .timestamp($0) }),
                    "event_id": bounds(texts.map { .string($0) }),
                ])
            var replay = TableReplay()
            replay.apply(
                [
                    .protocol(.sesame), .metadata(TableMetadata(id: "i", schema: schema)),
                    .add(addition("a", stats: statistics.json)),
                ], version: 0)
            let snapshot = try replay.snapshot()
            let low = Timestamp(microseconds: Int64.random(in: -10_000...10_000, using: &random))
            let high = Timestamp(microseconds: low.microseconds + Int64.random(in: 0...3_000, using: &random))
            if times.contains(where: { low <= $0 && $0 <= high }) {
                let range = ColumnRange("event_at", from: .timestamp(low), through: .timestamp(high))
                #expect(snapshot.files(where: [range]).count == 1)
            }
            let text = ColumnValue.string(texts.randomElement(using: &random)!)
            #expect(snapshot.files(where: [ColumnRange("event_id", from: text, through: text)]).count == 1)
        }
    }
}

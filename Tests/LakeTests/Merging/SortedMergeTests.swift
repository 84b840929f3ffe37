import DuckDB
import Foundation
import Primitives
import Testing

@testable import Lake

@Suite("A merge of files")
struct SortedMergeTests {
    private let fixture: TableFixture
    private let schema = TableSchema(columns: [
        TableColumn("event_at", .timestamp), TableColumn("name", .string), TableColumn("number", .long),
        TableColumn("is_so", .boolean), TableColumn("names", .array(.string)),
        TableColumn("tags", .map(.string, .array(.string))),
        TableColumn("pairs", .array(.structure([TableColumn("a", .string), TableColumn("b", .string)]))),
    ])

    init() throws { fixture = try TableFixture() }

    /// Rows of every shape: nulls at each level, empty texts and lists, more than ASCII.
    private func rows(_ count: Int, seed: Int) -> String {
        let dice = { (salt: Int) in "hash(i, \(seed), \(salt)) % 7" }
        let text = { (salt: Int) in
            "CASE \(dice(salt)) WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'schön ✉' ELSE repeat('x', i % 30) || i END"
        }
        return """
            SELECT
                CASE \(dice(1)) WHEN 0 THEN NULL ELSE make_timestamptz((hash(i, \(seed)) % 1000000)::BIGINT) END AS event_at,
                \(text(2)) AS name,
                CASE \(dice(3)) WHEN 0 THEN NULL ELSE i - 50 END AS number,
                CASE \(dice(4)) WHEN 0 THEN NULL ELSE i % 2 = 0 END AS is_so,
                CASE \(dice(5)) WHEN 0 THEN NULL WHEN 1 THEN [] ELSE [\(text(6)), NULL, \(text(7))] END AS names,
                CASE \(dice(8)) WHEN 0 THEN NULL WHEN 1 THEN MAP {}
                    ELSE MAP {'k' || i: [\(text(9)), NULL], '': []} END AS tags,
                CASE \(dice(10)) WHEN 0 THEN NULL WHEN 1 THEN []
                    ELSE [{'a': \(text(11)), 'b': \(text(12))}, {'a': NULL, 'b': ''}] END AS pairs
            FROM range(\(count)) t(i)
            """
    }

    @Test("has every row of the files as it was, in the order of time", arguments: 1...6)
    func everyRow(seed: Int) async throws {
        let connection = try Connection(Database())
        let folder = fixture.folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let (old, new, merged) = (
            folder + "/old.parquet", folder + "/new.parquet", folder + "/merged.parquet"
        )
        // The older file was written before there was a column for pairs.
        try await connection.execute(
            "COPY (SELECT * EXCLUDE (pairs) FROM (\(rows(900, seed: seed)))) TO '\(old)' (FORMAT parquet)")
        try await connection.execute("COPY (\(rows(700, seed: -seed))) TO '\(new)' (FORMAT parquet)")
        let source = "read_parquet(['\(old)', '\(new)'], union_by_name = true)"
        var merge = try #require(SortedMerge(of: source, schema: schema, by: "event_at"))
        merge.rowGroupRows = seed * 150
        #expect(try await merge.write(to: merged, on: connection) == 1_600)
        for (left, right) in [(source, "'\(merged)'"), ("'\(merged)'", source)] {
            let missing = try await connection.rows(
                "SELECT count(*) FROM (FROM \(left) EXCEPT ALL FROM \(right))")
            #expect(missing == [[0]])
        }
        let disorder = try await connection.rows(
            """
            SELECT count(*) FROM (SELECT event_at, lag(event_at) OVER (ORDER BY file_row_number) AS before
            FROM read_parquet('\(merged)', file_row_number = true)) WHERE event_at < before
            """)
        #expect(disorder == [[0]])
        let groups = try await connection.rows(
            "SELECT count(DISTINCT row_group_id) FROM parquet_metadata('\(merged)')")
        #expect(groups == [[.integer(Int64((1_600 + seed * 150 - 1) / (seed * 150)))]])
    }

    @Test("is for DuckDB where a column is of a type that the encoder lacks")
    func foreignTypes() {
        let foreign = TableSchema(columns: schema.columns + [TableColumn("price", .other("decimal(10,2)"))])
        #expect(SortedMerge(of: "t", schema: foreign, by: "event_at") == nil)
        #expect(SortedMerge(of: "t", schema: schema, by: "name") == nil)
    }
}

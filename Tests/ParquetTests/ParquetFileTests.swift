import DuckDB
import Primitives
import Foundation
import Parquet
import Testing

@Suite("Parquet files")
struct ParquetFileTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "parquet-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Writes row groups of `rows`, each with the row numbers given, and reads the file by DuckDB.
    private func roundTrip(_ rows: [[Value]], groups: [[UInt32]]) async throws -> [[Value]] {
        let batch = RowBatch(RandomRows.columns)
        batch.append(rows)
        let encoder = try RowGroupEncoder()
        let encoded = try groups.map {
            try $0.withUnsafeBufferPointer { try encoder.encode(batch, rows: $0) }
        }
        let path = folder.appending(path: "file.parquet").path
        try ParquetFile.write(encoded, columns: RandomRows.columns, to: path)
        let connection = try Connection(Database())
        return try await connection.rows("SELECT * FROM read_parquet(\(SQL.literal(path)))")
    }

    @Test(
        "every shape reads back, with nulls, empty and nested lists, however often texts repeat",
        arguments: [3, 40, 1_000, 1_000_000], [1, 7, 8, 9, 127, 128, 129, 3_000])
    func roundTrips(variety: Int, count: Int) async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var random = RandomRows(seed: UInt64(variety * 10_000 + count), variety: variety)
        let rows = random.rows(count)
        #expect(try await roundTrip(rows, groups: [Array(0..<UInt32(count))]) == rows)
    }

    @Test("a row group holds the rows it was given, in that order")
    func selects() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var random = RandomRows(seed: 5, variety: 50)
        let rows = random.rows(500)
        let odd = (0..<500).filter { $0 % 2 == 1 }.map { UInt32($0) }
        let even = (0..<500).reversed().filter { $0 % 2 == 0 }.map { UInt32($0) }
        let read = try await roundTrip(rows, groups: [odd, even])
        #expect(read == (odd + even).map { rows[Int($0)] })
    }

    @Test("the footer's bounds and null counts are true")
    func bounds() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var random = RandomRows(seed: 9, variety: 300)
        let rows = random.rows(1_000)
        _ = try await roundTrip(rows, groups: [Array(0..<1_000)])
        let connection = try Connection(Database())
        let path = SQL.literal(folder.appending(path: "file.parquet").path)
        let stated = try await connection.rows(
            """
            SELECT path_in_schema, stats_null_count, stats_min_value, stats_max_value FROM parquet_metadata(\(path))
            WHERE path_in_schema IN ('id', 'flag', 'nothing', 'same', 'name') ORDER BY column_id
            """)
        let nulls = { (column: Int) in Int64(rows.count { $0[column] == .null }) }
        let flags = try await connection.rows(
            "SELECT min(flag)::VARCHAR, max(flag)::VARCHAR FROM read_parquet(\(path))")
        let names = try await connection.rows("SELECT min(name), max(name) FROM read_parquet(\(path))")
        // Bounds of more than 256 bytes are left out.
        let bound = { (value: Value) in (value.text?.utf8.count ?? 0) <= 256 ? value : .null }
        #expect(
            stated == [
                ["id", 0, "0", "999"],
                ["name", .integer(nulls(1)), bound(names[0][0]), bound(names[0][1])],
                ["flag", .integer(nulls(3)), flags[0][0], flags[0][1]],
                ["nothing", 1_000, .null, .null],
                ["same", 0, "eu-west-1", "eu-west-1"],
            ])
    }

    @Test(
        "a Bloom filter lets a reader skip the row groups that lack a text, and none that has it",
        arguments: [1, 40, 3_000])
    func filters(variety: Int) async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var random = RandomRows(seed: UInt64(variety), variety: variety)
        let rows = random.rows(3_000)
        let groups = [0..<1_000, 1_000..<1_700, 1_700..<3_000].map { $0.map { UInt32($0) } }
        _ = try await roundTrip(rows, groups: groups)
        let path = SQL.literal(folder.appending(path: "file.parquet").path)
        let connection = try Connection(Database())
        func isSkipped(_ text: String) async throws -> [Bool] {
            try await connection.rows(
                "SELECT bloom_filter_excludes FROM parquet_bloom_probe(\(path), 'name', \(SQL.literal(text))) ORDER BY row_group_id"
            ).map { $0[0] == .boolean(true) }
        }
        for row in rows[..<200] + rows[1_600..<1_800] {
            guard let text = row[1].text, !text.utf8.contains(0) else { continue }
            let skipped = try await isSkipped(text)
            for (group, isSkipped) in zip(groups, skipped) where isSkipped {
                #expect(!group.contains { rows[Int($0)][1] == row[1] }, "\(text)")
            }
        }
        var skipped = 0
        for number in 0..<200 { skipped += try await isSkipped("nobody has \(number)").count { $0 } }
        #expect(skipped > 540, "of 600")
    }

    @Test("a batch that was emptied takes new rows")
    func reuses() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var random = RandomRows(seed: 2, variety: 20)
        let batch = RowBatch(RandomRows.columns)
        batch.append(random.rows(300))
        batch.removeAll()
        let rows = random.rows(20)
        batch.append(rows)
        #expect(batch.rowCount == 20)
        let group = try (0..<20).map { UInt32($0) }.withUnsafeBufferPointer {
            try RowGroupEncoder().encode(batch, rows: $0)
        }
        let path = folder.appending(path: "file.parquet").path
        try ParquetFile.write([group], columns: RandomRows.columns, to: path)
        let read = try await Connection(Database()).rows("SELECT * FROM read_parquet(\(SQL.literal(path)))")
        #expect(read == rows)
    }

    @Test("a file that cannot be made says why")
    func refuses() {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "missing/file.parquet").path
        let error = #expect(throws: (any Error).self) {
            try ParquetFile.write([], columns: RandomRows.columns, to: path)
        }
        #expect(
            "\(error as Any)".contains("missing/file.parquet could not be created: No such file or directory")
        )
    }
}

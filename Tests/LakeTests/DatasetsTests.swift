import DuckDB
import Foundation
import Primitives
import Testing

@testable import Lake

@Suite("A dataset")
struct DatasetsTests {
    private let lake: TestLake

    init() async throws { lake = try await TestLake() }

    private func file(_ name: String, _ text: String) throws -> String {
        let path = lake.folder + "/" + name
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    @discardableResult
    private func add(_ name: String, _ path: String, _ mode: DatasetMode = .create) async throws
        -> DatasetReport
    {
        try await lake.lake.addDataset(name, from: path, mode: mode)
    }

    /// The dataset's rows as text, from the files that its log names.
    private func rows(_ name: String, _ selection: String) async throws -> [[String?]] {
        let table = await lake.lake.table("datasets/\(name)")
        let files = try await table.snapshot().files.map { table.location(of: $0) }
        return try await lake.connection.texts(
            "SELECT \(selection) FROM read_parquet(\(SQL.list(files))) ORDER BY ALL")
    }

    @Test("holds a CSV's rows under types and names that Delta's readers take")
    func typesAndNames() async throws {
        let path = try file(
            "o.csv", "Order ID,amount,at\n1,12.5,2026-08-01 10:00:00\n2,3,2026-08-02 10:00:00\n")
        let report = try await add("orders", path)
        #expect(report.rows == 2)
        #expect(report.columns.map(\.name) == ["Order_ID", "amount", "at"])
        #expect(report.columns.map(\.type) == ["long", "double", "timestamp"])
        #expect(report.renamed == ["Order ID": "Order_ID"])
        #expect(
            try await rows("orders", "\"Order_ID\", amount, epoch_ms(\"at\")") == [
                ["1", "12.5", "1785578400000"], ["2", "3.0", "1785664800000"],
            ])
    }

    @Test("keeps decimals and lists of Parquet, and holds what Delta lacks in the next wider type")
    func parquetTypes() async throws {
        let path = lake.folder + "/t.parquet"
        try await lake.connection.execute(
            """
            COPY (SELECT 1.50::DECIMAL(10, 2) AS price, 7::HUGEINT AS huge, [1, 2] AS list,
                uuid() AS id, TIME '10:00' AS clock, {'a': 1} AS s, {'a b': 1} AS odd)
            TO '\(path)' (FORMAT parquet)
            """)
        let report = try await add("types", path)
        #expect(
            report.columns.map(\.type) == [
                "decimal(10,2)", "double", "array", "string", "string", "struct", "string",
            ])
        #expect(try await rows("types", "price, list, odd") == [["1.50", "[1, 2]", #"{"a b":1}"#]])
    }

    @Test("comes from JSON lines, gzip and a path that looks like a glob")
    func formats() async throws {
        try await add("lines", try file("[a]*.ndjson", "{\"a\":1}\n{\"a\":2}\n"))
        #expect(try await rows("lines", "a") == [["1"], ["2"]])
        let packed = lake.folder + "/p.csv.gz"
        try await lake.connection.execute("COPY (SELECT 5 AS a) TO '\(packed)' (COMPRESSION gzip)")
        try await add("packed", packed)
        #expect(try await rows("packed", "a") == [["5"]])
    }

    @Test("is not touched by a second file unless asked")
    func existing() async throws {
        let path = try file("a.csv", "a\n1\n")
        try await add("d", path)
        let failure = await #expect(throws: Failure.self) { try await add("d", path) }
        #expect(failure?.kind == .refused)
        #expect(failure?.message.contains("replace it") == true)
        #expect(try await rows("d", "a") == [["1"]])
    }

    @Test("is replaced, columns too, in one commit that leaves the earlier version readable")
    func replace() async throws {
        let first = try await add("d", try file("a.csv", "a\n1\n2\n"))
        let second = try await add("d", try file("b.csv", "a,b\nx,10\n"), .replace)
        #expect(second.version == first.version + 1)
        #expect(try await rows("d", "a, b") == [["x", "10"]])
        let table = await lake.lake.table("datasets/d")
        let old = try await table.snapshot(version: first.version)
        #expect(old.files.allSatisfy { FileManager.default.fileExists(atPath: table.location(of: $0)) })
        #expect(try await table.verify() == [])
    }

    @Test("takes more rows whose columns are its own, in any order and any narrower type")
    func append() async throws {
        try await add("d", try file("a.csv", "zip,n\nx1,1.5\n"))
        try await add("d", try file("b.csv", "N,zip\n2,02\n"), .append)
        #expect(try await rows("d", "zip, n") == [["02", "2.0"], ["x1", "1.5"]])
    }

    @Test(
        "says which column differs and takes nothing",
        arguments: [("a\nx\n", "'a'"), ("b\n1\n", "'a'"), ("a,b\n1,2\n", "'b'")])
    func appendRefused(_ text: String, _ column: String) async throws {
        try await add("d", try file("a.csv", "a\n1\n"))
        let other = try file("b.csv", text)
        let failure = await #expect(throws: Failure.self) { try await add("d", other, .append) }
        #expect(failure?.kind == .refused)
        #expect(failure?.message.contains("column \(column)") == true)
        #expect(try await rows("d", "a") == [["1"]])
    }

    @Test(
        "has a name that needs no quotes and is none of the lake's",
        arguments: [
            "", "Orders", "1a", "a-b", "../a", "a'b", "events", "ses_events",
            String(repeating: "a", count: 64),
        ])
    func names(_ name: String) {
        #expect(throws: Failure.self) { try EventLake.checkDatasetName(name) }
    }

    @Test("is not made from a file that is missing, of no known kind, or damaged")
    func badFiles() async throws {
        await #expect(throws: Failure.self) { try await add("d", lake.folder + "/none.csv") }
        let unknown = try file("a.xyz", "a\n")
        await #expect(throws: Failure.self) { try await add("d", unknown) }
        let empty = try file("e.csv", "")
        await #expect(throws: Failure.self) { try await add("d", empty) }
        let damaged = try file("a.parquet", "no Parquet")
        let failure = await #expect(throws: Failure.self) { try await add("d", damaged) }
        #expect(failure?.kind == .input)
        #expect(try await lake.lake.datasets().isEmpty)
    }

    @Test("is gone after a drop, and only then")
    func drop() async throws {
        try await add("d", try file("a.csv", "a\n1\n"))
        #expect(try await lake.lake.datasets().map(\.name) == ["d"])
        try await lake.lake.dropDataset("d")
        #expect(try await lake.lake.datasets().isEmpty)
        let failure = await #expect(throws: Failure.self) { try await lake.lake.dropDataset("d") }
        #expect(failure?.kind == .notFound)
        await #expect(throws: Failure.self) { try await lake.lake.dropDataset("../events") }
    }
}

import Testing
import TestSupport

@testable import Lake

@Suite("Which small files are merged")
struct TieredCompactionTests {
    private let policy = TieredCompaction()

    private func snapshot(_ rows: [Int64], size: Int64 = 1_000) throws -> TableSnapshot {
        var replay = TableReplay()
        let adds = rows.enumerated().map { number, rows in
            DeltaAction.add(
                addition("\(number)", stats: #"{"numRecords":\#(rows)}"#, size: size, at: Int64(number)))
        }
        replay.apply(
            [.protocol(.sesame), .metadata(TableMetadata(id: "i", schema: TableFixture.schema))] + adds,
            version: 0)
        return try replay.snapshot()
    }

    @Test("a tier is the number of digits of the rows")
    func tiers() throws {
        let files = try snapshot([1, 9, 10, 99, 100, 999_999, 1_000_000]).files.sorted {
            ($0.rowCount ?? 0) < ($1.rowCount ?? 0)
        }
        #expect(files.map(policy.tier) == [0, 0, 1, 1, 2, 5, nil])
        #expect(try snapshot([5], size: 96 << 20).files.map(policy.tier) == [nil], "large in bytes")
    }

    @Test("nine files of a tier are left, ten become one")
    func ten() throws {
        #expect(policy.plan(try snapshot(Array(repeating: 12, count: 9))).isEmpty)
        let plan = policy.plan(try snapshot(Array(repeating: 12, count: 10) + [5, 100]))
        #expect(plan.map(\.files.count) == [10])
        #expect(plan[0].files.allSatisfy { $0.rowCount == 12 })
    }

    @Test("no group grows far past the size that is left alone")
    func large() throws {
        let plan = policy.plan(try snapshot(Array(repeating: 600_000, count: 30)))
        #expect(plan.map(\.files.count) == [2])
    }

    @Test(
        "whatever comes, a row is rewritten at most once a tier, and nine files of a tier remain",
        arguments: 1...5 as ClosedRange<UInt64>)
    func bounded(seed: UInt64) throws {
        var random = SeededGenerator(state: seed)
        /// Rows of each file, and how often the row rewritten most was rewritten.
        var files: [(rows: Int64, rewrites: Int)] = []
        var (written, came): (Int64, Int64) = (0, 0)
        for _ in 0..<1_500 {
            let rows = Int64(1) << Int64.random(in: 0...(seed == 1 ? 3 : 17), using: &random)
            files.append((rows, 0))
            came += rows
            written += rows
            while let group = policy.plan(try snapshot(files.map(\.rows))).first {
                let indices = Set(
                    group.files.compactMap { file in
                        Int(file.path.split(separator: "/").last?.split(separator: ".").first ?? "")
                    })
                let merged = indices.map { files[$0] }
                let rows = merged.reduce(0) { $0 + $1.rows }
                written += rows
                files = files.enumerated().filter { !indices.contains($0.offset) }.map(\.element)
                files.append((rows, 1 + (merged.map(\.rewrites).max() ?? 0)))
            }
        }
        #expect(files.map(\.rewrites).max() ?? 0 <= 6)
        #expect(written <= 7 * came)
        #expect(files.reduce(0) { $0 + $1.rows } == came)
        let tiers = Dictionary(grouping: try snapshot(files.map(\.rows)).files.compactMap(policy.tier)) { $0 }
        #expect(tiers.values.allSatisfy { $0.count <= 9 })
    }
}

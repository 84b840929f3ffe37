import DuckDB
import Foundation
import Primitives
import Testing

@testable import Lake

@Suite struct MaintenanceTests {
    let fixture: TableFixture

    init() throws { fixture = try TableFixture() }

    /// Ten appends over two days: ten files of the first, one of the second.
    private func filled() async throws -> DeltaTable {
        let table = try await fixture.created()
        for number in 0..<10 {
            try await table.append(try await fixture.write(from: number * 150, count: 150))
        }
        return table
    }

    @Test func thePlanTakesSmallFilesOfOnePartition() throws {
        func snapshot(_ sizes: [Int64]) throws -> TableSnapshot {
            var replay = TableReplay()
            let adds = sizes.enumerated().map { DeltaAction.add(addition("\($0)", size: $1, at: Int64($0))) }
            replay.apply(
                [.protocol(.sesame), .metadata(TableMetadata(id: "i", schema: TableFixture.schema))] + adds,
                version: 0)
            return try replay.snapshot()
        }
        var policy = CompactionPolicy()
        (policy.targetSize, policy.minimumFiles) = (100, 4)
        #expect(try snapshot([10, 10, 10]).compactionPlan(policy).isEmpty, "too few")
        #expect(try snapshot([10, 10, 10, 10]).compactionPlan(policy).map(\.files.count) == [4])
        #expect(try snapshot([60, 50]).compactionPlan(policy).isEmpty, "two that do not fit one file")
        #expect(try snapshot([40, 30, 40]).compactionPlan(policy).map(\.size) == [70])
        #expect(try snapshot([90, 80, 75, 99]).compactionPlan(policy).isEmpty, "large enough")
        #expect(try snapshot([60, 30, 60, 30, 10]).compactionPlan(policy).map(\.size) == [90, 100])
    }

    @Test func compactionKeepsRowsAndRunningReaders() async throws {
        let table = try await filled()
        let before = try await table.snapshot()
        let content = try await fixture.content(before)
        #expect(content == [1_500, 1_499 * 750])
        let reports = try await table.compact(orderBy: "event_at")
        #expect(reports.count == 1 && reports[0].mergedFiles == 10 && reports[0].rowCount == 1_440)
        let after = try await table.snapshot()
        #expect(after.fileCount == 2 && after.rowCount == 1_500)
        #expect(try await fixture.content(after) == content)
        #expect(try await fixture.content(before) == content, "the old files are still there")
        #expect(try await table.compact(orderBy: "event_at") == [])
        #expect(try await table.verify(timestamp: "event_at") == [])
    }

    @Test func compactionAndAppendsLoseNothing() async throws {
        let table = try await filled()
        let (fixture, other) = (fixture, fixture.table(on: try Connection(try Database())))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await table.compact(orderBy: "event_at") }
            group.addTask {
                for number in 10..<15 {
                    try await other.append(try await fixture.write(from: number * 150, count: 150))
                }
            }
            try await group.waitForAll()
        }
        #expect(try await fixture.content(try await table.snapshot()) == [2_250, 2_249 * 1_125])
    }

    @Test func theSlowerOfTwoCompactionsGivesWay() async throws {
        let table = try await filled()
        let snapshot = try await table.snapshot()
        let group = try #require(snapshot.compactionPlan().first)
        _ = try await table.compact(group, of: snapshot, orderBy: "event_at")
        await #expect(throws: CommitRejection.self) {
            try await table.compact(group, of: snapshot, orderBy: "event_at")
        }
        #expect(try await table.verify(timestamp: "event_at") == [], "its file is gone again")
    }

    @Test func vacuumKeepsWhatIsReferenced() async throws {
        let table = try await filled()
        let before = try await table.snapshot()
        try await table.compact(orderBy: "event_at")
        let orphan = try await fixture.write(from: 0, count: 1)
        #expect(try await table.vacuum() == VacuumReport())
        fixture.wait(2 * 86_400_000)
        let listed = try await table.vacuum(dryRun: true)
        #expect(listed.orphans.count == 1 && orphan[0].hasSuffix(listed.orphans[0]) && listed.removed == [])
        #expect(try await fixture.content(before)[0] == 1_500)
        fixture.wait(6 * 86_400_000)
        let report = try await table.vacuum()
        #expect(report.removed.count == 10 && report.orphans.count == 1 && report.size > 0)
        #expect(try await fixture.content(try await fixture.table().snapshot())[0] == 1_500)
        #expect(try await table.verify(timestamp: "event_at") == [])
        #expect(try await table.vacuum() == VacuumReport())
    }

    @Test("a file that is about to be committed survives a clock that jumps by a year")
    func vacuumBesideAWriter() async throws {
        let table = try await filled()
        let pending = try await fixture.write(from: 1_500, count: 150)
        fixture.wait(365 * 86_400_000)
        let first = try await table.vacuum(suspects: [])
        #expect(first.orphans == [] && first.suspects.count == 1)
        try await table.append(pending)
        let orphan = try await fixture.write(from: 0, count: 1)
        let second = try await table.vacuum(suspects: Set(first.suspects))
        #expect(second.orphans == [] && second.suspects.count == 1)
        #expect(try await fixture.content(try await table.snapshot())[0] == 1_650)
        let third = try await table.vacuum(suspects: Set(second.suspects))
        #expect(third.orphans.count == 1 && orphan[0].hasSuffix(third.orphans[0]))
    }

    @Test func verifyNamesWhatIsWrong() async throws {
        let table = try await filled()
        #expect(try await table.verify(timestamp: "event_at") == [])
        let files = try await table.snapshot().files
        let paths = files.map { table.location(of: $0) }
        try FileManager.default.removeItem(atPath: paths[0])
        try FileManager.default.truncateFile(paths[1], by: 10)
        // Same size, other bytes.
        let damaged = try Data(contentsOf: URL(filePath: paths[2]))
        try Data(repeating: 0, count: damaged.count).write(to: URL(filePath: paths[2]))
        let stray = try await fixture.write(from: 0, count: 1)
        let findings = try await table.verify(timestamp: "event_at")
        #expect(findings.count == 4)
        #expect(findings.contains("\(files[0].path) is missing"))
        #expect(findings.contains { $0.hasPrefix("\(files[1].path) has \(files[1].size - 10) bytes") })
        #expect(findings.contains { $0.hasPrefix("\(files[2].path) cannot be read") })
        #expect(
            findings.contains("\(stray[0].dropFirst(fixture.folder.count + 1)) is in no version of the table")
        )
    }

    @Test func verifyReadsTheRows() async throws {
        let table = try await fixture.created()
        var add = try await table.adding(try await fixture.write(from: 0, count: 10))[0]
        add.stats = #"""
            {"numRecords":9,"minValues":{"event_id":"event-000001","event_at":"2026-08-01T00:00:01.000Z"},
            "maxValues":{"event_id":"event-000009","event_at":"2026-08-01T00:00:02.000Z"},"nullCount":{"event_id":1}}
            """#
        try await table.commit(operation: "WRITE", actions: [.add(add)])
        #expect(try await table.verify(timestamp: "event_at").count == 5)
        #expect(try await table.verify(timestamp: "event_at").allSatisfy { $0.hasPrefix(add.path) })
    }

    @Test func verifyComparesPartitionsWithRows() async throws {
        let table = try await fixture.created()
        let written = try await fixture.write(from: 0, count: 10)[0]
        let moved = fixture.folder + "/year=2026/month=08/day=02"
        try FileManager.default.createDirectory(atPath: moved, withIntermediateDirectories: true)
        try FileManager.default.moveItem(atPath: written, toPath: moved + "/part-a.parquet")
        try await table.append(["year=2026/month=08/day=02/part-a.parquet"])
        #expect(try await table.verify() == [])
        #expect(
            try await table.verify(timestamp: "event_at") == [
                "year=2026/month=08/day=02/part-a.parquet has 10 rows whose event_at is of another partition"
            ])
    }

    @Test func verifyFindsAGapInTheLog() async throws {
        let table = try await filled()
        try FileManager.default.removeItem(atPath: fixture.folder + "/_delta_log/" + LogName.commit(4))
        #expect(try await table.verify().contains("\(LogName.commit(4)) is missing from the log"))
    }

    @Test func aFileThatIsNotParquetIsNotAdded() async throws {
        let table = try await fixture.created()
        let folder = fixture.folder + "/year=2026/month=08/day=01"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("text".utf8).write(to: URL(filePath: folder + "/a.parquet"))
        await #expect(throws: Failure.self) {
            try await table.adding(["year=2026/month=08/day=01/a.parquet"])
        }
        await #expect(throws: Failure.self) { try await table.adding(["../a.parquet"]) }
        await #expect(throws: Failure.self) { try await table.adding(["/etc/passwd"]) }
    }
}

extension FileManager {
    /// Cuts `count` bytes from the end of a file.
    fileprivate func truncateFile(_ path: String, by count: Int) throws {
        let bytes = try Data(contentsOf: URL(filePath: path))
        try bytes.dropLast(count).write(to: URL(filePath: path))
    }
}

import DuckDB
import Foundation
import Primitives
import Synchronization
import Testing

@testable import Lake

/// Other readers and writers of Delta Lake, who must agree with Sesame on every row: delta-rs (`deltalake` of PyPI) and
/// DuckDB's delta extension. They come with `scripts/setup --tests`; without them these tests are skipped.
@Suite(.enabled(if: Peers.python != nil)) struct PeerTests {
    let fixture: TableFixture

    init() throws { fixture = try TableFixture() }

    /// What Sesame has in the table, in the form in which ``Peers/answers`` prints what the peers have.
    private func expected(_ table: DeltaTable) async throws -> [String] {
        let files = SQL.list(try await table.snapshot().files.map { table.location(of: $0) })
        let rows = try await fixture.connection.rows(
            """
            SELECT count(*), sum(amount)::BIGINT, count(*) FILTER (day = '02'), max(epoch_us(event_at)),
                sum(len(tags['k']))::BIGINT, max(client.name)
            FROM read_parquet(\(files), hive_partitioning = true, hive_types_autocast = false)
            """)
        let line = rows[0].map(\.description).joined(separator: " ")
        return ["delta-rs \(line)", "duckdb \(line)"]
    }

    private func filled() async throws -> DeltaTable {
        let table = try await fixture.created()
        for number in 0..<11 {
            try await table.append(
                try await fixture.write(from: number * 150, count: 150),
                transaction: TransactionMark(appId: "log", version: Int64(number)))
        }
        try await table.compact(orderBy: "event_at")
        return table
    }

    @Test func peersReadTheLogWithAndWithoutItsOldCommits() async throws {
        let table = try await filled()
        let expected = try await expected(table)
        #expect(try Peers.run(Peers.answers, fixture.folder) == expected)
        #expect(try await table.cleanLog(olderThan: -1).count == 10)
        #expect(try Peers.run(Peers.answers, fixture.folder) == expected)
        try await table.checkpoint()
        try await table.cleanLog(olderThan: -1)
        #expect(try Peers.run(Peers.answers, fixture.folder) == expected, "removes in the checkpoint")
        #expect(fixture.warnings.withLock { $0 } == [])
    }

    @Test func peersPruneByTheStatistics() async throws {
        let table = try await filled()
        let found = try Peers.run(
            """
            import datetime, sys
            from deltalake import DeltaTable
            at = datetime.datetime(2026, 8, 1, 12, 0, 0, 123456, datetime.timezone.utc)
            import duckdb
            print(DeltaTable(sys.argv[1]).to_pyarrow_table(filters=[("event_at", "==", at)]).num_rows)
            import duckdb_extension_delta, glob, os
            db = duckdb.connect(config={"allow_unsigned_extensions": "true"})
            root = os.path.dirname(duckdb_extension_delta.__file__)
            db.execute("LOAD '" + glob.glob(root + "/**/*.duckdb_extension", recursive=True)[0] + "'")
            print(db.execute("SELECT count(*) FROM delta_scan(?) WHERE event_at = ?", [sys.argv[1], at]).fetchone()[0])
            """, table.folder)
        #expect(found == ["1", "1"])
    }

    @Test func sesameReadsWhatPeersWrote() async throws {
        let table = try await filled()
        let before = try await table.snapshot()
        _ = try Peers.run(
            """
            import sys
            from deltalake import DeltaTable, write_deltalake
            table = DeltaTable(sys.argv[1])
            write_deltalake(table, table.to_pyarrow_table().slice(0, 7), mode="append")
            table = DeltaTable(sys.argv[1])
            table.create_checkpoint()
            """, table.folder)
        let after = try await table.snapshot()
        #expect(after.version == before.version + 1)
        #expect(try await fixture.content(after)[0] == 1_657)
        try await table.cleanLog(olderThan: -1)
        let checkpointed = try await fixture.table().snapshot()
        #expect(checkpointed.files.map(\.path) == after.files.map(\.path))
        #expect(checkpointed.files.map(\.statistics) == after.files.map(\.statistics))
        #expect(checkpointed.transactions == ["log": 10])
        let findings = try await table.verify(timestamp: "event_at")
        #expect(findings == [])
        try await table.commit(
            operation: "DELETE",
            actions: after.files.prefix(1).map {
                .remove(RemoveFile($0.add, at: TableDisk.now(), dataChange: true))
            })
        #expect(try await Peers.run(Peers.answers, fixture.folder) == expected(table))
    }
}

/// Runs Python with the peers' packages.
enum Peers {
    static let python: String? = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = ProcessInfo.processInfo.environment["SESAME_PEERS"] ?? root.path + "/.deps/venv/bin/python"
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    /// Prints rows, sum, rows of one partition, latest time, list lengths and a structure's field, from each peer.
    static let answers = """
        import glob, os, sys
        import duckdb, duckdb_extension_delta
        from deltalake import DeltaTable
        db = duckdb.connect(config={"allow_unsigned_extensions": "true"})
        root = os.path.dirname(duckdb_extension_delta.__file__)
        db.execute("LOAD '" + glob.glob(root + "/**/*.duckdb_extension", recursive=True)[0] + "'")
        columns = \"\"\"count(*), sum(amount)::BIGINT, count(*) FILTER (day = '02'), max(epoch_us(event_at)),
            sum(len(tags['k']))::BIGINT, max(client.name)\"\"\"
        rows = DeltaTable(sys.argv[1]).to_pyarrow_table()
        print("delta-rs", *db.execute("SELECT " + columns + " FROM rows").fetchone())
        print("duckdb", *db.execute("SELECT " + columns + " FROM delta_scan(?)", [sys.argv[1]]).fetchone())
        """

    static func run(_ script: String, _ arguments: String...) throws -> [String] {
        let process = Process()
        process.executableURL = URL(filePath: python ?? "/usr/bin/python3")
        process.arguments = ["-c", script] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(.storage, "a peer failed: \(text)") }
        return text.split(separator: "\n").map(String.init)
    }
}

import DuckDB
import Foundation
import Primitives
import Synchronization

@testable import Lake

/// A table in a temporary folder with a small schema, and the means to put rows into it.
final class TableFixture: Sendable {
    static let schema = TableSchema(
        columns: [
            TableColumn("event_id", .string), TableColumn("event_at", .timestamp),
            TableColumn("amount", .long), TableColumn("tags", .map(.string, .array(.string))),
            TableColumn("client", .structure([TableColumn("name", .string)])), TableColumn("on_day", .date),
        ], partitionColumns: TableSchema.dayPartition)

    let folder: String
    let connection: Connection
    /// What the table takes for the time, in microseconds after the real one.
    let clockAhead = Mutex<Int64>(0)
    let warnings = Mutex<[Failure]>([])

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/sesame-lake-" + UUID().uuidString
        connection = try Connection(try Database(configuration: ["threads": "1"]))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// The table as a process of its own would see it.
    func table(checkpointInterval: Int64 = 10, on connection: Connection? = nil) -> DeltaTable {
        var options = TableOptions()
        options.checkpointInterval = checkpointInterval
        options.now = { [self] in
            Timestamp(microseconds: TableDisk.now().microseconds + clockAhead.withLock { $0 })
        }
        options.onWarning = { [self] warning in warnings.withLock { $0.append(warning) } }
        return DeltaTable(folder: folder, connection: connection ?? self.connection, options: options)
    }

    /// Lets `milliseconds` pass for the table's clock.
    func wait(_ milliseconds: Int64) { clockAhead.withLock { $0 += milliseconds * 1_000 } }

    /// A table that was just created.
    func created(checkpointInterval: Int64 = 10) async throws -> DeltaTable {
        let table = table(checkpointInterval: checkpointInterval)
        try await table.openOrCreate(TableFixture.schema, name: "events")
        return table
    }

    /// Writes `count` rows from `start` on, one every `step` seconds from 2026-08-01 on, into Parquet files by day.
    ///
    /// - Returns: the files, as `COPY` names them.
    func write(from start: Int, count: Int, step: Int = 60) async throws -> [String] {
        let rows = """
            SELECT 'event-' || lpad(i::VARCHAR, 6, '0') AS event_id, t AS event_at, i::BIGINT AS amount,
                MAP {'k': ['v' || i]} AS tags, {'name': 'c' || i} AS client, t::TIMESTAMP::DATE AS on_day,
                strftime(u, '%Y') AS "year", strftime(u, '%m') AS "month", strftime(u, '%d') AS "day"
            FROM (SELECT i, u, make_timestamptz(epoch_us(u)) AS t FROM (
                SELECT i, TIMESTAMP '2026-08-01' + to_microseconds(i::BIGINT * \(step) * 1000000 + 123456) AS u
                FROM range(\(start), \(start + count)) r(i)))
            """
        let written = try await connection.rows(
            """
            COPY (\(rows)) TO '\(folder)' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY ("year", "month", "day"),
                FILENAME_PATTERN 'part-{uuid}', APPEND, RETURN_FILES)
            """)
        guard case .list(let files) = written[0][1] else { return [] }
        return files.compactMap(\.text)
    }

    /// The rows of a snapshot's files: their count and the sum of `amount`.
    func content(_ snapshot: TableSnapshot) async throws -> [Int64?] {
        if snapshot.fileCount == 0 { return [0, 0] }
        let files = SQL.list(snapshot.files.map { folder + "/" + $0.path })
        let row = try await connection.rows(
            "SELECT count(*), sum(amount)::BIGINT FROM read_parquet(\(files), hive_partitioning = false)")[0]
        return row.map(\.integer)
    }
}

/// An `add` action of a file that is only spoken of.
func addition(_ path: String, stats: String? = nil, size: Int64 = 1, at time: Int64 = 0) -> AddFile {
    AddFile(
        path: "year=2026/month=08/day=01/\(path).parquet",
        partitionValues: ["year": "2026", "month": "08", "day": "01"], size: size, modificationTime: time,
        dataChange: true, stats: stats)
}

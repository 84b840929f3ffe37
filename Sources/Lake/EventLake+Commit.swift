import DuckDB
import Foundation
import Primitives

extension EventLake {
    /// What a commit did.
    public struct CommitReport: Sendable, Equatable {
        /// Rows that are new in `events`.
        public var events = 0
        /// Staged rows that the lake, or the batch itself, had already.
        public var duplicates = 0
    }

    /// Which files staged rows are compared with and become part of.
    public enum Target: Sendable {
        /// The table's latest version; one commit makes the rows part of it.
        case table
        /// These files, which no version names yet; the caller commits. Used to rebuild the table.
        case pending([AddFile])
    }

    /// Writes the staged events that are new to Parquet files, one a day, and commits them in one step.
    ///
    /// An event that is there already has the same time, so only files whose times overlap are looked at. Before the
    /// commit nothing is visible; after it everything is: see `DeltaCommit.swift`.
    ///
    /// - Parameter sort: whether rows came so far out of order that row groups would overlap.
    /// - Returns: the report, and the files if the target is pending.
    public func commitStaged(sort: Bool, into target: Target = .table) async throws -> (
        CommitReport, [AddFile]
    ) {
        let store = try await stagedRows()
        let staged = store.rowCount
        guard staged > 0 else { return (CommitReport(), []) }
        let snapshot = try await events.snapshot()
        let known: [DataFile] =
            switch target {
            case .table: snapshot.files
            case .pending(let files): files.map { DataFile($0, schema: snapshot.schema) }
            }
        let days = try await stagedDays()
        let fresh = try await freshRows(staged: staged, days: days, known: known)
        var paths: [String] = []
        for day in days {
            if let path = try await write(fresh.relation, day: day, sort: sort) { paths.append(path) }
        }
        let files = try await events.adding(paths)
        if case .table = target, !files.isEmpty {
            try await events.commit(
                read: snapshot.version, operation: "WRITE", actions: files.map { .add($0) })
        }
        store.removeAll()
        return (CommitReport(events: fresh.count, duplicates: staged - fresh.count), files)
    }

    /// A day with staged events, and their earliest and latest time.
    struct StagedDay {
        let day: CivilDay
        let earliest: Timestamp
        let latest: Timestamp
    }

    private func stagedDays() async throws -> [StagedDay] {
        let rows = try await connection.rows(
            """
            SELECT epoch_us(min(event_at)), epoch_us(max(event_at)) FROM \(Self.staged)
            GROUP BY epoch_us(event_at) // 86400000000 - (epoch_us(event_at) < 0)::INT ORDER BY 1
            """)
        return rows.compactMap { row in
            guard let earliest = row[0].integer, let latest = row[1].integer else { return nil }
            let start = Timestamp(microseconds: earliest)
            return StagedDay(day: start.day, earliest: start, latest: Timestamp(microseconds: latest))
        }
    }

    /// The staged rows that neither the files nor an earlier staged row have.
    ///
    /// Of twins, the one of event publishing counts: it carries the tags.
    private func freshRows(
        staged: Int, days: [StagedDay], known: [DataFile]
    ) async throws -> (relation: String, count: Int) {
        let table = Self.staged
        let overlapping = Set(
            days.flatMap { day in
                known.filter { $0.overlaps("event_at", day.earliest, day.latest) }.map {
                    events.location(of: $0)
                }
            })
        let distinct = try await count("SELECT count(DISTINCT event_id) FROM \(table)")
        if overlapping.isEmpty, distinct == staged { return (table, staged) }
        var unknown = table
        if !overlapping.isEmpty, let first = days.first, let last = days.last {
            try await connection.execute(
                """
                CREATE OR REPLACE TEMP TABLE known AS SELECT event_id FROM read_parquet(\(SQL.list(overlapping.sorted())))
                WHERE event_at BETWEEN make_timestamptz(\(first.earliest.microseconds)) AND \
                make_timestamptz(\(last.latest.microseconds))
                """)
            unknown =
                "(SELECT row_id, event_id, is_notification FROM \(table) ANTI JOIN known USING (event_id))"
        }
        try await connection.execute(
            """
            CREATE OR REPLACE TEMP TABLE fresh AS
            SELECT arg_min(row_id, is_notification::BIGINT << 40 | row_id) AS id FROM \(unknown) GROUP BY event_id
            """)
        let fresh = try await count("SELECT count(*) FROM fresh")
        return ("(SELECT * FROM \(table) WHERE row_id IN (SELECT id FROM fresh))", fresh)
    }

    private func write(_ relation: String, day: StagedDay, sort: Bool) async throws -> String? {
        let folder = day.day.partitionFolder
        let directory = events.folder + "/" + folder
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let path = "\(folder)/part-\(UUID().uuidString.lowercased()).parquet"
        let file = events.folder + "/" + path
        let written = try await connection.rows(
            """
            COPY (SELECT * EXCLUDE (row_id) FROM \(relation) WHERE event_at BETWEEN make_timestamptz(\(day.earliest.microseconds))
                AND make_timestamptz(\(day.latest.microseconds)) \(sort ? "ORDER BY event_at" : ""))
            TO \(SQL.literal(file)) (\(ParquetOptions.fresh))
            """)
        guard written.first?.first?.integer ?? 0 > 0 else {
            try FileManager.default.removeItem(atPath: file)
            return nil
        }
        return path
    }

    func count(_ sql: String) async throws -> Int {
        Int(try await connection.rows(sql).first?.first?.integer ?? 0)
    }
}

/// How Parquet is written.
enum ParquetOptions {
    /// Files that compaction will merge later: quick to write.
    static let fresh = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1"
    /// Files that stay: small.
    static let lasting = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 6, ROW_GROUP_SIZE 122880"
}

extension CivilDay {
    /// The folder of the day's rows: `year=2026/month=08/day=01`; see ``TableSchema/dayPartition``.
    public var partitionFolder: String {
        let (year, month, day) = components
        return "year=\(year)/month=\(month < 10 ? "0" : "")\(month)/day=\(day < 10 ? "0" : "")\(day)"
    }
}

extension DataFile {
    /// Whether the file may hold a row whose time is in the range; true where its statistics do not say.
    func overlaps(_ column: String, _ earliest: Timestamp, _ latest: Timestamp) -> Bool {
        guard let statistics = statistics.columns[column],
            case .timestamp(let minimum)? = statistics.minimum,
            case .timestamp(let maximum)? = statistics.maximum
        else { return true }
        return minimum <= latest && maximum >= earliest
    }
}

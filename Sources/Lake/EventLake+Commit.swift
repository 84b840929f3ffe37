import DuckDB
import Foundation
import Parquet
import Primitives

extension EventLake {
    /// Which files staged rows are compared with and become part of.
    public enum Target: Sendable {
        /// The table's latest version; one commit makes the rows part of it.
        case table
        /// These files, which no version names yet; the caller commits. Used to rebuild the table.
        case pending([AddFile])
    }

    /// Finds out which staged events are new.
    ///
    /// An event that is there already has the same time, so only files whose times overlap are looked at.
    ///
    /// - Parameter stages: the keys of each stage.
    public func fresh(_ stages: [[EventKey]], for target: Target = .table) async throws -> FreshEvents {
        let snapshot = try await events.snapshot()
        let known: [DataFile] =
            switch target {
            case .table: snapshot.files
            case .pending(let files): files.map { DataFile($0, schema: snapshot.schema) }
            }
        var distinct = DistinctEvents(stages)
        for span in DaySpan.spans(of: stages) {
            let overlapping = known.filter { $0.overlaps("event_at", span.earliest, span.latest) }
            let paths = overlapping.map { events.location(of: $0) }
            for id in try await self.known(span, paths, among: distinct) { distinct.remove(id) }
        }
        var fresh = FreshEvents()
        fresh.places = distinct.byStage
        fresh.count = fresh.places.reduce(0) { $0 + $1.count }
        fresh.duplicates = stages.reduce(0) { $0 + $1.count } - fresh.count
        fresh.version = snapshot.version
        return fresh
    }

    /// The staged identities that the files have within the span.
    private func known(
        _ span: DaySpan, _ paths: [String], among staged: DistinctEvents
    ) async throws -> [UInt128] {
        guard !paths.isEmpty else { return [] }
        let sql = """
            SELECT event_id FROM read_parquet(\(SQL.list(paths.sorted()))) WHERE event_at BETWEEN
            make_timestamptz(\(span.earliest.microseconds)) AND make_timestamptz(\(span.latest.microseconds))
            """
        return try await connection.perform { connection in
            var known: [UInt128] = []
            try connection.stream(sql) { chunk in
                let ids = chunk.column(0)
                for row in 0..<chunk.rowCount where !ids.isNull(row) {
                    if let id = UInt128(eventID: ids.bytes(row)), staged.contains(id) { known.append(id) }
                }
                return true
            }
            return known
        }
    }

    /// Writes new events to Parquet files, one a day, and commits them in one step.
    ///
    /// Before the commit nothing is visible; after it everything is: see `DeltaCommit.swift`.
    ///
    /// - Parameter groups: what each stage made of the places in `fresh`, by ``EventStage/encode(_:)``.
    /// - Returns: the files, which are not part of the table yet if the target is pending.
    @discardableResult
    public func commit(
        _ fresh: FreshEvents, _ groups: [[CivilDay: [RowGroup]]], into target: Target = .table
    ) async throws -> [AddFile] {
        var days: [CivilDay: [RowGroup]] = [:]
        for stage in groups { days.merge(stage) { $0 + $1 } }
        var paths: [String] = []
        for (day, groups) in days.sorted(by: { $0.key.start < $1.key.start }) {
            let folder = day.partitionFolder
            try FileManager.default.createDirectory(
                atPath: events.folder + "/" + folder, withIntermediateDirectories: true)
            let path = "\(folder)/part-\(UUID().uuidString.lowercased()).parquet"
            try ParquetFile.write(groups, columns: EventStage.columns, to: events.folder + "/" + path)
            paths.append(path)
        }
        let files = try await events.adding(paths)
        if case .table = target, !files.isEmpty {
            try await events.commit(
                read: fresh.version, operation: "WRITE", actions: files.map { .add($0) })
        }
        return files
    }

    func count(_ sql: String) async throws -> Int {
        Int(try await connection.rows(sql).first?.first?.integer ?? 0)
    }
}

/// The earliest and latest time of a day's staged events.
private struct DaySpan {
    var earliest: Timestamp
    var latest: Timestamp

    static func spans(of stages: [[EventKey]]) -> [DaySpan] {
        var days: [Int64: DaySpan] = [:]
        for key in stages.joined() {
            let time = Timestamp(microseconds: key.time)
            let day = time.day.start.microseconds
            var span = days[day] ?? DaySpan(earliest: time, latest: time)
            span.earliest = min(span.earliest, time)
            span.latest = max(span.latest, time)
            days[day] = span
        }
        return days.values.sorted { $0.earliest < $1.earliest }
    }
}

/// How Parquet is written by DuckDB.
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

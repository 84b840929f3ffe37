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
    /// An event that is there already has the same time, so only files whose times overlap are looked at, and in them
    /// only rows of these times. What was committed last is remembered and costs no look; see ``RecentEvents``.
    ///
    /// - Parameter stages: the keys of each stage.
    public func fresh(_ stages: [[EventKey]], for target: Target = .table) async throws -> FreshEvents {
        let snapshot = try await events.snapshot()
        let known: [DataFile] =
            switch target {
            case .table: Array(snapshot.filesByPath.values)
            case .pending(let files): files.map { DataFile($0, schema: snapshot.schema) }
            }
        var distinct = DistinctEvents(stages)
        if case .table = target {
            for key in stages.joined() where recent.contains(key.id) { distinct.remove(key.id) }
        }
        let times = EventTimes(Self.keys(at: distinct.left, of: stages).map(\.time))
        for id in try await self.known(times, known, among: distinct) { distinct.remove(id) }
        var fresh = FreshEvents()
        fresh.places = distinct.left
        fresh.ids = recent.capacity > 0 ? Self.keys(at: fresh.places, of: stages).map(\.id) : []
        fresh.count = fresh.places.reduce(0) { $0 + $1.count }
        fresh.duplicates = stages.reduce(0) { $0 + $1.count } - fresh.count
        fresh.version = snapshot.version
        fresh.unit = snapshot.schema.partitionUnit
        return fresh
    }

    private static func keys(at places: [[UInt32]], of stages: [[EventKey]]) -> [EventKey] {
        zip(places, stages).flatMap { places, keys in places.map { keys[Int($0)] } }
    }

    /// The staged identities that the files have at these times.
    private func known(
        _ times: EventTimes, _ files: [DataFile], among staged: DistinctEvents
    ) async throws -> [UInt128] {
        let paths = files.filter { times.mayBe(in: $0) && !recent.covers($0.path) }
            .map { events.location(of: $0) }.sorted()
        guard !paths.isEmpty else { return [] }
        let sql = """
            SELECT event_id FROM read_parquet(\(SQL.list(paths)), hive_partitioning = false)
            WHERE \(times.condition)
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

    /// Writes new events to Parquet files, one a partition, and commits them in one step.
    ///
    /// Before the commit nothing is visible; after it everything is: see `DeltaCommit.swift`.
    ///
    /// - Parameters:
    ///   - groups: what each stage made of the places in `fresh`, by ``EventStage/encode(_:by:)``.
    ///   - transaction: how far the source of the events has come with them, recorded in the same step, also where
    ///     there is no new event; only for the table.
    /// - Returns: the files, which are not part of the table yet if the target is pending.
    @discardableResult
    public func commit(
        _ fresh: FreshEvents, _ groups: [[TimePartition: [RowGroup]]], into target: Target = .table,
        transaction: TransactionMark? = nil
    ) async throws -> [AddFile] {
        var partitions: [TimePartition: [RowGroup]] = [:]
        for stage in groups { partitions.merge(stage) { $0 + $1 } }
        var paths: [String] = []
        for (partition, groups) in partitions.sorted(by: { $0.key < $1.key }) {
            let folder = partition.folder
            try FileManager.default.createDirectory(
                atPath: events.folder + "/" + folder, withIntermediateDirectories: true)
            let path = folder + "/" + ParquetName.new()
            try ParquetFile.write(groups, columns: EventStage.columns, to: events.folder + "/" + path)
            paths.append(path)
        }
        let files = try await events.adding(paths)
        guard case .table = target, !files.isEmpty || transaction != nil else { return files }
        let mark: [DeltaAction] = transaction.map { [.transaction($0)] } ?? []
        FailPoint.reached("lake.beforeCommit")
        try await events.commit(
            read: fresh.version, operation: "WRITE", actions: mark + files.map { .add($0) })
        FailPoint.reached("lake.afterCommit")
        recent.add(fresh.ids, in: files.map(\.path))
        return files
    }

    func count(_ sql: String) async throws -> Int {
        Int(try await connection.rows(sql).first?.first?.integer ?? 0)
    }
}

/// How Parquet is written by DuckDB.
enum ParquetOptions {
    /// Files that compaction will merge later: quick to write.
    static let fresh = "COMPRESSION_LEVEL 1, \(common)"
    /// Files that stay: small.
    static let lasting = "COMPRESSION_LEVEL 6, \(common)"

    private static let common = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE \(RowGroupSize.rows)"
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

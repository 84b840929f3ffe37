import DuckDB
import Primitives

/// When files are too small to be left alone.
public struct CompactionPolicy: Hashable, Sendable {
    /// The size that a merged file should reach, in bytes.
    public var targetSize: Int64 = 128 << 20
    /// So many small files in one partition are merged even where they do not fill one file.
    public var minimumFiles = 8

    /// The defaults.
    public init() {}

    /// Files from this size on, in bytes, are left alone.
    var largeSize: Int64 { targetSize / 4 * 3 }
}

/// Files of one partition that become one.
public struct CompactionGroup: Hashable, Sendable {
    /// The partition.
    public var partitionValues: [String: String?]
    /// The files, oldest first; two or more.
    public var files: [DataFile]

    /// Bytes before the merge.
    public var size: Int64 { files.reduce(0) { $0 + $1.size } }
}

/// What a compaction did.
public struct CompactionReport: Hashable, Sendable {
    /// The version it committed.
    public var version: Int64
    /// The new file, relative to the table's folder.
    public var path: String
    /// How many files it stands for.
    public var mergedFiles: Int
    /// Rows in them, and in it.
    public var rowCount: Int64
    /// Bytes of the files before.
    public var sizeBefore: Int64
    /// Bytes of the new file.
    public var sizeAfter: Int64
}

extension TableSnapshot {
    /// The merges that `policy` asks for: for each partition with enough small files, groups up to the target size, of
    /// files that were written one after another.
    public func compactionPlan(_ policy: CompactionPolicy = CompactionPolicy()) -> [CompactionGroup] {
        let small = filesByPath.values.filter { $0.size < policy.largeSize }
        let partitions = Dictionary(grouping: small, by: \.partitionValues)
        let groups = partitions.flatMap { values, files -> [CompactionGroup] in
            let total = files.reduce(0) { $0 + $1.size }
            guard files.count >= policy.minimumFiles || total >= policy.targetSize else { return [] }
            let ordered = files.sorted {
                ($0.add.modificationTime, $0.path) < ($1.add.modificationTime, $1.path)
            }
            return TableSnapshot.pack(ordered, upTo: policy.targetSize)
                .map { CompactionGroup(partitionValues: values, files: $0) }
        }
        return groups.sorted { $0.files[0].path < $1.files[0].path }
    }

    /// Neighbours together until a group would pass `limit`; a file alone is no group.
    private static func pack(_ files: [DataFile], upTo limit: Int64) -> [[DataFile]] {
        var groups: [[DataFile]] = []
        var current: [DataFile] = []
        var size: Int64 = 0
        for file in files {
            if size + file.size > limit && !current.isEmpty {
                groups.append(current)
                (current, size) = ([], 0)
            }
            current.append(file)
            size += file.size
        }
        groups.append(current)
        return groups.filter { $0.count > 1 }
    }
}

extension DeltaTable {
    /// Merges small files, each group in a commit of its own. Running readers keep the old files, which stay on the disk
    /// until ``vacuum(removedFor:orphanedFor:dryRun:)``.
    ///
    /// - Parameter orderBy: the column that rows are sorted by in a new file; nil leaves them as they come.
    /// - Returns: what was merged; groups that another writer changed in the meantime are left for the next time.
    /// - Throws: ``Failure``; groups before the failing one stay merged.
    @discardableResult
    public nonisolated(nonsending) func compact(
        _ policy: CompactionPolicy = CompactionPolicy(), orderBy: String?
    ) async throws -> [CompactionReport] {
        let snapshot = try await snapshot()
        var reports: [CompactionReport] = []
        for group in snapshot.compactionPlan(policy) {
            do {
                reports.append(try await compact(group, of: snapshot, orderBy: orderBy))
            } catch is CommitRejection {
                continue
            }
        }
        return reports
    }

    /// Merges one group of `snapshot`.
    ///
    /// - Throws: ``CommitRejection`` where another writer changed the files, else ``Failure``.
    public nonisolated(nonsending) func compact(
        _ group: CompactionGroup, of snapshot: TableSnapshot, orderBy: String?
    ) async throws -> CompactionReport {
        let path = ParquetName.new(beside: group.files[0].path)
        do {
            let added = try await rewrite(group.files, to: path, orderBy: orderBy)
            let now = options.now()
            let removed = group.files.map { RemoveFile($0.add, at: now, dataChange: false) }
            FailPoint.reached("compaction.beforeCommit")
            let version = try await commit(
                read: snapshot.version, operation: "OPTIMIZE",
                actions: removed.map { .remove($0) } + [.add(added.file)])
            return CompactionReport(
                version: version, path: path, mergedFiles: group.files.count, rowCount: added.rows,
                sizeBefore: group.size, sizeAfter: added.file.size)
        } catch let rejection as CommitRejection {
            // Only a rejection proves that no version names the new file.
            try? TableDisk.delete(location(path))
            throw rejection
        }
    }

    /// Writes the rows of `files` into one new file and makes sure that none is missing.
    private nonisolated(nonsending) func rewrite(_ files: [DataFile], to path: String, orderBy: String?)
        async throws
        -> (file: AddFile, rows: Int64)
    {
        let source =
            "read_parquet(\(SQL.list(files.map(location(of:)))), union_by_name = true, hive_partitioning = false)"
        let schema = try await snapshot().schema
        if let orderBy, let merge = SortedMerge(of: source, schema: schema, by: orderBy) {
            _ = try await merge.write(to: location(path), on: connection)
        } else {
            let order = orderBy.map { " ORDER BY " + SQL.identifier($0) } ?? ""
            _ = try await connection.texts(
                "COPY (FROM \(source)\(order)) TO \(SQL.literal(location(path))) (\(ParquetOptions.lasting))")
        }
        let counted = try await connection.texts("SELECT count(*) FROM \(source)")
        var added = try await adding([path], dataChange: false)
        // The folder may be spelled in another writer's way; the values are those of the files that were read.
        added[0].partitionValues = files[0].partitionValues
        let origins = files.compactMap(\.origins)
        if origins.count == files.count {
            added[0].tags = [FileOrigins.tag: FileOrigins(merging: origins).text]
        }
        let rows = FileStatistics(parsing: added[0].stats, schema: TableSchema(columns: [])).rowCount
        guard let before = counted[0][0].flatMap({ Int64($0) }), before == rows else {
            try? TableDisk.delete(location(path))
            throw Failure(
                .storage,
                "the merge of \(files.count) files into \(path) did not keep their rows; nothing was changed")
        }
        return (added[0], before)
    }
}

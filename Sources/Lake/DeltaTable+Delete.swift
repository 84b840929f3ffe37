import DuckDB
import Primitives

extension DeltaTable {
    /// Takes the rows for which a condition is true out of the table, in one commit; all others stay.
    ///
    /// Each file that has such rows is replaced by one without them, or by none. Running readers keep the old files, which
    /// stay on the disk until ``vacuum(removedFor:orphanedFor:dryRun:)``. Where another writer replaced one of the files
    /// meanwhile, it is done again on what that left.
    ///
    /// - Parameters:
    ///   - condition: SQL over the table's columns that gives the same however often it is asked; NULL counts as false.
    ///   - orderBy: columns that the rows of a new file are sorted by.
    /// - Returns: how many rows are gone.
    /// - Throws: ``Failure``; the table is as it was then.
    @discardableResult
    public nonisolated(nonsending) func deleteRows(matching condition: String, orderBy: [String] = [])
        async throws -> Int64
    {
        for _ in 0..<max(1, options.commitAttempts) {
            let snapshot = try await snapshot()
            let concerned = try await files(of: snapshot, matching: condition)
            guard !concerned.isEmpty else { return 0 }
            var written: [String] = []
            do {
                let now = options.now()
                var actions = concerned.map {
                    DeltaAction.remove(RemoveFile($0.file.add, at: now, dataChange: true))
                }
                for (file, gone) in concerned {
                    guard let path = try await rewrite(file, without: condition, gone, orderBy, &written)
                    else { continue }
                    var added = try await adding([path])
                    // The folder may be spelled in another writer's way.
                    added[0].partitionValues = file.partitionValues
                    actions += added.map { .add($0) }
                }
                FailPoint.reached("delete.beforeCommit")
                try await commit(read: snapshot.version, operation: "DELETE", actions: actions)
                return concerned.reduce(0) { $0 + $1.gone }
            } catch is CommitRejection {
                // Only a rejection proves that no version names the new files.
                for path in written { try? TableDisk.delete(location(path)) }
            }
        }
        throw Failure(
            .limit,
            "gave up deleting from \(folder) after \(options.commitAttempts) attempts; other writers were faster"
        )
    }

    /// The files with rows that match, and how many each has.
    nonisolated(nonsending) func files(of snapshot: TableSnapshot, matching condition: String)
        async throws -> [(file: DataFile, gone: Int64)]
    {
        let files = Dictionary(snapshot.files.map { (location(of: $0), $0) }) { first, _ in first }
        guard !files.isEmpty else { return [] }
        let counts = try await connection.texts(
            """
            SELECT "file of row", count(*) FROM read_parquet(\(SQL.list(files.keys.sorted())),
                hive_partitioning = false, union_by_name = true, filename = 'file of row')
            WHERE \(condition) GROUP BY ALL ORDER BY ALL
            """)
        return try counts.map { row in
            guard let file = row[0].flatMap({ files[$0] }), let count = row[1].flatMap({ Int64($0) }) else {
                throw Failure(
                    .storage, "\(folder): DuckDB names a file that is not in the table; nothing changed")
            }
            return (file, count)
        }
    }

    /// Writes the rows of a file that stay into another, and makes sure that none is missing.
    ///
    /// - Returns: the new file; nil where no row stays.
    private nonisolated(nonsending) func rewrite(
        _ file: DataFile, without condition: String, _ gone: Int64, _ orderBy: [String],
        _ written: inout [String]
    ) async throws -> String? {
        let source = "read_parquet(\(SQL.list([location(of: file)])), hive_partitioning = false)"
        let rows = try await connection.texts("SELECT count(*) FROM \(source)")[0][0].flatMap { Int64($0) }
        guard let rows, rows > gone else { return nil }
        let path = ParquetName.new(beside: file.path)
        let order = orderBy.isEmpty ? "" : " ORDER BY " + orderBy.map(SQL.identifier).joined(separator: ", ")
        written.append(path)
        let copied = try await connection.texts(
            """
            COPY (SELECT * FROM \(source) WHERE (\(condition)) IS NOT TRUE\(order))
            TO \(SQL.literal(location(path))) (\(ParquetOptions.lasting))
            """)
        guard copied.first?.first?.flatMap({ Int64($0) }) == rows - gone else {
            try? TableDisk.delete(location(path))
            throw Failure(
                .storage, "the copy of \(file.path) did not keep the rows that stay; nothing was changed")
        }
        return path
    }
}

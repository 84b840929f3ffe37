import DuckDB
import Primitives

extension DeltaTable {
    /// Writes a file that is to take the place of some files of one partition; no version names it yet.
    ///
    /// - Parameters:
    ///   - rows: a query for its rows.
    ///   - keepsRows: whether it must have as many rows as the files.
    nonisolated(nonsending) func rewrite(_ group: [DataFile], as rows: String, keepsRows: Bool) async throws
        -> AddFile
    {
        let path = ParquetName.new(beside: group[0].path)
        do {
            try await connection.execute(
                "COPY (\(rows)) TO \(SQL.literal(location(path))) (FORMAT parquet, COMPRESSION zstd)")
            var added = try await adding([path])[0]
            // The folder may be spelled in another writer's way.
            added.partitionValues = group[0].partitionValues
            if keepsRows { try check(added, against: group) }
            return added
        } catch {
            try? TableDisk.delete(location(path))
            throw error
        }
    }

    /// Puts rewritten files in the places of those they stand for, all in one step. What is rejected is removed.
    ///
    /// - Throws: ``CommitRejection`` where another writer changed one of the files.
    nonisolated(nonsending) func commit(
        _ rewritten: [(group: [DataFile], added: AddFile)], of snapshot: TableSnapshot, operation: String
    ) async throws {
        let now = options.now()
        let removed = rewritten.flatMap(\.group).map { RemoveFile($0.add, at: now, dataChange: true) }
        do {
            try await commit(
                read: snapshot.version, operation: operation,
                actions: removed.map { .remove($0) } + rewritten.map { .add($0.added) })
        } catch let rejection as CommitRejection {
            // Only a rejection proves that no version names the new files.
            for file in rewritten { try? TableDisk.delete(location(file.added.path)) }
            throw rejection
        }
    }

    private func check(_ added: AddFile, against group: [DataFile]) throws(Failure) {
        let rows = FileStatistics(parsing: added.stats, schema: TableSchema(columns: [])).rowCount
        let before = group.reduce(Int64?(0)) { sum, file in
            sum.flatMap { sum in file.rowCount.map { sum + $0 } }
        }
        guard let before, before != rows else { return }
        throw Failure(
            .storage,
            "\(folder): \(group[0].path) could not be written anew with all its rows; nothing was changed")
    }
}

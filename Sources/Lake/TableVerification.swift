import DuckDB
import Primitives

extension DeltaTable {
    /// Compares what the log says with what the disk holds, reading every row.
    ///
    /// Checked are: the log has no gap; every file is there with its size; row counts, NULL counts and bounds are true;
    /// partition values agree with folder names and, where `timestamp` names a column, with the year, month, day and hour
    /// (UTC) of the rows; and no file lies beside the table that no version names.
    ///
    /// - Parameter timestamp: the column that the table is partitioned by.
    /// - Returns: a sentence for each thing that is wrong; none if all is well. A file that another process is writing at
    ///   this moment shows as one that no version names.
    /// - Throws: ``Failure`` where the log cannot be read at all.
    public nonisolated(nonsending) func verify(timestamp: String? = nil) async throws -> [String] {
        let present = try filesOnDisk()
        var findings = try await verifyLog()
        let snapshot = try await snapshot()
        let sizes = Dictionary(present.map { ($0.name, $0.size) }) { first, _ in first }
        for file in snapshot.files {
            guard let size = try sizes[file.path] ?? TableDisk.entry(location(of: file), name: "")?.size
            else {
                findings.append("\(file.path) is missing")
                continue
            }
            if size != file.size {
                findings.append("\(file.path) has \(size) bytes where the log says \(file.size)")
                continue
            }
            if DeltaPath.partitionValues(of: file.path) != file.partitionValues {
                findings.append("\(file.path) lies in a folder of another partition than the log says")
            }
            do {
                findings += try await verifyContent(file, snapshot.schema, timestamp)
            } catch let failure as Failure {
                findings.append("\(file.path) cannot be read: \(failure.message)")
            }
        }
        for entry in present where snapshot.file(entry.name) == nil && snapshot.tombstones[entry.name] == nil
        {
            findings.append("\(entry.name) is in no version of the table")
        }
        return findings
    }

    /// Gaps between commits, and a pointer to a checkpoint that is not there.
    private nonisolated(nonsending) func verifyLog() async throws -> [String] {
        let history = History(of: try await log.store.list(from: LogName.digits(0)))
        var findings: [String] = []
        let commits = history.commits
        for (before, after) in zip(commits, commits.dropFirst()) where after != before + 1 {
            findings.append("\(LogName.commit(before + 1)) is missing from the log")
        }
        if let first = commits.first, first > 0, history.checkpoint(notAfter: first) == nil,
            !history.checkpoints.contains(where: { $0.version >= first - 1 })
        {
            findings.append(
                "the log begins at \(LogName.commit(first)) and has no checkpoint of what came before")
        }
        if let hint = try await log.hintedCheckpoint(),
            !history.checkpoints.contains(where: { $0.version == hint })
        {
            findings.append("\(LogName.lastCheckpoint) names version \(hint), which has no checkpoint")
        }
        return findings
    }

    /// Reads one file and compares counts, bounds and partition.
    private nonisolated(nonsending) func verifyContent(
        _ file: DataFile, _ schema: TableSchema, _ timestamp: String?
    ) async throws -> [String] {
        let columns = schema.fileColumns.filter { file.statistics.columns[$0.name] != nil }
        var selections = ["count(*)"]
        for column in columns {
            let name = SQL.identifier(column.name)
            let bounded = file.statistics.columns[column.name]?.minimum != nil
            let read = column.type == .timestamp ? "make_timestamp(epoch_us(\(name)))" : name
            selections += ["count(*) - count(\(name))"]
            selections += bounded ? ["min(\(read))", "max(\(read))"] : ["NULL", "NULL"]
        }
        if let timestamp { selections.append(DeltaTable.misplaced(file, schema, timestamp)) }
        let texts = selections.map { "(\($0))::VARCHAR" }.joined(separator: ", ")
        let row = try await connection.texts(
            "SELECT \(texts) FROM read_parquet(\(SQL.literal(location(of: file))), hive_partitioning = false)"
        )[0]
        var findings: [String] = []
        if let rows = file.rowCount, row[0] != String(rows) {
            findings.append("\(file.path) has \(row[0] ?? "no") rows where the log says \(rows)")
        }
        for (index, column) in columns.enumerated() {
            let known = file.statistics.columns[column.name] ?? ColumnStatistics()
            let actual = row[(1 + 3 * index)...]
            findings += known.contradictions(column, Array(actual.prefix(3))).map { "\(file.path): \($0)" }
        }
        if timestamp != nil, let misplaced = row.last ?? nil, misplaced != "0" {
            findings.append(
                "\(file.path) has \(misplaced) rows whose \(timestamp ?? "") is of another partition")
        }
        return findings
    }

    /// SQL that counts the rows of `file` whose time is outside of its partition.
    private static func misplaced(_ file: DataFile, _ schema: TableSchema, _ timestamp: String) -> String {
        let time = "make_timestamp(epoch_us(\(SQL.identifier(timestamp))))"
        let tests = schema.partitionColumns.filter { ["year", "month", "day", "hour"].contains($0) }.map {
            part in
            let value = (file.partitionValues[part] ?? nil).flatMap { Int64($0) }.map(String.init) ?? "NULL"
            return "date_part('\(part)', \(time)) IS DISTINCT FROM \(value)"
        }
        return tests.isEmpty ? "0" : "count(*) FILTER (WHERE \(tests.joined(separator: " OR ")))"
    }
}

extension ColumnStatistics {
    /// What the column's true null count, minimum and maximum (as DuckDB's text) show to be wrong.
    fileprivate func contradictions(_ column: TableColumn, _ actual: [String?]) -> [String] {
        var result: [String] = []
        if let nullCount, actual[0] != String(nullCount) {
            result.append(
                "\(column.name) is NULL in \(actual[0] ?? "no") rows where the log says \(nullCount)")
        }
        if let minimum, let text = actual[1], let value = ColumnValue(parsing: text, as: column.type),
            value.isLess(than: minimum)
        {
            result.append("\(column.name) has \(text), less than the minimum in the log")
        }
        if let maximum, let text = actual[2], let value = ColumnValue(parsing: text, as: column.type),
            maximum.upperLimit.isLess(than: value)
        {
            result.append("\(column.name) has \(text), more than the maximum in the log")
        }
        return result
    }
}

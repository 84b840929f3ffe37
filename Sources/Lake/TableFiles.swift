// What a Parquet footer says and what Delta's statistics may say are not the same: a footer has bounds for each row group
// and may lack them; text bounds longer than the writer's limit are cut there already (they stay bounds). A column's bound
// is known for the file only if every row group that has a value of it gives one. Only top-level columns of a type with
// an order are taken, the first 32 in the schema's order.

import DuckDB
import Foundation
import Primitives

extension DeltaTable {
    /// Describes Parquet files that were just written below the table's folder, and waits until they are on the disk.
    ///
    /// Partition values are taken from the folder names, row counts and statistics from the files' footers.
    ///
    /// - Parameters:
    ///   - paths: relative to the table's folder, or absolute below it, as `COPY … (RETURN_FILES)` gives them.
    ///   - dataChange: false where the rows were in the table before.
    /// - Returns: an `add` action for each file in the order of `paths`, for ``commit(read:operation:actions:parameters:)``.
    /// - Throws: ``Failure`` of kind `storage`, or `usage` for a path outside the table.
    public nonisolated(nonsending) func adding(_ paths: [String], dataChange: Bool = true) async throws
        -> [AddFile]
    {
        guard !paths.isEmpty else { return [] }
        let relative = try paths.map(relativePath)
        try syncFiles(relative)
        let schema = try await snapshot().schema
        let statistics = try await footerStatistics(relative, schema)
        return try relative.map { path in
            guard let entry = try TableDisk.entry(location(path), name: path), let known = statistics[path]
            else {
                throw Failure(.storage, "\(location(path)) is not a Parquet file that can be read")
            }
            let values = DeltaPath.partitionValues(of: path)
            return AddFile(
                path: path, partitionValues: values.filter { schema.partitionColumns.contains($0.key) },
                size: entry.size, modificationTime: entry.modified.milliseconds, dataChange: dataChange,
                stats: known.json)
        }
    }

    /// Commits files just written below the table's folder: ``adding(_:dataChange:)`` and a commit.
    ///
    /// - Parameter transaction: makes the append safe to repeat.
    /// - Returns: the version.
    /// - Throws: as ``commit(read:operation:actions:parameters:)``.
    @discardableResult
    public nonisolated(nonsending) func append(_ paths: [String], transaction: TransactionMark? = nil)
        async throws
        -> Int64
    {
        let files = try await adding(paths)
        let mark: [DeltaAction] = transaction.map { [.transaction($0)] } ?? []
        return try await commit(operation: "WRITE", actions: mark + files.map { .add($0) })
    }

    private func relativePath(_ path: String) throws(Failure) -> String {
        if path.hasPrefix(folder + "/") { return String(path.dropFirst(folder.count + 1)) }
        guard !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
            throw Failure(.usage, "\(path) does not lie in the table's folder \(folder)")
        }
        return path
    }

    /// Syncs files, and every folder from theirs up to the table's own.
    func syncFiles(_ paths: [String]) throws(Failure) {
        var folders: Set<String> = [folder]
        for path in paths {
            try TableDisk.sync(location(path))
            var parent = (path as NSString).deletingLastPathComponent
            while !parent.isEmpty, folders.insert(location(parent)).inserted {
                parent = (parent as NSString).deletingLastPathComponent
            }
        }
        for folder in folders.sorted() { try TableDisk.sync(folder) }
    }

    /// Statistics from the footers of files below the table's folder, by relative path.
    nonisolated(nonsending) func footerStatistics(_ paths: [String], _ schema: TableSchema) async throws
        -> [String: FileStatistics]
    {
        let list = SQL.list(paths.map(location))
        var result: [String: FileStatistics] = [:]
        for row in try await connection.texts(
            "SELECT file_name, num_rows FROM parquet_file_metadata(\(list))")
        {
            guard let name = row[0] else { continue }
            result[try relativePath(name)] = FileStatistics(rowCount: row[1].flatMap { Int64($0) })
        }
        let columns = schema.fileColumns.prefix(FileStatistics.indexedColumns)
            .filter { ColumnBounds.hasFooterStatistics($0.type) }
        let types = Dictionary(columns.map { ($0.name, $0.type) }) { first, _ in first }
        guard !types.isEmpty else { return result }
        let groups = try await connection.texts(
            """
            SELECT file_name, path_in_schema, row_group_num_rows, stats_null_count, stats_min_value, stats_max_value
            FROM parquet_metadata(\(list)) WHERE path_in_schema IN (\(types.keys.sorted().map(SQL.literal).joined(separator: ", ")))
            """)
        var bounds: [String: [String: ColumnBounds]] = [:]
        for row in groups {
            guard let name = row[0], let column = row[1], let type = types[column] else { continue }
            bounds[try relativePath(name), default: [:]][column, default: ColumnBounds(type: type)]
                .merge(rows: row[2], nulls: row[3], minimum: row[4], maximum: row[5])
        }
        for (path, columns) in bounds { result[path]?.columns = columns.mapValues(\.statistics) }
        return result
    }
}

/// The bounds of one column, gathered over the row groups of a file.
private struct ColumnBounds {
    let type: TableColumnType
    private var minimum: ColumnValue?
    private var maximum: ColumnValue?
    private var nulls: Int64? = 0
    private var minimumIsKnown = true
    private var maximumIsKnown = true

    init(type: TableColumnType) { self.type = type }

    /// Types whose footers say at least how many NULLs there are.
    static func hasFooterStatistics(_ type: TableColumnType) -> Bool {
        switch type {
        case .array, .map, .structure, .other: false
        default: true
        }
    }

    mutating func merge(rows: String?, nulls: String?, minimum low: String?, maximum high: String?) {
        let count = nulls.flatMap { Int64($0) }
        self.nulls = self.nulls.flatMap { sum in count.map { sum + $0 } }
        if let count, let rows = rows.flatMap({ Int64($0) }), rows == count { return }
        if let value = low.flatMap({ ColumnValue(parsing: $0, as: type) }) {
            if minimum.map({ value.isLess(than: $0) }) ?? true { minimum = value }
        } else {
            minimumIsKnown = false
        }
        if let value = high.flatMap({ ColumnValue(parsing: $0, as: type) }) {
            if maximum.map({ $0.isLess(than: value) }) ?? true { maximum = value }
        } else {
            maximumIsKnown = false
        }
    }

    var statistics: ColumnStatistics {
        ColumnStatistics(
            minimum: minimumIsKnown ? minimum : nil, maximum: maximumIsKnown ? maximum : nil, nullCount: nulls
        )
    }
}

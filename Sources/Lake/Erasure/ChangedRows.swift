import DuckDB
import Primitives
import Scanning

/// The rows of some files whose texts name an erased address, with these texts as they shall be.
///
/// A row's texts are looked at as one JSON object, in which the scrubber works as it does in the events themselves, and are
/// taken out of it again by DuckDB: so lists, maps and structures need no code of their own. They wait in the table
/// `erasure_rows(file, row, new)` of DuckDB, by the file's place in the list and the row's place in the file.
struct ChangedRows {
    /// Rows that are looked at before those that change go to DuckDB; it bounds the memory.
    private static let slice: Int64 = 50_000

    let table: DeltaTable
    let texts: TextColumns
    /// Bytes in lower case of which every row has some that names the address; none if none are known.
    let needles: [String]
    let scrubber: AddressScrubber

    init(of table: DeltaTable, _ schema: TableSchema, _ scrubber: AddressScrubber, needles: [String]) {
        self.table = table
        self.scrubber = scrubber
        self.needles = needles
        texts = TextColumns(of: schema)
    }

    /// Finds out which of the files have candidates at all.
    nonisolated(nonsending) func candidates(_ files: [DataFile]) async throws -> [DataFile] {
        guard !needles.isEmpty, !files.isEmpty, !texts.isEmpty else { return texts.isEmpty ? [] : files }
        let paths = files.map { table.location(of: $0) }
        let found = try await table.connection.texts(
            """
            SELECT DISTINCT filename FROM (SELECT filename, \(texts.object) AS texts FROM
            read_parquet(\(SQL.list(paths)), filename = true, union_by_name = true, hive_partitioning = false))
            WHERE \(condition)
            """)
        let names = Set(found.map { $0[0] })
        return files.filter { names.contains(table.location(of: $0)) }
    }

    /// Puts the rows of the files that change into `erasure_rows`.
    ///
    /// - Returns: how many there are.
    nonisolated(nonsending) func stage(_ files: [DataFile]) async throws -> Int {
        try await table.connection.execute(
            "CREATE OR REPLACE TABLE erasure_json (file BIGINT, row BIGINT, texts VARCHAR)")
        var changed = 0
        for (index, file) in files.enumerated() {
            var start: Int64 = 0
            let end = file.rowCount ?? .max
            while start < end {
                let next = end == .max ? end : min(end, start + Self.slice)
                changed += try await stage(file, at: index, start..<next)
                start = next
            }
        }
        try await table.connection.execute(
            """
            CREATE OR REPLACE TABLE erasure_rows AS
            SELECT file, row, from_json(texts, \(texts.types)) AS new FROM erasure_json;
            DROP TABLE erasure_json
            """)
        return changed
    }

    /// Looks at some rows of a file.
    private nonisolated(nonsending) func stage(_ file: DataFile, at index: Int, _ rows: Range<Int64>)
        async throws -> Int
    {
        let sql = """
            SELECT file_row_number, texts FROM (SELECT file_row_number, \(texts.object) AS texts FROM
            read_parquet(\(SQL.literal(table.location(of: file))), file_row_number = true, hive_partitioning = false)
            WHERE file_row_number >= \(rows.lowerBound) AND file_row_number < \(rows.upperBound)) WHERE \(condition)
            """
        return try await table.connection.perform { [scrubber] connection in
            var changed: [(row: Int64, texts: [UInt8])] = []
            try connection.stream(sql) { chunk in
                let (numbers, texts) = (chunk.column(0), chunk.column(1))
                for row in 0..<chunk.rowCount {
                    guard let clean = scrubber.scrub(texts.bytes(row)) else { continue }
                    changed.append((numbers.load(row, as: Int64.self), clean))
                }
                return true
            }
            try connection.withAppender(table: "erasure_json") { appender in
                for (number, texts) in changed {
                    let row = appender.rowCount
                    appender.column(0).setInt64(row, Int64(index))
                    appender.column(1).setInt64(row, number)
                    texts.withUnsafeBytes { appender.column(2).setText(row, $0) }
                    try appender.endRow()
                }
            }
            return changed.count
        }
    }

    /// SQL for all rows of a file, those that are staged with their new texts.
    ///
    /// - Parameter overriding: SQL for columns that follow from others; `o` is the row as it was, `s.new` its texts now, and
    ///   `s.row` is null for a row that stays.
    func select(_ file: DataFile, at index: Int, overriding: [String: String] = [:]) -> String {
        let selection = texts.all.map { column in
            let name = SQL.identifier(column.name)
            if let sql = overriding[column.name] { return "\(sql) AS \(name)" }
            guard texts.contains(column) else { return "o.\(name)" }
            return "CASE WHEN s.row IS NULL THEN o.\(name) ELSE s.new.\(name) END AS \(name)"
        }
        return """
            SELECT \(selection.joined(separator: ", ")) FROM
            read_parquet(\(SQL.literal(table.location(of: file))), file_row_number = true, hive_partitioning = false) AS o
            LEFT JOIN (FROM erasure_rows WHERE file = \(index)) AS s ON o.file_row_number = s.row
            """
    }

    private var condition: String {
        needles.isEmpty
            ? "true"
            : needles.map { "contains(lower(texts), \(SQL.literal($0)))" }.joined(separator: " OR ")
    }
}

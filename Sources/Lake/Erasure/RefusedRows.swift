import DuckDB
import Primitives
import Scanning

/// Rows of `refused` that change: their bytes are no text, so they are looked at one by one.
///
/// `refused_id` and `byte_count` become those of the record as it is now, so that the same record, when it comes again with
/// the address replaced on its way in, is refused once. They wait in DuckDB's `erasure_refused`.
struct RefusedRows {
    let source: ChangedRows

    private static let texts = ["source_name", "origin", "reason"]

    /// Puts the rows that change into `erasure_refused`.
    nonisolated(nonsending) func stage(_ file: DataFile) async throws -> Int {
        let columns = Self.texts.map { "\($0) VARCHAR" }.joined(separator: ", ")
        try await source.table.connection.execute(
            "CREATE OR REPLACE TABLE erasure_refused (row BIGINT, byte_count BIGINT, body BLOB, \(columns))")
        let sql = """
            SELECT file_row_number, byte_count, body, \(Self.texts.joined(separator: ", ")) FROM
            read_parquet(\(SQL.literal(source.table.location(of: file))), file_row_number = true, hive_partitioning = false)
            """
        let scrubber = source.scrubber
        return try await source.table.connection.perform { connection in
            var changed: [(row: Int64, count: Int64, body: [UInt8], texts: [[UInt8]])] = []
            try connection.stream(sql) { chunk in
                for row in 0..<chunk.rowCount {
                    let values = (2..<6).map { index -> [UInt8] in
                        let column = chunk.column(index)
                        return column.isNull(row) ? [] : Array(column.bytes(row))
                    }
                    let clean = values.map { value in value.withUnsafeBytes { scrubber.scrub($0) } }
                    guard clean.contains(where: { $0 != nil }) else { continue }
                    let now = zip(values, clean).map { $1 ?? $0 }
                    let count =
                        chunk.column(1).load(row, as: Int64.self) + Int64(now[0].count - values[0].count)
                    changed.append(
                        (chunk.column(0).load(row, as: Int64.self), count, now[0], Array(now[1...])))
                }
                return true
            }
            try connection.withAppender(table: "erasure_refused") { appender in
                for found in changed {
                    let row = appender.rowCount
                    appender.column(0).setInt64(row, found.row)
                    appender.column(1).setInt64(row, found.count)
                    for (index, value) in ([found.body] + found.texts).enumerated() {
                        value.withUnsafeBytes { appender.column(2 + index).setText(row, $0) }
                    }
                    try appender.endRow()
                }
            }
            return changed.count
        }
    }

    /// SQL for all rows of the file.
    func select(_ file: DataFile) -> String {
        let changed = Set(Self.texts + ["byte_count", "body"])
        let selection = source.texts.all.map { column in
            let name = column.name
            if name == "refused_id" {
                return """
                    CASE WHEN s.row IS NULL THEN o.refused_id
                    ELSE md5(concat(hex(s.body), s.reason, s.byte_count)) END AS refused_id
                    """
            }
            return changed.contains(name)
                ? "CASE WHEN s.row IS NULL THEN o.\(name) ELSE s.\(name) END AS \(name)" : "o.\(name)"
        }
        return """
            SELECT \(selection.joined(separator: ", ")) FROM
            read_parquet(\(SQL.literal(source.table.location(of: file))), file_row_number = true, hive_partitioning = false) AS o
            LEFT JOIN erasure_refused AS s ON o.file_row_number = s.row
            """
    }
}

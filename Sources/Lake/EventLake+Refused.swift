import DuckDB
import Foundation
import Primitives

extension EventLake {
    /// Keeps refused records, each once however often it comes.
    ///
    /// - Returns: how many are new.
    @discardableResult
    public func keepRefused(_ records: [RefusedEvent]) async throws -> Int {
        guard !records.isEmpty else { return 0 }
        let columns = LakeTables.refusedColumns.dropFirst()
        let declarations = columns.map { "\($0.name) \($0.type.sql)" }.joined(separator: ", ")
        try await connection.execute("CREATE OR REPLACE TABLE refused_staging (\(declarations))")
        try await connection.perform { connection in try EventLake.stage(records, on: connection) }
        let staged =
            "(SELECT md5(concat(hex(body), reason, byte_count)) AS refused_id, * FROM refused_staging)"
        let snapshot = try await refused.snapshot()
        let known = snapshot.files.map { refused.location(of: $0) }
        let fresh =
            known.isEmpty
            ? "FROM \(staged)"
            : "FROM \(staged) ANTI JOIN read_parquet(\(SQL.list(known))) USING (refused_id)"
        let path = "part-\(UUID().uuidString.lowercased()).parquet"
        let file = refused.folder + "/" + path
        let written = try await connection.rows(
            """
            COPY (SELECT DISTINCT ON (refused_id) * \(fresh) ORDER BY refused_id, byte_offset) TO \(SQL.literal(file)) (\(ParquetOptions.fresh))
            """)
        let count = Int(written.first?.first?.integer ?? 0)
        guard count > 0 else {
            try FileManager.default.removeItem(atPath: file)
            return 0
        }
        try await refused.append([path])
        return count
    }

    private static func stage(_ records: [RefusedEvent], on connection: isolated Connection) throws {
        try connection.withAppender(table: "refused_staging") { appender in
            for record in records {
                let row = appender.rowCount
                appender.column(0).setInt64(row, record.refusedAt.microseconds)
                appender.column(1).setText(row, record.sourceName)
                appender.column(2).setText(row, record.origin)
                appender.column(3).setInt64(row, Int64(record.byteOffset))
                appender.column(4).setInt64(row, Int64(record.line))
                appender.column(5).setText(row, record.reason)
                appender.column(6).setInt64(row, Int64(record.byteCount))
                record.bytes.withUnsafeBytes { appender.column(7).setText(row, $0) }
                try appender.endRow()
            }
        }
    }
}

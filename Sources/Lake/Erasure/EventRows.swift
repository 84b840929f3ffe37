import DuckDB
import Primitives
import SESEvents

/// Rows of `events` whose texts change: what identifies them is computed anew, as if the event had come as it is now.
///
/// So the same event from a repetition, in which the address is replaced on its way in, is known for the one that is there,
/// and a rebuild from the raw bytes gives the same rows. The identities wait in DuckDB's `erasure_ids(row, event_id)`.
struct EventRows {
    let source: ChangedRows

    private static let texts = ["recipient", "feedback_id", "ip_address", "user_agent", "link", "extra"]

    /// Computes the identities of the staged rows of a file.
    nonisolated(nonsending) func stage(_ file: DataFile) async throws {
        try await source.table.connection.execute(
            "CREATE OR REPLACE TABLE erasure_ids (row BIGINT, event_id VARCHAR)")
        let sql = """
            SELECT s.row, epoch_us(o.event_at), o.event_type, o.message_id, s.new.recipients,
            \(Self.texts.map { "s.new.\($0)" }.joined(separator: ", ")) FROM
            read_parquet(\(SQL.literal(source.table.location(of: file))), file_row_number = true, hive_partitioning = false) AS o
            JOIN erasure_rows AS s ON o.file_row_number = s.row
            """
        try await source.table.connection.perform { connection in
            var ids: [(row: Int64, id: String)] = []
            try connection.stream(sql) { chunk in
                for row in chunk.rows() { ids.append((row[0].integer ?? 0, Self.identity(row))) }
                return true
            }
            try connection.withAppender(table: "erasure_ids") { appender in
                for (number, id) in ids {
                    let row = appender.rowCount
                    appender.column(0).setInt64(row, number)
                    appender.column(1).setText(row, id)
                    try appender.endRow()
                }
            }
        }
    }

    /// SQL for all rows of the file.
    func select(_ file: DataFile) -> String {
        var overriding = DerivedDomains.sql(source.texts.all)
        overriding["event_id"] = """
            coalesce((SELECT i.event_id FROM erasure_ids AS i WHERE i.row = o.file_row_number), o.event_id)
            """
        return source.select(file, at: 0, overriding: overriding)
    }

    private static func identity(_ row: [Value]) -> String {
        var recipients: [String] = []
        if case .list(let values) = row[4] { recipients = values.compactMap(\.text) }
        return IdentityColumns(
            eventType: row[2].text ?? "", messageID: row[3].text ?? "", eventAt: row[1].integer ?? 0,
            recipient: row[5].text, recipients: recipients, feedbackID: row[6].text, ipAddress: row[7].text,
            userAgent: row[8].text, link: row[9].text, extra: row[10].text
        ).eventID
    }
}

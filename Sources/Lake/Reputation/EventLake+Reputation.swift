import DuckDB
import Primitives

extension EventLake {
    /// Keeps signals, each once however often and by whatever way it comes.
    ///
    /// - Returns: how many are new.
    @discardableResult
    public func keepReputation(_ signals: [ReputationSignal]) async throws -> Int {
        guard !signals.isEmpty else { return 0 }
        let columns = LakeTables.reputationColumns
        let declarations = columns.map { "\($0.name) \($0.type.sql)" }.joined(separator: ", ")
        try await connection.execute("CREATE OR REPLACE TABLE reputation_staging (\(declarations))")
        try await connection.perform { connection in try EventLake.stage(signals, on: connection) }
        // What a signal says; the same alarm has the same words whatever brought it.
        let content =
            "concat_ws('|', kind, event_at, account_id, region, scope, scope_name, status, metric, reason)"
        let staged =
            "(SELECT * REPLACE (coalesce(signal_id, md5(\(content))) AS signal_id) FROM reputation_staging)"
        let known = try await reputation.snapshot().files.map { reputation.location(of: $0) }
        let fresh =
            known.isEmpty
            ? "FROM \(staged)"
            : "FROM \(staged) ANTI JOIN read_parquet(\(SQL.list(known))) USING (signal_id)"
        let path = ParquetName.new()
        let file = reputation.folder + "/" + path
        let names = columns.map(\.name).joined(separator: ", ")
        let written = try await connection.rows(
            """
            COPY (SELECT DISTINCT ON (signal_id) \(names) \(fresh) ORDER BY signal_id, received_at)
            TO \(SQL.literal(file)) (\(ParquetOptions.fresh))
            """)
        let count = Int(written.first?.first?.integer ?? 0)
        guard count > 0 else {
            try TableDisk.delete(file)
            return 0
        }
        try await reputation.append([path])
        return count
    }

    private static func stage(_ signals: [ReputationSignal], on connection: isolated Connection) throws {
        try connection.withAppender(table: "reputation_staging") { appender in
            for signal in signals {
                let row = appender.rowCount
                func set(_ column: Int, _ text: String?) {
                    if let text {
                        appender.column(column).setText(row, text)
                    } else {
                        appender.column(column).setNull(row)
                    }
                }
                func set(_ column: Int, _ time: Timestamp?) {
                    guard let time else { return appender.column(column).setNull(row) }
                    appender.column(column).setInt64(row, time.microseconds)
                }
                set(0, signal.id)
                set(1, signal.receivedAt)
                set(2, signal.eventAt)
                let texts = [
                    signal.sourceName, signal.account, signal.region, signal.kind.rawValue, signal.scope,
                    signal.scopeName, signal.statusBefore, signal.status, signal.metric,
                ]
                for (index, text) in texts.enumerated() { set(3 + index, text) }
                if let value = signal.value {
                    appender.column(12).setDouble(row, value)
                } else {
                    appender.column(12).setNull(row)
                }
                for (index, text) in [signal.impact, signal.reason, signal.raw].enumerated() {
                    set(13 + index, text)
                }
                try appender.endRow()
            }
        }
    }
}

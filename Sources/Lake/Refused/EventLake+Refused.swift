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
        // Names of their own: calls may overlap, and peers share the database.
        let staging = "refused_" + UUID().uuidString.replacing("-", with: "")
        let columns = LakeTables.refusedColumns.dropFirst()
        let declarations = columns.map { "\($0.name) \($0.type.sql)" }.joined(separator: ", ")
        try await connection.execute("CREATE TABLE \(staging) (\(declarations))")
        do {
            try await connection.perform { connection in
                try EventLake.stage(records, in: staging, on: connection)
            }
            let count = try await keepStaged(staging)
            try await connection.execute("DROP TABLE \(staging)")
            return count
        } catch {
            try? await connection.execute("DROP TABLE \(staging)")
            throw error
        }
    }

    private func keepStaged(_ staging: String) async throws -> Int {
        let staged = "SELECT md5(concat(hex(body), reason, byte_count)) AS refused_id, * FROM \(staging)"
        let snapshot = try await refused.snapshot()
        let ids = try await connection.rows("SELECT DISTINCT refused_id FROM (\(staged))")
            .compactMap { $0.first?.text }
        let fresh = try await unknown(ids, at: snapshot)
        guard !fresh.isEmpty else { return 0 }
        let path = ParquetName.new()
        _ = try await connection.rows(
            """
            COPY (SELECT DISTINCT ON (refused_id) * FROM (\(staged))
                WHERE refused_id IN (SELECT unnest(\(SQL.list(fresh)))) ORDER BY refused_id, byte_offset)
            TO \(SQL.literal(refused.folder + "/" + path)) (\(ParquetOptions.fresh))
            """)
        let version = try await refused.append([path])
        knownRefusals.add(fresh, committedAs: version)
        return fresh.count
    }

    /// Those of the ids that the table does not have; see ``KnownRefusals``.
    private func unknown(_ ids: [String], at snapshot: TableSnapshot) async throws -> [String] {
        let files = snapshot.files.map { refused.location(of: $0) }
        guard !files.isEmpty else {
            knownRefusals.replace(with: [], at: snapshot.version)
            return ids
        }
        let column = "SELECT refused_id FROM read_parquet(\(SQL.list(files)))"
        if let rows = snapshot.rowCount, rows <= KnownRefusals.limit {
            if !knownRefusals.areCurrent(at: snapshot.version) {
                let all = try await connection.rows(column).compactMap { $0.first?.text }
                knownRefusals.replace(with: all, at: snapshot.version)
            }
            return ids.filter { !knownRefusals.contains($0) }
        }
        knownRefusals = KnownRefusals()
        let present = try await connection.rows(
            "\(column) WHERE refused_id IN (SELECT unnest(?))", [.list(ids.map { .text($0) })])
        let known = Set(present.compactMap { $0.first?.text })
        return ids.filter { !known.contains($0) }
    }

    private static func stage(
        _ records: [RefusedEvent], in table: String, on connection: isolated Connection
    ) throws {
        try connection.withAppender(table: table) { appender in
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

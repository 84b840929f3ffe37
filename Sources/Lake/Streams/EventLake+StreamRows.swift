import DuckDB
import Primitives

/// A record of a stream, valid JSON, with everything needed to find it again.
public struct StreamRecord: Sendable {
    /// Its bytes.
    public var bytes: [UInt8]
    /// When it was received.
    public var receivedAt: Timestamp
    /// The source that brought it.
    public var sourceName: String
    /// The request it came in.
    public var origin: String
    /// Where in the request's body it begins.
    public var byteOffset: Int
    /// The line it begins on, from 1.
    public var line: Int

    /// A record.
    public init(
        bytes: [UInt8], receivedAt: Timestamp, sourceName: String, origin: String, byteOffset: Int, line: Int
    ) {
        self.bytes = bytes
        self.receivedAt = receivedAt
        self.sourceName = sourceName
        self.origin = origin
        self.byteOffset = byteOffset
        self.line = line
    }
}

/// What became of the records of a stream.
public struct StreamReport: Sendable, Equatable {
    /// Rows that are in the table now.
    public var rows = 0
    /// Records that were kept in `refused`.
    public var refused = 0
}

extension EventLake {
    /// Makes records rows of a stream's table, in one commit that says how far the log was taken.
    ///
    /// A record with a value of a wrong type is kept in `refused` before, and the others go in. There is no look for
    /// duplicates: two equal records are two rows. What keeps a record from becoming two is the offset: whoever begins again
    /// after a kill leaves out what is before ``StreamTable/offset``.
    ///
    /// - Throws: ``CommitRejection`` where the table's columns were changed meanwhile: nothing was committed then.
    public func commit(
        _ records: [StreamRecord], toStream name: String, offset: UInt64
    ) async throws -> StreamReport {
        let delta = openStream(name)
        let snapshot = try await delta.snapshot()
        guard let table = StreamTable(name, snapshot) else {
            throw Failure(.storage, "the table \(name) does not say which stream it belongs to")
        }
        let columns = table.columns.map { "\(SQL.identifier($0.name)) \($0.type.stagingType)" }
        let own = [table.receivedColumn + " BIGINT", table.extraColumn + " VARCHAR"]
        try await connection.execute(
            "CREATE OR REPLACE TABLE stream_staging (\((columns + own).joined(separator: ", ")))")
        let refused = try await connection.perform { connection in
            try Self.stage(records, of: table, on: connection)
        }
        try await keepRefused(refused)
        var report = StreamReport(rows: records.count - refused.count, refused: refused.count)
        if report.rows > 0 {
            report.rows = try await write(table, to: delta, snapshot.version, offset)
        }
        try await connection.execute("DROP TABLE stream_staging")
        return report
    }

    /// Writes what is staged to a file, and commits it.
    private func write(
        _ table: StreamTable, to delta: DeltaTable, _ version: Int64, _ offset: UInt64
    ) async throws -> Int {
        let path = ParquetName.new()
        let target = delta.location(path)
        let selection = table.columns.map { column in
            let name = SQL.identifier(column.name)
            return column.type.stagingType == column.type.sql
                ? name : "\(name)::\(column.type.sql) AS \(name)"
        }
        let own = [
            "make_timestamptz(\(table.receivedColumn)) AS \(table.receivedColumn)", table.extraColumn,
        ]
        let written = try await connection.rows(
            """
            COPY (SELECT \((selection + own).joined(separator: ", ")) FROM stream_staging)
            TO \(SQL.literal(target)) (\(ParquetOptions.fresh))
            """)
        let files = try await delta.adding([path])
        let mark = TransactionMark(appId: Self.logMark, version: Int64(offset), lastUpdated: .now)
        FailPoint.reached("stream.beforeCommit")
        do {
            try await delta.commit(
                read: version, operation: "WRITE",
                actions: [.transaction(mark)] + files.map { .add($0) })
        } catch let rejection as CommitRejection {
            try? TableDisk.delete(target)
            throw rejection
        }
        FailPoint.reached("stream.afterCommit")
        return Int(written.first?.first?.integer ?? 0)
    }

    private static func stage(
        _ records: [StreamRecord], of table: StreamTable, on connection: isolated Connection
    ) throws -> [RefusedEvent] {
        var reader = StreamRowReader(table.columns, table.options)
        var refused: [RefusedEvent] = []
        let count = table.columns.count
        try connection.withAppender(table: "stream_staging") { appender in
            for record in records {
                do throws(StreamRefusal) {
                    let (values, extra) = try record.bytes.withUnsafeBytes { bytes in
                        Result { () throws(StreamRefusal) in try reader.read(bytes) }
                    }.get()
                    let row = appender.rowCount
                    for (index, value) in values.enumerated() {
                        value.write(to: appender.column(index), at: row)
                    }
                    appender.column(count).setInt64(row, record.receivedAt.microseconds)
                    (extra.map { .text($0) } ?? StreamValue.null).write(
                        to: appender.column(count + 1), at: row)
                } catch {
                    refused.append(RefusedEvent(record, "stream '\(table.stream)': \(error.reason)"))
                    continue
                }
                try appender.endRow()
            }
        }
        return refused
    }
}

extension RefusedEvent {
    /// The first bytes of a refused record that are kept.
    private static let keptBytes = 64 << 10

    init(_ record: StreamRecord, _ reason: String) {
        self.init(
            refusedAt: record.receivedAt, sourceName: record.sourceName, origin: record.origin,
            byteOffset: record.byteOffset, line: record.line, reason: reason,
            bytes: Array(record.bytes.prefix(Self.keptBytes)), byteCount: record.bytes.count)
    }
}

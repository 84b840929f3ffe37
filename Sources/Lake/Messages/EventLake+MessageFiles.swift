import DuckDB
import Foundation
import Primitives

extension EventLake {
    /// How many rows of `messages` are merged at once.
    static let mergedAtOnce = MessageFold.usualCapacity / 2

    /// Days of no more messages are written by the engine alone: quickly, and without the filters that tell which row groups have a recipient.
    private static let smallDay = RowGroupSize.rows / 4

    /// Writes the rows of a query as a file of the day.
    ///
    /// The engine holds kilobytes for each row until it has merged them all, and can put none of that aside. Where they are too many for its
    /// memory, a slice of the messages is merged after the other. SES's ids begin with the time, so a slice's rows lie together in the files that
    /// are read; the slices are then merged by time, a row group after the other.
    ///
    /// - Parameters:
    ///   - ids: a query of the rows' message ids, one for each row that is merged.
    ///   - atOnce: how many rows may be merged at once.
    func write(_ rows: String, of ids: String, atOnce: Int, on day: CivilDay) async throws -> String {
        let count = try await connection.rows("SELECT count(*) FROM (\(ids))")[0][0].integer ?? 0
        let slices = (Int(count) + atOnce - 1) / atOnce
        guard slices > 1 || count > Self.smallDay else { return try await copy(rows, on: day) }
        var parts: [String] = []
        // What a killed process leaves of them is cleaned up as other files are that no commit names.
        defer { for part in parts { try? TableDisk.delete(location(part)) } }
        for slice in try await self.slices(of: ids, slices) {
            parts.append(try await copy("SELECT * FROM (\(rows)) WHERE \(slice)", on: day))
        }
        let source = "read_parquet(\(SQL.list(parts.map(location))), hive_partitioning = false)"
        guard let merge = SortedMerge(of: source, schema: LakeTables.messages, by: "sent_at") else {
            return try await copy("SELECT * FROM \(source)", on: day)
        }
        let path = try day.newFile(in: messages.folder)
        _ = try await merge.write(to: location(path), on: connection)
        return path
    }

    /// Writes what `messages` needs of some events into a file.
    ///
    /// - Returns: its path, absolute.
    func setAside(_ events: String, on day: CivilDay) async throws -> String {
        let path = location(try day.newFile(in: messages.folder))
        try await connection.execute(
            "COPY (SELECT * EXCLUDE (headers, tags) FROM \(events)) TO \(SQL.literal(path)) (\(ParquetOptions.fresh))"
        )
        return path
    }

    /// Conditions of which each message fulfils one, and of all about as many each.
    private func slices(of ids: String, _ count: Int) async throws -> [String] {
        guard count > 1 else { return ["true"] }
        let bounds = try await connection.rows(
            SQL.bounds(ofSlices: count, by: "message_id", in: "(\(ids))")
        ).compactMap { $0[0].text }.map(SQL.literal)
        guard let first = bounds.first, let last = bounds.last else { return ["true"] }
        return ["(message_id < \(first) OR message_id IS NULL)"]
            + zip(bounds, bounds.dropFirst()).map { "message_id >= \($0) AND message_id < \($1)" }
            + ["message_id >= \(last)"]
    }

    private func copy(_ rows: String, on day: CivilDay) async throws -> String {
        let path = try day.newFile(in: messages.folder)
        try await connection.execute(
            """
            COPY (SELECT * FROM (\(rows)) ORDER BY sent_at, message_id, recipient)
            TO \(SQL.literal(location(path))) (\(ParquetOptions.fresh))
            """)
        return path
    }

    private func location(_ path: String) -> String { messages.folder + "/" + path }
}

extension CivilDay {
    /// The path, below a table's folder, of a file of the day that is not there yet; the day's own folder is made.
    func newFile(in folder: String) throws -> String {
        try FileManager.default.createDirectory(
            atPath: folder + "/" + partitionFolder, withIntermediateDirectories: true)
        return partitionFolder + "/" + ParquetName.new()
    }
}

import DuckDB
import Foundation
import Primitives

/// What to do where a dataset of the name is there already.
public enum DatasetMode: String, CaseIterable, Sendable {
    /// Refuse.
    case create
    /// Put the file's rows and columns in the place of the old, in one step.
    case replace
    /// Add the file's rows, whose columns must be the dataset's.
    case append
}

/// What became of a file.
public struct DatasetReport: Sendable, Equatable, Codable {
    /// A column of the dataset.
    public struct Column: Sendable, Equatable, Codable {
        /// Its name.
        public var name: String
        /// Its type, in Delta's words.
        public var type: String
    }

    /// The dataset.
    public var name: String
    /// Rows that the file brought.
    public var rows: Int
    /// The dataset's columns.
    public var columns: [Column]
    /// Columns whose names Delta's readers would refuse, and what they are called now.
    public var renamed: [String: String]
    /// The table's version after it.
    public var version: Int64
}

extension EventLake {
    /// Names that mean something else in SQL here.
    public static let reservedDatasetNames: Set<String> = [
        "events", "messages", "refused", "ses_events", "email_status", "partitioned", "ses_mail",
        "event_recipients", "journeys", "engagements", "intake_completeness", "source_health", "reputation",
    ]

    /// Refuses a name that could not stand in SQL without quotes, or that the lake needs itself.
    public static func checkDatasetName(_ name: String) throws(Failure) {
        let letters = Set("abcdefghijklmnopqrstuvwxyz"), rest = letters.union("0123456789_")
        guard let first = name.first, letters.contains(first), name.count <= 63,
            name.allSatisfy({ rest.contains($0) })
        else {
            throw Failure(
                .usage,
                "'\(name)' cannot name a dataset; use a to z, 0 to 9 and _, a letter first, 63 characters at most"
            )
        }
        guard !reservedDatasetNames.contains(name) else {
            throw Failure(.usage, "'\(name)' is a table of the lake itself; choose another name")
        }
    }

    /// Makes a file's rows a dataset, or part of one. Only for the holder of the ``WriterLock``.
    ///
    /// - Throws: ``Failure``: usage for the name or the file, refused where the dataset is there or has other columns,
    ///   input where the file does not hold what its name says.
    public func addDataset(_ name: String, from path: String, mode: DatasetMode) async throws -> DatasetReport
    {
        try await addDataset(name, from: DatasetFile(path), mode: mode)
    }

    /// The same with a file that was looked at already.
    public func addDataset(_ name: String, from file: DatasetFile, mode: DatasetMode) async throws
        -> DatasetReport
    {
        try Self.checkDatasetName(name)
        try removeDatasetLeftovers()
        guard !TableDisk.isFolder(home.table("streams/\(name)").path) else {
            throw Failure(.usage, "'\(name)' is the table of a stream; choose another name")
        }
        let table = table("datasets/\(name)")
        let present = try await table.latest()
        if present != nil, mode == .create {
            throw Failure(
                .refused,
                "there is a dataset \(name) already; replace it with these rows, or append them to it"
            )
        }
        _ = try await connection.rows("SET VARIABLE dataset_file = ?", [.text(file.pattern)])
        let columns = try await read(file) { try await self.connection.columns("FROM \(file.relation())") }
        let incoming = DatasetColumn.columns(of: columns)
        switch (present, mode) {
        case (let present?, .append): return try await append(file, incoming, to: table, present, name: name)
        case (let present?, _): return try await replace(table, present, with: file, incoming, name: name)
        case (nil, _): return try await create(name, file, incoming)
        }
    }

    /// The datasets, with sizes.
    public func datasets() async throws -> [TableInfo] {
        try await info(of: datasetNames().map { "datasets/\($0)" }).map { table in
            var table = table
            table.name = String(table.name.dropFirst("datasets/".count))
            return table
        }
    }

    /// Takes a dataset away. Only for the holder of the ``WriterLock``.
    public func dropDataset(_ name: String) async throws {
        let names = try datasetNames()
        guard names.contains(name) else {
            throw Failure(
                .notFound,
                "there is no dataset '\(name)'; "
                    + (names.isEmpty ? "there are none" : "there are: \(names.joined(separator: ", "))"))
        }
        // Gone in one step for everyone who comes after; the files may take a while.
        try rename("datasets/\(name)", to: "datasets/.dropped-\(UUID().uuidString.lowercased())")
        try removeDatasetLeftovers()
    }

    private func datasetNames() throws -> [String] {
        try tableNames().compactMap {
            $0.hasPrefix("datasets/") ? String($0.dropFirst("datasets/".count)) : nil
        }
    }

    // MARK: - Ways in

    /// A new dataset is made under a name that nobody sees, and appears complete.
    private func create(_ name: String, _ file: DatasetFile, _ columns: [DatasetColumn]) async throws
        -> DatasetReport
    {
        let hidden = "datasets/.new-\(UUID().uuidString.lowercased())"
        let table = table(hidden)
        try await table.openOrCreate(TableSchema(columns: columns.map(\.column)), name: name)
        do {
            let (files, rows) = try await write(file, columns, to: table)
            let version = try await table.commit(operation: "WRITE", actions: files.map { .add($0) })
            try rename(hidden, to: "datasets/\(name)")
            return report(name, rows, columns, version)
        } catch {
            try? FileManager.default.removeItem(at: home.table(hidden))
            throw error
        }
    }

    private func replace(
        _ table: DeltaTable, _ present: TableSnapshot, with file: DatasetFile, _ columns: [DatasetColumn],
        name: String
    ) async throws -> DatasetReport {
        let schema = TableSchema(columns: columns.map(\.column))
        var (files, rows) = try await write(file, columns, to: table)
        var actions: [DeltaAction] = present.files.map {
            .remove(RemoveFile($0.add, at: table.options.now(), dataChange: true))
        }
        if schema != present.schema {
            var metadata = present.metadata
            metadata.schema = schema
            actions.insert(.metadata(metadata), at: 0)
            // Bounds were read by the old columns' types, and would prune wrongly under the new ones.
            let statistics = try await table.footerStatistics(files.map(\.path), schema)
            for index in files.indices { files[index].stats = statistics[files[index].path]?.json }
        }
        let version = try await table.commit(
            read: present.version, operation: "WRITE", actions: actions + files.map { .add($0) })
        // Queries that began before have an hour to end.
        try await table.vacuum(removedFor: 3_600_000, orphanedFor: 0)
        return report(name, rows, columns, version)
    }

    private func append(
        _ file: DatasetFile, _ incoming: [DatasetColumn], to table: DeltaTable, _ present: TableSnapshot,
        name: String
    ) async throws -> DatasetReport {
        let (columns, forced) = try DatasetColumn.matching(
            incoming, of: file, to: present.schema, name: name)
        let (files, rows) = try await write(file, columns, to: table, forced: forced)
        let version =
            files.isEmpty
            ? present.version
            : try await table.commit(
                read: present.version, operation: "WRITE", actions: files.map { .add($0) })
        return report(name, rows, columns, version)
    }

    // MARK: - Steps

    /// Writes the file's rows as one Parquet file of the table that no version names yet.
    private func write(
        _ file: DatasetFile, _ columns: [DatasetColumn], to table: DeltaTable, forced: [TableColumn] = []
    ) async throws -> (files: [AddFile], rows: Int) {
        let path = ParquetName.new()
        let target = table.folder + "/" + path
        let selection = columns.map { "\($0.expression) AS \(SQL.identifier($0.column.name))" }
        do {
            let written = try await read(file) {
                try await self.connection.rows(
                    """
                    COPY (SELECT \(selection.joined(separator: ", ")) FROM \(file.relation(types: forced)))
                    TO \(SQL.literal(target)) (\(ParquetOptions.lasting))
                    """)
            }
            let rows = Int(written.first?.first?.integer ?? 0)
            if rows > 0 { return (try await table.adding([path]), rows) }
            try TableDisk.delete(target)
            return ([], 0)
        } catch {
            try? TableDisk.delete(target)
            throw error
        }
    }

    /// Names the file where DuckDB says what is wrong with it.
    private func read<R: Sendable>(
        _ file: DatasetFile, _ body: () async throws -> R
    ) async throws -> R {
        do {
            return try await body()
        } catch let failure as Failure where [.usage, .input].contains(failure.kind) {
            // What follows the first paragraph is our own SQL and advice on options that are not the user's.
            let lines = failure.message.split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
                .prefix { !$0.isEmpty && !$0.hasPrefix("LINE ") }
            // Where it lies here says nothing to who sent it.
            let words = lines.joined(separator: "; ").replacingOccurrences(of: file.path, with: file.name)
            throw Failure(.input, "\(file.name) cannot be read: \(words)")
        }
    }

    private func report(
        _ name: String, _ rows: Int, _ columns: [DatasetColumn], _ version: Int64
    ) -> DatasetReport {
        let changed = columns.filter { $0.source.lowercased() != $0.column.name.lowercased() }
        return DatasetReport(
            name: name, rows: rows,
            columns: columns.map { .init(name: $0.column.name, type: $0.column.type.deltaName) },
            renamed: Dictionary(changed.map { ($0.source, $0.column.name) }) { first, _ in first },
            version: version)
    }

    private func rename(_ old: String, to new: String) throws {
        let (from, to) = (home.table(old).path, home.table(new).path)
        guard Foundation.rename(from, to) == 0 else { throw TableDisk.failure("rename", from) }
        try TableDisk.sync(home.table("datasets").path)
    }

    /// Deletes what a command that was stopped left: folders whose names begin with a point are nobody's.
    private func removeDatasetLeftovers() throws {
        let folder = home.table("datasets")
        for name in try TableDisk.names(in: folder.path)
        where name.hasPrefix(".new-") || name.hasPrefix(".dropped-") {
            try FileManager.default.removeItem(at: folder.appending(path: name))
        }
    }
}

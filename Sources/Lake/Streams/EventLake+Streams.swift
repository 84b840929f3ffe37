import DuckDB
import Foundation
import Primitives

extension EventLake {
    /// The tables of streams at their latest versions.
    public func streamTables() async throws -> [StreamTable] {
        var tables: [StreamTable] = []
        for name in try streamNames() {
            // One that another process removes at this moment is none.
            guard let snapshot = try await openStream(name).latest() else { continue }
            if let table = StreamTable(name, snapshot) { tables.append(table) }
        }
        return tables
    }

    /// The table of a stream, by the stream's name or its own; nil if there is none.
    public func streamTable(_ name: String) async throws -> StreamTable? {
        let tables = try await streamTables()
        return tables.first { $0.stream == name } ?? tables.first { $0.name == name.lowercased() }
    }

    /// Makes the table of a stream. It needs no lock: a running server takes it up with the next record.
    ///
    /// - Parameter table: its name in SQL; the stream's, in lower case, if nil.
    /// - Throws: ``Failure`` of kind usage for a name that cannot be a table's, refused where there is such a table.
    @discardableResult
    public func createStreamTable(
        _ stream: String, table: String? = nil, _ schema: StreamSchema, _ options: StreamOptions = .init()
    ) async throws -> StreamTable {
        let name = (table ?? stream).lowercased()
        try Self.checkStreamTableName(name)
        guard !TableDisk.isFolder(home.table("datasets/\(name)").path) else {
            throw Failure(.usage, "'\(name)' is a dataset; choose another name with --table")
        }
        if let present = try await streamTables().first(where: { $0.stream == stream || $0.name == name }) {
            throw Failure(
                .refused,
                "there is a table \(present.name) of the stream '\(present.stream)' already; add columns with: "
                    + "sesame stream schema \(present.stream) --add NAME:TYPE")
        }
        try Self.check(options, for: schema.columns)
        let taken = Set(schema.columns.map { $0.name.lowercased() })
        let (received, extra) = (Self.free("received_at", taken), Self.free("extra", taken))
        var metadata = TableMetadata(
            id: UUID().uuidString.lowercased(),
            schema: TableSchema(
                columns: schema.columns + [TableColumn(received, .timestamp), TableColumn(extra, .string)]))
        metadata.name = name
        metadata.createdTime = self.options.now().milliseconds
        metadata.configuration = [
            "sesame.stream": stream, "sesame.options": options.text, "sesame.received": received,
            "sesame.extra": extra,
        ]
        // Made under a name that nobody sees, and there in one step: whoever comes second finds the first.
        let hidden = home.table("streams/.new-\(UUID().uuidString.lowercased())").path
        let made = DeltaTable(folder: hidden, connection: connection)
        do {
            try await made.create(metadata)
            guard Foundation.rename(hidden, home.table("streams/\(name)").path) == 0 else {
                throw Failure(.refused, "there is a table \(name) already")
            }
        } catch {
            try? FileManager.default.removeItem(atPath: hidden)
            throw error
        }
        try TableDisk.sync(home.table("streams").path)
        guard let created = try await streamTable(stream) else {
            throw Failure(.storage, "the table \(name) of the stream '\(stream)' was made and is not there")
        }
        return created
    }

    /// Adds columns to a stream's table. Rows that are there have NULL in them; what they had stays in `extra`.
    ///
    /// - Throws: ``Failure`` of kind notFound, or usage for a column that cannot be added.
    @discardableResult
    public func addColumns(_ added: [TableColumn], toStream name: String) async throws -> StreamTable {
        let table = try await neededStreamTable(name)
        let (columns, own) = (table.columns + added, Set([table.receivedColumn, table.extraColumn]))
        try StreamSchema.check(columns)
        if let column = added.first(where: { own.contains($0.name.lowercased()) }) {
            throw Failure(.usage, "'\(column.name)' is a column that Sesame fills itself in \(table.name)")
        }
        return try await change(table) { metadata in
            let last = metadata.schema.columns.filter { own.contains($0.name) }
            metadata.schema = TableSchema(columns: columns + last)
            metadata.configuration["sesame.evolved"] = "true"
        }
    }

    /// Gives the table another stream or other options where it has not these.
    @discardableResult
    public func setStream(_ stream: String, _ options: StreamOptions, ofTable name: String) async throws
        -> StreamTable
    {
        let table = try await neededStreamTable(name)
        if table.stream == stream, table.options == options { return table }
        try Self.check(options, for: table.columns)
        return try await change(table) { metadata in
            metadata.configuration["sesame.stream"] = stream
            metadata.configuration["sesame.options"] = options.text
        }
    }

    /// Takes a stream's table away with its rows. Records that come after are read as events of SES.
    public func dropStreamTable(_ name: String) async throws {
        let table = try await neededStreamTable(name)
        let gone = home.table("streams/.dropped-\(UUID().uuidString.lowercased())").path
        guard Foundation.rename(home.table("streams/\(table.name)").path, gone) == 0 else {
            throw TableDisk.failure("remove", table.name)
        }
        openStreams[table.name] = nil
        try removeStreamLeftovers()
    }

    // MARK: - Steps

    /// The table as a Delta table, kept open so that only what is new is read.
    func openStream(_ name: String) -> DeltaTable {
        let folder = home.table("streams/\(name)").path
        let number = TableDisk.number(of: folder)
        if let open = openStreams[name], open.folder == number { return open.table }
        var calm = options
        // Their commits come as often as those of `events`, and nobody else writes their checkpoints.
        calm.checkpointInterval = 50
        let table = DeltaTable(folder: folder, connection: connection, options: calm)
        openStreams[name] = (number, table)
        return table
    }

    /// Deletes what a command that was stopped left.
    func removeStreamLeftovers() throws {
        let folder = home.table("streams")
        for name in try TableDisk.names(in: folder.path) where name.hasPrefix(".dropped-") {
            try? FileManager.default.removeItem(at: folder.appending(path: name))
        }
    }

    func neededStreamTable(_ name: String) async throws -> StreamTable {
        if let table = try await streamTable(name) { return table }
        throw Failure(
            .notFound,
            "the stream '\(name)' has no table; declare its columns with: sesame stream schema \(name) 'id string, …'"
        )
    }

    private func change(
        _ table: StreamTable, _ body: (inout TableMetadata) -> Void
    ) async throws -> StreamTable {
        let delta = openStream(table.name)
        // Appends of a running server come in between all the time.
        for attempt in 1... {
            let snapshot = try await delta.snapshot()
            var metadata = snapshot.metadata
            body(&metadata)
            do {
                try await delta.commit(
                    read: snapshot.version, operation: "ALTER TABLE", actions: [.metadata(metadata)])
                break
            } catch let rejection as CommitRejection {
                guard attempt < 5 else { throw rejection.failure }
            }
        }
        return try await neededStreamTable(table.name)
    }

    private func streamNames() throws -> [String] {
        try TableDisk.names(in: home.table("streams").path).filter { !$0.hasPrefix(".") }.sorted()
    }

    private static func free(_ name: String, _ taken: Set<String>) -> String {
        var name = name
        while taken.contains(name) { name = "_" + name }
        return name
    }

    private static func checkStreamTableName(_ name: String) throws(Failure) {
        let isPlain = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte) || "_.-".utf8.contains(byte)
        }
        guard isPlain, (1...64).contains(name.utf8.count), name.utf8.first != UInt8(ascii: ".") else {
            throw Failure(
                .usage,
                "'\(name)' cannot name the table of a stream; use a to z, 0 to 9, _, - and ., 64 characters at most"
            )
        }
        guard !reservedDatasetNames.contains(name) else {
            throw Failure(
                .usage, "'\(name)' is a table of the lake itself; choose another name with --table")
        }
    }

    private static func check(_ options: StreamOptions, for columns: [TableColumn]) throws(Failure) {
        let names = Set(columns.map { $0.name.lowercased() })
        for name in options.mappings.keys.sorted() where !names.contains(name.lowercased()) {
            throw Failure(.usage, "a member is mapped to '\(name)', which is none of the columns")
        }
    }
}

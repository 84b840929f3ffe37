import DuckDB
import Primitives
import SESEvents

extension EventLake {
    /// A table as SQL may read it.
    public struct Relation: Sendable {
        /// Its name in SQL: a dataset goes by its own.
        public var name: String
        /// Absolute paths of its files.
        public var files: [String]
        /// Its columns as `name TYPE, …`.
        public var columns: String
        /// The names of its columns where every file has them all: files that Sesame wrote. Other writers may leave out
        /// columns that are null.
        public var uniformColumns: [String]?
        /// SQL over the files where it is more than their rows.
        public var definition: String?
    }

    /// All tables at their latest versions, with `messages` brought up to `events`.
    public func relations() async throws -> [Relation] {
        var relations: [Relation] = []
        for name in try tableNames() {
            let table = table(name)
            let snapshot = try await table.snapshot()
            let names = snapshot.schema.fileColumns.map(\.name)
            let columns = snapshot.schema.fileColumns.map { "\(SQL.identifier($0.name)) \($0.type.sql)" }
            let current: (files: [String], definition: String?) =
                name == "messages"
                ? try await currentMessages() : (snapshot.files.map { table.location(of: $0) }, nil)
            relations.append(
                Relation(
                    name: name.split(separator: "/").last.map(String.init) ?? name, files: current.files,
                    columns: columns.joined(separator: ", "),
                    uniformColumns: snapshot.files.allSatisfy(\.isWrittenBySesame) ? names : nil,
                    definition: current.definition))
        }
        return relations
    }

    /// The files that hold `messages` as of the latest version of `events`, and the SQL over them where rows are to be
    /// merged: an import that was killed between the two tables leaves that to the reader.
    func currentMessages() async throws -> (files: [String], definition: String?) {
        // Events first: messages that are newer than the events seen here need no merging.
        let snapshot = try await events.snapshot()
        let merged = try await messages.snapshot()
        let stored = merged.files.map { messages.location(of: $0) }
        let done = merged.transactions[Self.eventsMark] ?? 0
        guard done < snapshot.version else { return (stored, nil) }
        // Where the log no longer tells what came since, what is stored is no ground to build on.
        let added = try await filesAdded(after: done, to: snapshot)
        let sources = (added ?? snapshot.files).map { events.location(of: $0) }
        let ground = added == nil ? [] : stored
        guard !sources.isEmpty else { return (ground, nil) }
        var partials = MessagesModel.aggregate(events: Self.relation(sources, else: LakeTables.events))
        if !ground.isEmpty {
            let rows = Self.relation(ground, else: LakeTables.messages)
            partials += " UNION ALL BY NAME SELECT \(MessagesModel.storedPartialColumns) FROM \(rows)"
        }
        return (ground + sources, MessagesModel.merge(partials: partials))
    }
}

extension DataFile {
    /// Whether the name is one that Sesame gives, `part-<uuid>.parquet`. Such a file has all columns of its table: Sesame
    /// does not change the columns of a table that has files. Spark and delta-rs put more into their names.
    var isWrittenBySesame: Bool {
        let name = path.utf8.split(separator: UInt8(ascii: "/")).last ?? path.utf8[...]
        return name.count == 5 + 36 + 8 && name.starts(with: "part-".utf8)
            && name.dropFirst(5).prefix(36).split(separator: UInt8(ascii: "-")).map(\.count) == [
                8, 4, 4, 4, 12,
            ]
    }
}

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
        /// SQL over the files where it is more than their rows.
        public var definition: String?
    }

    /// All tables at their latest versions, with `messages` brought up to `events`.
    public func relations() async throws -> [Relation] {
        var relations: [Relation] = []
        for name in try tableNames() {
            let table = table(name)
            let snapshot = try await table.snapshot()
            let columns = snapshot.schema.fileColumns.map { "\(SQL.identifier($0.name)) \($0.type.sql)" }
            relations.append(
                Relation(
                    name: name.split(separator: "/").last.map(String.init) ?? name,
                    files: snapshot.files.map { table.location(of: $0) },
                    columns: columns.joined(separator: ", ")))
        }
        try await addMissingMessages(to: &relations)
        return relations
    }

    /// An import that was killed between `events` and `messages` leaves the difference to the reader.
    private func addMissingMessages(to relations: inout [Relation]) async throws {
        let snapshot = try await events.snapshot()
        let merged = try await messages.snapshot()
        let done = merged.transactions[Self.eventsMark] ?? 0
        guard done < snapshot.version, let index = relations.firstIndex(where: { $0.name == "messages" })
        else { return }
        let added = try await filesAdded(after: done, to: snapshot)
        let sources = (added ?? snapshot.files).map { events.location(of: $0) }
        guard !sources.isEmpty else { return }
        let stored = added == nil ? [] : relations[index].files
        var partials = MessagesModel.aggregate(events: "read_parquet(\(SQL.list(sources)))")
        if !stored.isEmpty {
            partials +=
                " UNION ALL BY NAME SELECT \(MessagesModel.storedPartialColumns) FROM read_parquet(\(SQL.list(stored)))"
        }
        relations[index].files = stored + sources
        relations[index].definition = MessagesModel.merge(partials: partials)
    }
}

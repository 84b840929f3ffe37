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
        /// The names of its columns.
        public var columnNames: [String]
        /// The names of its columns where every file has them all: files that Sesame wrote. Other writers may leave out
        /// columns that are null.
        public var uniformColumns: [String]?
        /// SQL over the files where it is more than their rows.
        public var definition: String?
    }

    /// Some tables at one moment, and how new they are.
    public struct View: Sendable {
        /// The tables.
        public var relations: [Relation] = []
        /// The version of `events`.
        public var version: Int64 = 0
        /// The files of recipes by name, of those that were named and have some. Those of the first stand for events: `events` has no more
        /// than its rest needs.
        public var rolledUp: [String: RolledUp] = [:]
        /// When the last of all events happened, those included that are in none of the relations.
        public var lastEventAt: Timestamp?
    }

    /// All tables at their latest versions, with `messages` brought up to `events`.
    public func relations() async throws -> [Relation] { try await view().relations }

    /// Tables at their latest versions, with `messages` brought up to `events`.
    ///
    /// - Parameters:
    ///   - wanted: the names of tables and datasets; nil for all. Those that are not there are left out.
    ///   - ranges: conditions by table; files that have no row for which they hold are left out.
    ///   - recipes: what may stand for events of the time in `ranges`, and what is made of that; none for the events themselves.
    public func view(
        of wanted: Set<String>? = nil, where ranges: [String: [ColumnRange]] = [:],
        rolledUpBy recipes: [RollupRecipe] = []
    ) async throws -> View {
        var view = View()
        let snapshot = try await events.snapshot()
        view.version = snapshot.version
        view.lastEventAt = snapshot.lastEventAt
        if !recipes.isEmpty {
            let days = RollupDays(snapshot.files)
            let times = Self.times(ranges["events"] ?? [])
            for recipe in recipes {
                view.rolledUp[recipe.name] = try RolledUp(days, recipe, in: home, during: times)
            }
        }
        for name in try tableNames() {
            let shown = name.split(separator: "/").last.map(String.init) ?? name
            guard wanted?.contains(shown) ?? true else { continue }
            guard let snapshot = name == "events" ? snapshot : try await present(name) else { continue }
            let rolledUp = name == "events" ? recipes.first.flatMap { view.rolledUp[$0.name] } : nil
            view.relations.append(
                try await relation(shown, of: name, snapshot, ranges[shown] ?? [], rolledUp))
        }
        return view
    }

    /// The times in which events are wanted.
    private static func times(_ ranges: [ColumnRange]) -> ClosedRange<Timestamp> {
        var (from, through) = (Timestamp(microseconds: .min / 2), Timestamp(microseconds: .max / 2))
        for range in ranges where range.column == "event_at" {
            let lower = range.bounds.map { if case .timestamp(let time)? = $0.lower { time } else { from } }
            let upper = range.bounds.map {
                if case .timestamp(let time)? = $0.upper { time } else { through }
            }
            (from, through) = (max(from, lower.min() ?? from), min(through, upper.max() ?? through))
        }
        return from...max(from, through)
    }

    private func relation(
        _ shown: String, of name: String, _ snapshot: TableSnapshot, _ ranges: [ColumnRange],
        _ rolledUp: RolledUp?
    ) async throws -> Relation {
        let columns = snapshot.schema.fileColumns
        let isUniform = snapshot.metadata.configuration["sesame.evolved"] == nil
        let table = table(name)
        // The newest first: who looks for the newest of something then finds at once that the others are older.
        let files = snapshot.files(where: ranges).reversed().filter { rolledUp?.needs($0) ?? true }
        let current: (files: [String], definition: String?) =
            name == "messages"
            ? try await currentMessages(where: ranges)
            : (
                files.map { table.location(of: $0) },
                isUniform ? nil : Self.evolvedDefinition(snapshot.schema)
            )
        // Sesame does not change the columns of a table that has files, but for streams', which say so.
        let hasAllColumns = isUniform && files.allSatisfy { ParquetName.isOurs($0.path) }
        return Relation(
            name: shown, files: current.files,
            columns: columns.map { "\(SQL.identifier($0.name)) \($0.type.sql)" }.joined(separator: ", "),
            columnNames: columns.map(\.name), uniformColumns: hasAllColumns ? columns.map(\.name) : nil,
            definition: current.definition)
    }

    /// SQL over files of which older ones lack columns that were added since.
    static func evolvedDefinition(_ schema: TableSchema) -> String {
        let names = schema.fileColumns.map { SQL.identifier($0.name) }.joined(separator: ", ")
        let nulls = schema.fileColumns.map { "NULL::\($0.type.sql) AS \(SQL.identifier($0.name))" }
            .joined(separator: ", ")
        return """
            SELECT \(names) FROM (SELECT \(nulls) WHERE false UNION ALL BY NAME
                FROM read_parquet($files, hive_partitioning = false, union_by_name = true))
            """
    }

    /// The files that hold `messages` as of the latest version of `events`, and the SQL over them where rows are to be
    /// merged: what came since `messages` was brought up to date is the reader's to add.
    ///
    /// - Parameter ranges: conditions that the reader repeats; stored files that have no row for which they hold are left out.
    func currentMessages(where ranges: [ColumnRange] = []) async throws -> (
        files: [String], definition: String?
    ) {
        // Events first: messages that are newer than the events seen here need no merging.
        let snapshot = try await events.snapshot()
        let merged = try await messages.snapshot()
        let done = merged.transactions[Self.eventsMark] ?? 0
        let stored = merged.files(where: ranges)
        let paths = { (files: [DataFile]) in files.map { self.messages.location(of: $0) } }
        guard done < snapshot.version else { return (paths(stored), nil) }
        // Where the log no longer tells what came since, what is stored is no ground to build on.
        let added = try await filesAdded(after: done, to: snapshot)
        let sources = (added ?? snapshot.files).map { events.location(of: $0) }
        let ground = added == nil ? [] : stored
        guard !sources.isEmpty else { return (paths(ground), nil) }
        let days = SentDays(of: added ?? snapshot.files)
        let definition = MessagesModel.merge(
            fresh: MessagesModel.aggregate(events: Self.relation(sources, else: LakeTables.events)),
            touched: relation(paths(ground.filter(days.concern))),
            untouched: relation(paths(ground.filter { !days.concern($0) })))
        return (paths(ground) + sources, definition)
    }

    private func relation(_ paths: [String]) -> String? {
        paths.isEmpty ? nil : Self.relation(paths, else: LakeTables.messages)
    }
}

/// The days on which the messages of some events were sent: only rows of `messages` in their files can change by them.
private struct SentDays {
    private let ranges: [ClosedRange<Timestamp>]?

    init(of files: [DataFile]) {
        var ranges: [ClosedRange<Timestamp>] = []
        for file in files {
            guard case .timestamp(let earliest)? = file.statistics.columns["sent_at"]?.minimum,
                case .timestamp(let latest)? = file.statistics.columns["sent_at"]?.maximum
            else {
                self.ranges = nil
                return
            }
            ranges.append(earliest.day.start...latest.day.times.upperBound)
        }
        self.ranges = Array(Set(ranges))
    }

    /// Whether a file of `messages` may have a row that changes.
    func concern(_ file: DataFile) -> Bool {
        ranges?.contains { file.overlaps("sent_at", $0.lowerBound, $0.upperBound) } ?? true
    }
}

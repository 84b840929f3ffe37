import Analytics
import Lake
import Primitives
import Query

/// What statements see of a lake, read anew for each: only what was committed since the last is looked at.
struct LakeCatalog: Sendable {
    private let lake: EventLake

    /// The catalog of the lake in `home`.
    ///
    /// - Throws: `Failure` of kind notFound if there is none.
    init(_ home: HomeDirectory) async throws {
        lake = try EventLake(home: home)
        try await lake.open()
    }

    /// The catalog of a lake that is open.
    init(_ lake: EventLake) { self.lake = lake }

    /// The latest snapshot of every table, and the views over them.
    func snapshot() async throws -> QueryCatalog { try await snapshot(nil).catalog }

    /// The latest snapshot of some tables, of them the files that have something of the time wanted; nil for all and the views.
    func snapshot(_ reads: [TableRead]?) async throws -> QuerySnapshot {
        var ranges: [String: [ColumnRange]] = [:]
        for read in reads ?? [] {
            if let column = read.timeColumn {
                let spans = read.spans?.map { ($0.lowerBound as Timestamp?, $0.upperBound as Timestamp?) }
                let bounds = (spans ?? [(read.from, read.through)]).map { from, through in
                    ColumnRange.Bounds(
                        from: from.map { .timestamp($0) }, through: through.map { .timestamp($0) })
                }
                ranges[read.table, default: []].append(ColumnRange(column, anyOf: bounds))
            }
            if let id = read.messageID {
                ranges[read.table, default: []].append(
                    ColumnRange("message_id", from: .string(id), through: .string(id)))
            }
        }
        let takesFacts = reads?.contains(where: \.takesFacts) ?? false
        let view = try await lake.view(
            of: reads.map { Set($0.map(\.table)) }, where: ranges,
            rolledUpBy: takesFacts ? RollupRecipe.all : [])
        var tables = view.relations.map {
            QueryCatalog.Table(
                name: $0.name, files: $0.files, columns: $0.columns, uniformColumns: $0.uniformColumns,
                definition: $0.definition)
        }
        let (facts, repeats) = (
            view.rolledUp[RollupRecipe.facts.name], view.rolledUp[RollupRecipe.repeats.name]
        )
        let derived = [
            (FactsRollup.table, facts?.files, FactsRollup.columns),
            (CountsRollup.table, facts?.summaries, CountsRollup.columns),
            (RepeatsRollup.table, repeats?.files, RepeatsRollup.columns),
            (RepeatsRollup.countsTable, repeats?.summaries, RepeatsRollup.countsColumns),
        ]
        for (name, files, columns) in derived {
            guard let files else { continue }
            tables.append(QueryCatalog.Table(name: name, files: files, columns: "", uniformColumns: columns))
        }
        let views = reads == nil ? CompatibilityViews.all + IntakeViews.all : []
        return QuerySnapshot(
            catalog: QueryCatalog(
                tables: tables, views: views.map { QueryCatalog.View(name: $0.name, sql: $0.sql) }),
            columns: Dictionary(
                view.relations.map { ($0.name, $0.columnNames) }, uniquingKeysWith: { first, _ in first }),
            freshness: .init(snapshotVersion: view.version, lastEventAt: view.lastEventAt),
            coverage: facts.map { FactCoverage(hasFiles: true, rest: $0.rest, unlinked: repeats?.rest) }
                ?? .none)
    }
}

extension RollupRecipe {
    /// What is made of the events of each day.
    static let all = [facts, repeats]

    /// What queries of metrics count.
    static let facts = RollupRecipe(
        name: "facts",
        summary: Summary(name: "counts", sql: CountsRollup.sql, eventCount: CountsRollup.eventCount),
        order: Order(group: FactsRollup.group, columns: FactsRollup.order), sql: FactsRollup.sql)

    /// What counts of different mails take from the facts.
    static let repeats = RollupRecipe(
        name: "repeats", of: .rows(of: .facts, past: RepeatsRollup.past, faults: RepeatsRollup.faults),
        summary: Summary(name: "repeat_counts", sql: RepeatsRollup.counts),
        order: Order(group: "metric", columns: "event_at"),
        // A row in three has a say.
        eventsAtOnce: 500_000, sql: RepeatsRollup.sql)
}

extension EventLake {
    /// Makes all that is derived of the days that lack it; see ``updateRollups(_:anew:)``.
    ///
    /// - Returns: of how many days something was made.
    @discardableResult
    func updateAllRollups(anew: Bool = false) async throws -> Int {
        var made = 0
        for recipe in RollupRecipe.all { made = max(made, try await updateRollups(recipe, anew: anew)) }
        return made
    }
}

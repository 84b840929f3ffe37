import Analytics
import Lake
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
                ranges[read.table, default: []].append(
                    ColumnRange(
                        column, from: read.from.map { .timestamp($0) },
                        through: read.through.map { .timestamp($0) }))
            }
            if let id = read.messageID {
                ranges[read.table, default: []].append(
                    ColumnRange("message_id", from: .string(id), through: .string(id)))
            }
        }
        let takesFacts = reads?.contains(where: \.takesFacts) ?? false
        let view = try await lake.view(
            of: reads.map { Set($0.map(\.table)) }, where: ranges, rolledUpBy: takesFacts ? .facts : nil)
        var tables = view.relations.map {
            QueryCatalog.Table(
                name: $0.name, files: $0.files, columns: $0.columns, uniformColumns: $0.uniformColumns,
                definition: $0.definition)
        }
        if let rolledUp = view.rolledUp {
            tables += [
                (FactsRollup.table, rolledUp.files, FactsRollup.columns),
                (CountsRollup.table, rolledUp.summaries, CountsRollup.columns),
            ].map { QueryCatalog.Table(name: $0, files: $1, columns: "", uniformColumns: $2) }
        }
        let views = reads == nil ? CompatibilityViews.all + IntakeViews.all : []
        return QuerySnapshot(
            catalog: QueryCatalog(
                tables: tables, views: views.map { QueryCatalog.View(name: $0.name, sql: $0.sql) }),
            columns: Dictionary(
                view.relations.map { ($0.name, $0.columnNames) }, uniquingKeysWith: { first, _ in first }),
            freshness: .init(snapshotVersion: view.version, lastEventAt: view.lastEventAt),
            coverage: view.rolledUp.map { FactCoverage(hasFiles: true, rest: $0.rest) } ?? .none)
    }
}

extension RollupRecipe {
    /// What queries of metrics count.
    static let facts = RollupRecipe(
        name: "facts",
        summary: Summary(name: "counts", sql: CountsRollup.sql, eventCount: CountsRollup.eventCount),
        sql: FactsRollup.sql)
}

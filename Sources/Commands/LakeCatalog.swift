import Lake
import Query

/// What users' statements see of a lake, read anew for each: only what was committed since the last is looked at.
struct LakeCatalog: Sendable {
    private let lake: EventLake

    /// The catalog of the lake in `home`.
    ///
    /// - Throws: `Failure` of kind notFound if there is none.
    init(_ home: HomeDirectory) async throws {
        lake = try EventLake(home: home)
        try await lake.open()
    }

    /// The latest snapshot of every table, and the views over them.
    func snapshot() async throws -> QueryCatalog {
        let tables = try await lake.relations().map {
            QueryCatalog.Table(
                name: $0.name, files: $0.files, columns: $0.columns, uniformColumns: $0.uniformColumns,
                definition: $0.definition)
        }
        return QueryCatalog(
            tables: tables,
            views: (CompatibilityViews.all + IntakeViews.all).map {
                QueryCatalog.View(name: $0.name, sql: $0.sql)
            })
    }
}

import Lake
import Query

/// What users' statements see of a lake.
enum LakeCatalog {
    /// The latest snapshot of every table, and the views over them.
    static func snapshot(_ home: HomeDirectory) async throws -> QueryCatalog {
        let lake = try EventLake(home: home)
        try await lake.open()
        let tables = try await lake.relations().map {
            QueryCatalog.Table(name: $0.name, files: $0.files, columns: $0.columns, definition: $0.definition)
        }
        return QueryCatalog(
            tables: tables,
            views: CompatibilityViews.all.map { QueryCatalog.View(name: $0.name, sql: $0.sql) })
    }
}

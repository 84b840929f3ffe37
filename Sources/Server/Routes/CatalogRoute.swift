import ControlPlane
import HTTPTypes
import Lake
import Query

/// `GET /api/v1/catalog`: the tables and views that statements may read, their columns with types and words; scope read.
///
///     {"tables":[{"name":"events","kind":"table","meaning":"One row per SES event. …",
///      "columns":[{"name":"event_at","type":"TIMESTAMP WITH TIME ZONE","meaning":"When it happened. …"}]}]}
///
/// The kind is table, view, or dataset, which is a table that the user brought or a stream has made.
struct CatalogRoute: Sendable {
    let access: Access
    let lookups: LookupRunner

    private struct Column: Decodable {
        var table_name: String
        var column_name: String
        var data_type: String
    }

    var routes: [Route] { [Route(.get, "/api/v1/catalog") { try await show($0) }] }

    private func show(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        try await access.caller(of: request, for: .read)
        let columns = try await request.answering { try await lookups.columns().decoded(as: Column.self) }
        var tables: [(name: String, columns: [Column])] = []
        for column in columns {
            if tables.last?.name == column.table_name {
                tables[tables.count - 1].columns.append(column)
            } else {
                tables.append((column.table_name, [column]))
            }
        }
        return .json(
            .ok, ["tables": .list(tables.sorted { Self.rank($0.name) < Self.rank($1.name) }.map(Self.json))])
    }

    private static let own = LakeReference.tables
    private static let views = CompatibilityViews.all + IntakeViews.all

    /// Sesame's tables first, then the user's, then views.
    private static func rank(_ name: String) -> (Int, String) {
        if let index = own.firstIndex(where: { $0.name == name }) { return (index, "") }
        return views.contains { $0.name == name } ? (1_001, name) : (1_000, name)
    }

    private static func json(_ name: String, _ columns: [Column]) -> JSONValue {
        let table = own.first { $0.name == name }
        let view = views.first { $0.name == name }
        let meanings = Dictionary(
            (table?.columns ?? own[0].columns).map { ($0.name, $0.meaning) },
            uniquingKeysWith: { first, _ in first })
        let isOwn = table != nil || view != nil
        return [
            "name": .text(name), "kind": table != nil ? "table" : view != nil ? "view" : "dataset",
            "meaning": .text(table?.meaning ?? view?.meaning ?? "A table of yours."),
            "columns": .list(
                columns.map {
                    // A view's column that has the name of an event's means the same.
                    [
                        "name": .text($0.column_name), "type": .text($0.data_type),
                        "meaning": .text(isOwn ? meanings[$0.column_name] ?? "" : ""),
                    ]
                }),
        ]
    }
}

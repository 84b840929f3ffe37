import DuckDB
import Primitives

/// A member that records of a stream have and no column takes.
public struct StreamExtra: Sendable, Equatable {
    /// Its path in the record, such as `colour` or `item.colour`.
    public var path: String
    /// The type in Hive's words that a column for its values would have; several where they differ.
    public var types: [String]
    /// In how many rows it stands.
    public var rows: Int
}

extension EventLake {
    /// The members that no column of a stream's table takes, the most frequent first.
    public func extraMembers(ofStream name: String) async throws -> [StreamExtra] {
        let table = try await neededStreamTable(name)
        let delta = openStream(table.name)
        let files = try await delta.snapshot().files.map { delta.location(of: $0) }
        guard !files.isEmpty else { return [] }
        let rows = try await connection.rows(
            """
            SELECT e.key, json_type(e.value), count(*) FROM (
                SELECT unnest(map_entries(\(table.extraColumn)::JSON::MAP(VARCHAR, JSON))) AS e
                FROM read_parquet(\(SQL.list(files)), union_by_name = true)
                WHERE \(table.extraColumn) IS NOT NULL)
            GROUP BY ALL ORDER BY ALL
            """)
        var members: [String: StreamExtra] = [:]
        for row in rows {
            guard let path = row[0].text else { continue }
            var member = members[path] ?? StreamExtra(path: path, types: [], rows: 0)
            member.rows += Int(row[2].integer ?? 0)
            if let type = row[1].text.flatMap(Self.hiveType(ofJSON:)), !member.types.contains(type) {
                member.types.append(type)
            }
            members[path] = member
        }
        return members.values.sorted { ($1.rows, $0.path) < ($0.rows, $1.path) }
    }

    /// Hive's type for values of one of DuckDB's kinds of JSON; nil for null, which says nothing.
    private static func hiveType(ofJSON kind: String) -> String? {
        switch kind {
        case "NULL": nil
        case "BIGINT", "UBIGINT", "HUGEINT": "bigint"
        case "DOUBLE": "double"
        case "BOOLEAN": "boolean"
        case "ARRAY": "array"
        case "OBJECT": "struct"
        default: "string"
        }
    }
}

import DuckDB
import Primitives

/// SQL that makes rows anonymous; see ``EventLake/registerAnonymity(_:)`` for its functions.
///
/// A row's texts go as one JSON object through the same code that treats events on their way in, so that a row that was made
/// anonymous here and an event that comes again are the same.
struct AnonymousRows {
    private let texts: TextColumns

    init(of schema: TableSchema) { texts = TextColumns(of: schema) }

    /// The rows of `events` in a file.
    ///
    /// What identifies an event is computed anew, as after an erasure. Two events may then have become the same but for
    /// a part of an IP address that is gone: all but one of them get another identity, since rows must not get lost.
    ///
    /// - Parameter ambiguous: identities that several rows would have.
    func events(_ file: String, ambiguous: [String] = []) -> String {
        let selection = texts.all.map { column in
            let name = SQL.identifier(column.name)
            if column.name == "event_id" { return "\(identity(ambiguous)) AS event_id" }
            return texts.contains(column)
                ? "CASE WHEN \"(clean)\" IS NULL THEN \(name) ELSE \"(new)\".\(name) END AS \(name)" : name
        }
        return """
            SELECT \(selection.joined(separator: ", ")) FROM (
                SELECT *, from_json("(clean)", \(texts.types)) AS "(new)",
                    sesame_identity("(clean)", epoch_us(event_at)) AS "(id)" FROM (
                    SELECT *, sesame_anonymous(\(texts.object)) AS "(clean)"
                    FROM read_parquet(\(SQL.literal(file)), hive_partitioning = false)))
            """
    }

    private func identity(_ ambiguous: [String]) -> String {
        let id = "coalesce(\"(id)\", event_id)"
        guard !ambiguous.isEmpty else { return id }
        let number = "row_number() OVER (PARTITION BY \(id) ORDER BY \"(clean)\" IS NOT NULL, event_id)"
        return """
            CASE WHEN list_contains(\(SQL.list(ambiguous)), \(id)) AND \(number) > 1
            THEN md5(concat(\(id), ' ', \(number))) ELSE \(id) END
            """
    }

    /// Identities that several rows of a file have.
    static func ambiguous(_ file: String) -> String {
        """
        SELECT event_id FROM read_parquet(\(SQL.literal(file)), hive_partitioning = false)
        GROUP BY 1 HAVING count(*) > 1
        """
    }

    /// Rows of `messages`, a query; ``MessagesModel/merge(partials:)`` makes one of those that have become the same.
    static func messages(_ rows: String) -> String {
        let texts = ["recipient", "subject", "sender", "bounce_diagnostic", "delivery_smtp_response"]
        let members = texts.map { "\($0) := \($0)" }.joined(separator: ", ")
        let types = texts.map { "\"\($0)\":\"VARCHAR\"" }.joined(separator: ",")
        let replaced = texts.map {
            "CASE WHEN \"(clean)\" IS NULL THEN \($0) ELSE \"(new)\".\($0) END AS \($0)"
        }
        return """
            SELECT * EXCLUDE ("(clean)", "(new)") REPLACE (\(replaced.joined(separator: ", "))) FROM (
                SELECT *, from_json("(clean)", \(SQL.literal("{\(types)}"))) AS "(new)" FROM (
                    SELECT *, sesame_anonymous(to_json(struct_pack(\(members)))::VARCHAR) AS "(clean)" FROM (\(rows))))
            """
    }
}

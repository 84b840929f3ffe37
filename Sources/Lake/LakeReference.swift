import DuckDB
import SESEvents

/// The lake's own tables as the reference in `docs/sql.md` shows them, read from where their columns are declared.
public enum LakeReference {
    /// A table and its columns.
    public struct Table: Sendable {
        /// The name in SQL.
        public let name: String
        /// What a row is.
        public let meaning: String
        /// Name, type in SQL and meaning of each column, in their order.
        public let columns: [(name: String, type: String, meaning: String)]
    }

    /// The tables.
    public static let tables = [
        Table(
            name: "events",
            meaning: "One row per SES event. Files lie in a folder for each UTC day of `event_at`.",
            columns: EventColumn.allCases.map { ($0.name, $0.kind.sql, $0.declaration.meaning) }
                + partition(by: "event_at")),
        Table(
            name: "messages",
            meaning:
                "One row per message and recipient, derived from `events`. Files lie in a folder for each UTC day of `sent_at`.",
            columns: MessagesModel.declarations + partition(by: "sent_at")),
        Table(
            name: "refused", meaning: "One row per record that could not be read.",
            columns: LakeTables.refusedColumns.map {
                ($0.name, $0.type == .timestamp ? "TIMESTAMPTZ" : $0.type.sql, $0.meaning)
            }),
        Table(
            name: "reputation",
            meaning:
                "One row per signal about the sender's reputation: sending paused or resumed, recommendations of SES, and CloudWatch alarms on metrics of SES.",
            columns: LakeTables.reputationColumns.map {
                ($0.name, $0.type == .timestamp ? "TIMESTAMPTZ" : $0.type.sql, $0.meaning)
            }),
    ]

    private static func partition(by time: String) -> [(name: String, type: String, meaning: String)] {
        TableSchema.dayPartition.map {
            (
                $0, TableColumnType.string.sql,
                "UTC \($0) of `\(time)`, with leading zeros; in the folder's name, not in the file."
            )
        }
    }
}

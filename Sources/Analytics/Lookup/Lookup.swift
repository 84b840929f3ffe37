import Primitives

/// A statement that looks something up: SQL over the tables' names, and what it reads of them.
public struct Lookup: Sendable {
    /// The statement.
    public let sql: String
    /// The tables, and which time of them.
    public let reads: [TableRead]

    init(_ sql: String, reads: [TableRead]) { (self.sql, self.reads) = (sql, reads) }

    /// A time as ISO 8601 in UTC, for JSON that the engine writes.
    static func iso(_ column: String) -> String {
        "strftime(\(column) AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ')"
    }

    /// The most bytes of a text that is looked for.
    public static let longestText = 512

    /// Checks a text that a person looks for.
    ///
    /// - Throws: ``AnalyticsError`` for one that is empty, too long or that the engine cannot be told.
    static func checked(_ text: String, named name: String) throws(AnalyticsError) -> String {
        guard !text.isEmpty, text.utf8.count <= longestText, !text.utf8.contains(0) else {
            throw AnalyticsError(
                .badValue, at: "", "\(name) is a text of 1 to \(longestText) bytes, without U+0000")
        }
        return text
    }
}

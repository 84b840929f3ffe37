import Foundation
import GRDB
import Primitives

extension ControlDatabase {
    /// Columns with words that came from outside, or of people who work here, and may quote an address.
    private static let quoting = [
        ("source_status", "last_error"), ("source_refusals", "reason"), ("settings", "value"),
        ("saved_items", "name"), ("saved_items", "content"),
        ("shares", "query"), ("shares", "bounds"),
    ]

    /// Replaces what `replacement` does not let stand in texts that quote what senders sent, and leaves nothing of the old ones
    /// in the file or in its log. Users and the audit log are not touched: their addresses are those of people who work here.
    ///
    /// - Parameter replacement: the text as it shall be, or nil where it stays.
    /// - Returns: how many texts were replaced.
    public func scrub(_ replacement: @escaping @Sendable (String) -> String?) async throws -> Int {
        do {
            return try await pool.writeWithoutTransaction { db in
                // Bytes that are no longer needed are overwritten with zeros.
                try db.execute(sql: "PRAGMA secure_delete = ON")
                var count = 0
                try db.inTransaction {
                    for (table, column) in Self.quoting {
                        let texts = try String.fetchAll(
                            db, sql: "SELECT DISTINCT \(column) FROM \(table) WHERE \(column) IS NOT NULL")
                        for text in texts {
                            guard let clean = replacement(text) else { continue }
                            try db.execute(
                                sql: "UPDATE OR REPLACE \(table) SET \(column) = ? WHERE \(column) = ?",
                                arguments: [clean, text])
                            count += 1
                        }
                    }
                    return .commit
                }
                if count > 0 { try db.checkpoint(.truncate) }
                return count
            }
        } catch let error as DatabaseError {
            throw Failure(error, path: url.path)
        }
    }
}

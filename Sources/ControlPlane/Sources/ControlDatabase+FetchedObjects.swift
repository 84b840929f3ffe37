import GRDB
import Primitives

/// An object of a bucket that was taken in, or refused for good.
public struct FetchedObject: Sendable, Hashable {
    /// Its key.
    public var key: String
    /// The tag of the content that was taken; another tag is another object.
    public var etag: String
    /// When that content was written.
    public var modifiedAt: Timestamp

    /// An object.
    public init(key: String, etag: String, modifiedAt: Timestamp) {
        (self.key, self.etag, self.modifiedAt) = (key, etag, modifiedAt)
    }
}

/// Which objects of a bucket a source has fetched: written after their records are on the disk.
///
/// SQLite orders texts by their UTF-8 bytes, as S3 orders keys, so a page of a listing is a range of the table.
extension ControlDatabase {
    /// The tags of the objects under a prefix that were fetched, by key.
    ///
    /// - Parameters:
    ///   - first: only keys behind this one; nil from the beginning.
    ///   - last: only keys up to this one; nil to the end.
    public func fetchedObjects(
        of source: Int64, prefix: String, after first: String?, through last: String?
    ) async throws -> [String: String] {
        try await read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT key, etag FROM fetched_objects
                    WHERE source_id = ?1 AND key >= ?2 AND (?3 IS NULL OR key > ?3) AND (?4 IS NULL OR key <= ?4)
                        AND substr(key, 1, length(?2)) = ?2
                    """, arguments: [source, prefix, first, last])
            var tags: [String: String] = [:]
            while let row = try rows.next() { tags[row["key"]] = row["etag"] }
            return tags
        }
    }

    /// The first key among the objects written at `since` or later; nil if there is none.
    public func firstFetchedKey(of source: Int64, since: Timestamp) async throws -> String? {
        try await read { db in
            try String.fetchOne(
                db, sql: "SELECT min(key) FROM fetched_objects WHERE source_id = ? AND modified_at >= ?",
                arguments: [source, since.microseconds])
        }
    }

    /// Notes objects as fetched, in one transaction. Nothing happens if the source is gone.
    public func noteFetched(_ objects: [FetchedObject], of source: Int64) async throws {
        guard !objects.isEmpty else { return }
        try await write { db in
            for object in objects {
                try db.execute(
                    sql: """
                        INSERT INTO fetched_objects (source_id, key, etag, modified_at)
                        SELECT id, ?2, ?3, ?4 FROM sources WHERE id = ?1
                        ON CONFLICT (source_id, key) DO UPDATE
                            SET etag = excluded.etag, modified_at = excluded.modified_at
                        """,
                    arguments: [source, object.key, object.etag, object.modifiedAt.microseconds])
            }
        }
    }

    /// Forgets objects that are no longer in the bucket.
    public func forgetFetched(_ keys: [String], of source: Int64) async throws {
        guard !keys.isEmpty else { return }
        try await write { db in
            for key in keys {
                try db.execute(
                    sql: "DELETE FROM fetched_objects WHERE source_id = ? AND key = ?",
                    arguments: [source, key])
            }
        }
    }

    /// How many objects a source has fetched.
    public func fetchedObjectCount(of source: Int64) async throws -> Int {
        try await read { db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM fetched_objects WHERE source_id = ?", arguments: [source]) ?? 0
        }
    }
}

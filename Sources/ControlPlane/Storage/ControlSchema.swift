import GRDB
import Primitives

/// The tables of `sesame.db`, as numbered steps; `PRAGMA user_version` holds the number of the last one taken.
///
/// Times are microseconds since the Unix epoch, hashes are SHA-256 in raw bytes, settings and details are JSON. A step that
/// was released is never changed; a change is a new step.
enum ControlSchema {
    /// `PRAGMA application_id` of the file: "Sesm". Zero, in a new file.
    static let applicationID = 0x5365_736D

    /// Takes the steps that the file has not seen, all in one transaction.
    static func migrate(_ pool: DatabasePool, path: String) throws {
        try pool.writeWithoutTransaction { db in
            // Immediate: of two processes that start together, the second waits and then finds nothing to do.
            try db.inTransaction(.immediate) {
                let owner = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
                let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
                let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0
                guard owner == applicationID || (owner == 0 && version == 0 && isEmpty) else {
                    throw Failure(
                        .storage, "\(path) is a database of another program; name another folder with --home")
                }
                guard version <= steps.count else {
                    throw Failure(
                        .storage,
                        "\(path) was written by a newer Sesame (schema \(version), this one knows \(steps.count)); "
                            + "install that version or restore a backup")
                }
                for step in steps.dropFirst(version) { try db.execute(sql: step) }
                try db.execute(
                    sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(steps.count)")
                return .commit
            }
        }
    }

    /// Step n brings a file from version n to n + 1.
    static let steps = [first, deliveryStreams, fetchedObjects, savedItems, shares, makersOfShares]

    private static let first = """
        CREATE TABLE workspaces (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            created_at INTEGER NOT NULL
        ) STRICT;
        INSERT INTO workspaces (name, created_at) VALUES ('default', unixepoch() * 1000000);

        -- AUTOINCREMENT: an id names a file of secrets and must not come again.
        CREATE TABLE sources (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
            name TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            settings TEXT NOT NULL CHECK (json_valid(settings)),
            secret_hash BLOB,
            previous_secret_hash BLOB,
            previous_secret_until INTEGER,
            created_at INTEGER NOT NULL,
            paused_at INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX sources_access_key ON sources (json_extract(settings, '$.accessKeyID'))
            WHERE kind = 'firehose-api';

        CREATE TABLE source_status (
            source_id INTEGER PRIMARY KEY REFERENCES sources (id) ON DELETE CASCADE,
            last_event_at INTEGER,
            events INTEGER NOT NULL DEFAULT 0,
            duplicates INTEGER NOT NULL DEFAULT 0,
            refused INTEGER NOT NULL DEFAULT 0,
            last_error TEXT,
            last_error_at INTEGER
        ) STRICT;
        CREATE TABLE source_refusals (
            source_id INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
            reason TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (source_id, reason)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE users (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            email TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            role TEXT NOT NULL,
            password TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            disabled_at INTEGER
        ) STRICT;
        CREATE TABLE setup_links (
            hash BLOB PRIMARY KEY,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            consumed_at INTEGER
        ) STRICT;
        CREATE TABLE sessions (
            hash BLOB PRIMARY KEY,
            user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            created_at INTEGER NOT NULL,
            renewed_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX sessions_user ON sessions (user_id);

        CREATE TABLE api_tokens (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
            name TEXT NOT NULL,
            hash BLOB NOT NULL UNIQUE,
            scopes TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            revoked_at INTEGER,
            last_used_at INTEGER
        ) STRICT;

        CREATE TABLE settings (
            key TEXT PRIMARY KEY,
            value TEXT NOT NULL CHECK (json_valid(value)),
            updated_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE audit_log (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            object TEXT NOT NULL,
            details TEXT NOT NULL CHECK (json_valid(details))
        ) STRICT;
        CREATE INDEX audit_log_object ON audit_log (object);
        CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
        BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
        CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
        BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
        -- INSERT OR REPLACE deletes without firing the trigger above.
        CREATE TRIGGER audit_log_no_replace BEFORE INSERT ON audit_log
        WHEN EXISTS (SELECT 1 FROM audit_log WHERE id = NEW.id)
        BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
        """

    private static let deliveryStreams = """
        CREATE TABLE delivery_streams (
            workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
            name TEXT NOT NULL,
            arn TEXT NOT NULL,
            version INTEGER NOT NULL,
            destination TEXT NOT NULL CHECK (json_valid(destination)),
            tags TEXT NOT NULL CHECK (json_valid(tags)),
            created_at INTEGER NOT NULL,
            updated_at INTEGER,
            PRIMARY KEY (workspace_id, name)
        ) STRICT, WITHOUT ROWID;
        """

    private static let fetchedObjects = """
        CREATE TABLE fetched_objects (
            source_id INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
            key TEXT NOT NULL,
            etag TEXT NOT NULL,
            modified_at INTEGER NOT NULL,
            PRIMARY KEY (source_id, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX fetched_objects_modified ON fetched_objects (source_id, modified_at);
        ALTER TABLE source_status ADD COLUMN fetched_at INTEGER;
        """

    private static let savedItems = """
        CREATE TABLE saved_items (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            content TEXT NOT NULL CHECK (json_valid(content)),
            owner TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            UNIQUE (workspace_id, kind, name)
        ) STRICT;
        """

    private static let shares = """
        CREATE TABLE shares (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id INTEGER NOT NULL REFERENCES workspaces (id),
            hash BLOB NOT NULL UNIQUE,
            title TEXT NOT NULL,
            path TEXT NOT NULL,
            query TEXT NOT NULL,
            bounds TEXT NOT NULL CHECK (json_valid(bounds)),
            made_by TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            revoked_at INTEGER,
            last_used_at INTEGER
        ) STRICT;
        """

    /// The user who made a share: null where it was none, and a number that nobody has where they are gone.
    private static let makersOfShares = """
        ALTER TABLE shares ADD COLUMN user_id INTEGER;
        UPDATE shares SET user_id = coalesce(
            (SELECT id FROM users WHERE 'user:' || email = made_by AND users.created_at <= shares.created_at), 0)
        WHERE made_by LIKE 'user:%';
        """
}

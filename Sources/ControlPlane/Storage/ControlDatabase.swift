import Foundation
import GRDB
import Primitives

/// What Sesame knows about itself: workspaces, sources, users, tokens, settings and who changed them.
///
/// One SQLite file, `<home>/sesame.db`, in WAL mode, with mode 0600, beside the folder `secrets` (see ``SecretFiles``). An
/// answered write is on the disk (`synchronous=FULL`). Several processes may have it open: the server and a command.
///
/// Every access runs on a queue of GRDB's, never on the cooperative pool: its asynchronous methods run on an actor whose
/// executor is that queue. Secret files are touched from within such accesses.
public final class ControlDatabase: Sendable {
    /// The file.
    public let url: URL
    let pool: DatabasePool
    let secrets: SecretFiles
    let passwords: PasswordHasher

    /// Whether the home folder has a database.
    public static func exists(home: URL) -> Bool {
        FileManager.default.fileExists(atPath: home.appending(path: "sesame.db").path)
    }

    /// Opens the database of the home folder `home`, making folder and file if they are not there, and brings its tables
    /// up to this version of Sesame.
    ///
    /// - Throws: ``Failure`` of kind storage if the disk fails, the file is damaged, or a newer Sesame has written it.
    public static func open(home: URL) async throws -> ControlDatabase {
        try await open(home: home, passwords: PasswordHasher())
    }

    static func open(home: URL, passwords: PasswordHasher) async throws -> ControlDatabase {
        try await ControlDatabaseOpener().open(home, passwords)
    }

    fileprivate init(home: URL, passwords: PasswordHasher) throws {
        self.passwords = passwords
        url = home.appending(path: "sesame.db")
        secrets = SecretFiles(folder: home.appending(path: "secrets", directoryHint: .isDirectory))
        try PrivateFile.makeFolder(home)
        try PrivateFile.make(url)
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.label = "sesame.db"
        do {
            pool = try DatabasePool(path: url.path, configuration: configuration)
            // GRDB sets NORMAL, which may forget the last commits when the machine loses power.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            try ControlSchema.migrate(pool, path: url.path)
        } catch let error as DatabaseError {
            throw Failure(error, path: url.path)
        }
    }

    /// Writes a whole copy, as of one moment, to `file`, which must not be there. Writers go on meanwhile.
    ///
    /// Copying `sesame.db` itself while Sesame runs may miss what lies in `sesame.db-wal`. The folder `secrets` is not in
    /// the copy.
    ///
    /// - Throws: ``Failure`` of kind storage, also when the file is there already.
    public func backup(to file: URL) async throws {
        do {
            try await pool.writeWithoutTransaction { db in
                try PrivateFile.make(file, mustBeNew: true)
                try db.execute(sql: "VACUUM INTO ?", arguments: [file.path])
            }
        } catch let error as DatabaseError {
            throw Failure(error, path: file.path)
        }
    }

    /// Closes all connections. Later calls fail.
    public func close() throws {
        do { try pool.close() } catch let error as DatabaseError { throw Failure(error, path: url.path) }
    }

    /// Runs `body` on one snapshot.
    func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        do { return try await pool.read(body) } catch let error as DatabaseError {
            throw Failure(error, path: url.path)
        }
    }

    /// Runs `body` in a transaction, which is rolled back if it throws.
    func write<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        do { return try await pool.write(body) } catch let error as DatabaseError {
            throw Failure(error, path: url.path)
        }
    }
}

/// Opens files on a thread of its own: opening recovers the WAL and may wait for another process.
private actor ControlDatabaseOpener {
    private let executor = BlockingExecutor(label: "sesame.db opener")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func open(_ home: URL, _ passwords: PasswordHasher) throws -> ControlDatabase {
        try ControlDatabase(home: home, passwords: passwords)
    }
}

import Foundation
import Primitives

@testable import ControlPlane

/// A home folder that goes away with its owner, and a database in it whose passwords are hashed fast.
final class TemporaryHome: Sendable {
    let url = URL(
        filePath: NSTemporaryDirectory() + "control-\(UUID().uuidString)", directoryHint: .isDirectory)

    deinit { try? FileManager.default.removeItem(at: url) }

    var database: URL { url.appending(path: "sesame.db") }

    func open() async throws -> ControlDatabase {
        try await ControlDatabase.open(
            home: url, passwords: PasswordHasher(.init(logRounds: 4, blockSize: 8, parallelism: 1)))
    }

    /// The permission bits of a file in the home.
    func mode(_ name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: url.appending(path: name).path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }

    /// All that SQLite's files hold.
    func databaseBytes() throws -> Data {
        var bytes = Data()
        for name in ["sesame.db", "sesame.db-wal"] {
            let file = url.appending(path: name)
            if FileManager.default.fileExists(atPath: file.path) { bytes += try Data(contentsOf: file) }
        }
        return bytes
    }
}

let tester = AuditActor.commandLine("tester")
/// 2026-08-01T12:00:00Z.
let noon = Timestamp(microseconds: 1_785_585_600_000_000)

/// The failure that `body` ends in; nil if it does not.
func failure(_ body: () async throws -> Void) async -> Failure? {
    do {
        try await body()
        return nil
    } catch { return error as? Failure }
}

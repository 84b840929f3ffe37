import Foundation
import Primitives

/// Where everything lives: the directory given by `--home` or `SESAME_HOME`.
///
///     workspaces/<workspace>/log/              received bytes that the lake does not have yet
///     workspaces/<workspace>/results/          results of statements, of the process that runs now
///     workspaces/<workspace>/uploads/          files that are being received, by the process that runs now
///     workspaces/<workspace>/lake/raw/…        received bytes, zstd, replayable
///     workspaces/<workspace>/lake/events/…     one row per event
///     workspaces/<workspace>/lake/messages/…   one row per message and recipient, derived
///     workspaces/<workspace>/lake/refused/…    what could not be read
///     workspaces/<workspace>/lake/streams/…    tables of streams whose records have a declared schema
///     workspaces/<workspace>/lake/datasets/…   the user's own tables
public struct HomeDirectory: Sendable {
    /// The directory itself.
    public let url: URL
    /// The workspace in use.
    public let workspace: String

    /// A home at `path`, which need not exist yet.
    public init(path: String, workspace: String = "default") {
        url = URL(filePath: path, directoryHint: .isDirectory).standardizedFileURL
        self.workspace = workspace
    }

    /// The workspace's lake.
    public var lake: URL { url.appending(path: "workspaces/\(workspace)/lake", directoryHint: .isDirectory) }
    /// The workspace's event log.
    public var log: URL { url.appending(path: "workspaces/\(workspace)/log", directoryHint: .isDirectory) }
    /// Results of statements, of the process that runs now.
    public var results: URL {
        url.appending(path: "workspaces/\(workspace)/results", directoryHint: .isDirectory)
    }
    /// Files that are being received.
    public var uploads: URL {
        url.appending(path: "workspaces/\(workspace)/uploads", directoryHint: .isDirectory)
    }
    /// Received bytes.
    public var raw: URL { lake.appending(path: "raw", directoryHint: .isDirectory) }
    /// Whether a lake has been made here.
    public var exists: Bool { FileManager.default.fileExists(atPath: lake.path) }

    /// The folder of a table of the lake, such as `events` or `datasets/orders`.
    public func table(_ name: String) -> URL { lake.appending(path: name, directoryHint: .isDirectory) }

    /// Makes the lake's folder.
    ///
    /// - Throws: ``Failure`` of kind storage with the system's reason.
    public func create() throws {
        do {
            try FileManager.default.createDirectory(
                at: lake, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure(
                .storage,
                "cannot make \(lake.path): \(error.localizedDescription); name a folder you can write with --home"
            )
        }
    }
}

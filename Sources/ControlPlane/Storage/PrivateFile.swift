import Foundation
import Primitives

/// Files and folders that only their owner may read: 0600 and 0700, whatever the umask says.
enum PrivateFile {
    /// Makes a folder, with those above it, unless it is there.
    static func makeFolder(_ url: URL) throws(Failure) {
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure(.storage, "cannot make \(url.path): \(error.localizedDescription)")
        }
    }

    /// Makes an empty file unless it is there, and takes others' permissions away from one that is.
    static func make(_ url: URL, mustBeNew: Bool = false) throws(Failure) {
        let flags = O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW | (mustBeNew ? O_EXCL : 0)
        let descriptor = open(url.path, flags, 0o600)
        guard descriptor >= 0 else { throw failure("open", url) }
        defer { close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else { throw failure("set the mode of", url) }
    }

    /// Puts `bytes` in the place of the file in one step: readers see the old bytes or the new.
    static func replace(_ url: URL, with bytes: [UInt8]) throws(Failure) {
        let temporary = url.deletingLastPathComponent().appending(path: ".\(url.lastPathComponent).new")
        unlink(temporary.path)
        let descriptor = open(temporary.path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("make", temporary) }
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        let synced = written == bytes.count && fsync(descriptor) == 0
        close(descriptor)
        guard synced, rename(temporary.path, url.path) == 0 else { throw failure("write", url) }
        try syncFolder(of: url)
    }

    /// Makes a new name, or the loss of one, survive a loss of power.
    static func syncFolder(of url: URL) throws(Failure) {
        let folder = url.deletingLastPathComponent()
        let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync", folder) }
    }

    private static func failure(_ verb: String, _ url: URL) -> Failure {
        Failure(.storage, "cannot \(verb) \(url.path): \(String(cString: strerror(errno)))")
    }
}

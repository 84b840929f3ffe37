import Compression
import Foundation
import Primitives

/// Puts a file of received bytes in the place of another, in one step.
enum RawReplacement {
    /// Writes the file that is to have a path, and gives it its name when `body` has returned; it is on the disk then.
    static func write(_ path: String, _ body: (ZstdFileWriter) throws -> Void) throws {
        // The ending by which what a killed process left is known and removed.
        let temporary = path + ".tmp"
        let descriptor = open(temporary, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("make", temporary) }
        defer { close(descriptor) }
        do {
            let writer = try ZstdFileWriter(descriptor: descriptor, name: temporary)
            try body(writer)
            try writer.finish()
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else { throw failure("replace", path) }
        let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(folder) }
        guard folder >= 0, fsync(folder) == 0 else { throw failure("sync the folder of", path) }
    }

    /// An error about a file, from the C library's error number.
    static func failure(_ verb: String, _ path: String) -> Failure {
        Failure(.storage, "cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}

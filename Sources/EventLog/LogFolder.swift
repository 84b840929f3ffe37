import Foundation
import Primitives

/// The folder of a log: its segments by name, and the lock that keeps other processes from writing.
struct LogFolder: Sendable {
    let path: String

    /// The path of the segment that begins with `offset`.
    func segment(_ offset: UInt64) -> String { path + "/" + SegmentFormat.fileName(firstOffset: offset) }

    /// Where a segment is made before it gets its name.
    var temporary: String { path + "/next.tmp" }

    /// The first offsets of the segments, in order; none if the folder is not there.
    func segments() throws(Failure) -> [UInt64] {
        guard let stream = opendir(path) else {
            if errno == ENOENT { return [] }
            throw SystemError.last.failure("list", path)
        }
        defer { closedir(stream) }
        var offsets: [UInt64] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let offset = SegmentFormat.firstOffset(fileName: name) { offsets.append(offset) }
        }
        return offsets.sorted()
    }

    /// Makes the folder and those above it, and waits until their names are on the disk.
    func create(on disk: any LogDisk) throws(Failure) {
        var missing: [String] = []
        var next = URL(filePath: path).standardizedFileURL
        while access(next.path, F_OK) != 0 && next.path != "/" {
            missing.append(next.path)
            next.deleteLastPathComponent()
        }
        for folder in missing.reversed() {
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
                throw SystemError.last.failure("make the folder", folder)
            }
            let parent = URL(filePath: folder).deletingLastPathComponent().path
            do { try disk.syncFolder(parent) } catch { throw error.failure("sync the folder", parent) }
        }
    }
}

/// Held by the one process that writes a log; the kernel lets go of it when the process ends, however it ends.
final class LogLock: Sendable {
    private let descriptor: Int32

    init(_ folder: LogFolder) throws(Failure) {
        let path = folder.path + "/.lock"
        descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError.last.failure("open", path) }
        guard FileLock.take(descriptor) else {
            throw Failure(
                .refused,
                "another Sesame process has the event log in \(folder.path) open; stop that process, or give this "
                    + "one a folder of its own with --home")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}

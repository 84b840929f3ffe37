import Foundation
import Primitives

/// Calls of the file system that a table needs, with errors that name the file.
enum TableDisk {
    /// An error about `path` from the C library's error number.
    static func failure(_ action: String, _ path: String, _ code: Int32 = errno) -> Failure {
        Failure(.storage, "cannot \(action) \(path): \(String(cString: strerror(code)))")
    }

    /// The whole of a file; nil if it is not there.
    static func read(_ path: String) throws(Failure) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 && errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw failure("read", path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("read", path) }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var filled = 0
        while filled < bytes.count {
            let wanted = bytes.count - filled
            let count = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress! + filled, wanted, off_t(filled))
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", path) }
            if count == 0 { break }
            filled += count
        }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }

    /// Makes a new file and waits until its bytes are on the disk.
    static func write(_ bytes: [UInt8], toNew path: String) throws(Failure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure("create", path) }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress! + written, $0.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure("write", path) }
            written += count
        }
        guard fsync(descriptor) == 0 else { throw failure("sync", path) }
    }

    /// Puts a file that only its owner may read in the place of the one of that name, in one step, and waits until it is on
    /// the disk. What a kill leaves begins with a point.
    static func replace(_ path: String, with bytes: [UInt8]) throws(Failure) {
        let folder = (path as NSString).deletingLastPathComponent
        // A name of its own, for several may write at once.
        let temporary = folder + "/.\((path as NSString).lastPathComponent).\(UUID().uuidString)"
        try write(bytes, toNew: temporary)
        guard chmod(temporary, 0o600) == 0, rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw failure("write", path, code)
        }
        try sync(folder)
    }

    /// Waits until a file, or the entries of a folder, are on the disk.
    static func sync(_ path: String) throws(Failure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("sync", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync", path) }
    }

    /// Makes a folder and those above it.
    static func makeFolder(_ path: String) throws(Failure) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Failure(.storage, "cannot create the folder \(path): \(error.localizedDescription)")
        }
    }

    /// Removes a file; one that is gone already is fine.
    static func delete(_ path: String) throws(Failure) {
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("delete", path) }
    }

    /// Removes a file, or a folder with all that is in it; one that is gone already is fine.
    static func deleteTree(_ path: String) throws(Failure) {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch CocoaError.fileNoSuchFile {
        } catch {
            throw Failure(.storage, "cannot delete \(path): \(error.localizedDescription)")
        }
    }

    /// Size and time of a file; nil if it is not there.
    static func entry(_ path: String, name: String) throws(Failure) -> LogEntry? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw failure("read", path)
        }
        #if os(Linux)
            let modified = status.st_mtim
        #else
            let modified = status.st_mtimespec
        #endif
        return LogEntry(
            name: name, size: Int64(status.st_size),
            modified: Timestamp(
                microseconds: Int64(modified.tv_sec) * 1_000_000 + Int64(modified.tv_nsec) / 1_000))
    }

    /// Whether `path` is a folder.
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The number by which the file system knows a folder; another one after the folder was made anew. 0 if there is none.
    static func number(of path: String) -> UInt64 {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_ino) : 0
    }

    /// The time now, from the system's clock.
    static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    /// The names in a folder, in no order; none if the folder is not there.
    static func names(in folder: String) throws(Failure) -> [String] {
        guard let stream = opendir(folder) else {
            if errno == ENOENT { return [] }
            throw failure("list", folder)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}

/// The log of a table in a folder of a local disk.
///
/// A file gets its name by `link` from a temporary file whose bytes are on the disk already: `link` fails where the name
/// is taken and is one step for every observer, so a name never stands for half a file. A temporary file that a killed
/// process leaves begins with `.tmp-`; nothing reads it and vacuum removes it.
public struct DiskLogStore: LogStore {
    /// The folder, `<table>/_delta_log`.
    public let folder: String

    static let temporaryPrefix = ".tmp-"

    /// The log in `folder`, which need not exist yet.
    public init(folder: String) { self.folder = folder }

    /// The path of a file.
    public func location(_ name: String) -> String { folder + "/" + name }

    /// The files from `start` on; see ``LogStore``.
    public func list(from start: String) throws -> [LogEntry] {
        let wanted = try TableDisk.names(in: folder).filter {
            !$0.hasPrefix(".") && !$0.utf8.lexicographicallyPrecedes(start.utf8)
        }
        let sorted = wanted.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return try sorted.compactMap { try TableDisk.entry(location($0), name: $0) }
    }

    /// The bytes of a file; nil if there is none.
    public func read(_ name: String) throws -> [UInt8]? { try TableDisk.read(location(name)) }

    /// Makes a file, or returns false where the name is taken.
    public func putIfAbsent(_ name: String, _ bytes: [UInt8]) throws -> Bool {
        let temporary = try writeTemporary(bytes)
        let linked = link(temporary, location(name))
        let code = errno
        unlink(temporary)
        if linked != 0 && code == EEXIST { return false }
        guard linked == 0 else { throw TableDisk.failure("create", location(name), code) }
        try TableDisk.sync(folder)
        return true
    }

    /// Makes or replaces a file by `rename`.
    public func replace(_ name: String, _ bytes: [UInt8]) throws {
        let temporary = try writeTemporary(bytes)
        guard rename(temporary, location(name)) == 0 else {
            let code = errno
            unlink(temporary)
            throw TableDisk.failure("replace", location(name), code)
        }
        try TableDisk.sync(folder)
    }

    /// Removes a file, if it is there.
    public func delete(_ name: String) throws { try TableDisk.delete(location(name)) }

    private func writeTemporary(_ bytes: [UInt8]) throws(Failure) -> String {
        if access(folder, F_OK) != 0 {
            try TableDisk.makeFolder(folder)
            // The new folder's own entry, and the table's, must survive too.
            try TableDisk.sync(parent(of: folder))
            try TableDisk.sync(parent(of: parent(of: folder)))
        }
        let temporary = location(DiskLogStore.temporaryPrefix + UUID().uuidString.lowercased())
        do {
            try TableDisk.write(bytes, toNew: temporary)
        } catch {
            unlink(temporary)
            throw error
        }
        return temporary
    }

    private func parent(of path: String) -> String { (path as NSString).deletingLastPathComponent }
}

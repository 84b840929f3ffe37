import Foundation
import Primitives

/// What the log asks of the file system when it writes; tests put in one that fails.
protocol LogDisk: Sendable {
    /// Makes a file that must not exist yet.
    func create(_ path: String) throws(SystemError) -> any LogFile
    /// Opens a file to go on writing.
    func open(_ path: String) throws(SystemError) -> any LogFile
    /// Removes a file; one that is gone already is fine.
    func remove(_ path: String) throws(SystemError)
    /// Gives a file another name, in place of a file that had it.
    func rename(_ path: String, to newPath: String) throws(SystemError)
    /// Waits until the names in a folder are on the disk.
    func syncFolder(_ path: String) throws(SystemError)
}

extension LogFile {
    /// Writes all of `bytes`, however many calls the system wants for it.
    func writeAll(_ bytes: [UInt8], at position: Int) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let count = try bytes.span.withUnsafeBytes { all throws(SystemError) in
                try write(UnsafeRawBufferPointer(rebasing: all[written...]), at: position + written)
            }
            guard count > 0 else { throw SystemError(EIO) }
            written += count
        }
    }
}

/// A file that the log writes; it is closed when it is let go.
protocol LogFile {
    /// Writes at most `bytes` and says how many it took.
    func write(_ bytes: UnsafeRawBufferPointer, at position: Int) throws(SystemError) -> Int
    /// Waits until all that was written, and the length, are on the disk.
    func sync() throws(SystemError)
    /// Cuts the file.
    func truncate(to length: Int) throws(SystemError)
}

/// An error number of the system.
struct SystemError: Error, Equatable {
    var code: Int32

    init(_ code: Int32) { self.code = code }

    /// The last error of this thread.
    static var last: SystemError { SystemError(errno) }

    /// The sentence for people: what could not be done with which file.
    func failure(_ action: String, _ path: String) -> Failure {
        Failure(.storage, "cannot \(action) \(path): \(String(cString: strerror(code)))\(advice)")
    }

    private var advice: String {
        switch code {
        case ENOSPC, EDQUOT: "; free space there, and the log goes on by itself"
        case EROFS: "; make the disk writable again, and the log goes on by itself"
        case EIO: "; the disk fails: look at the system's log, and keep a copy of the home folder elsewhere"
        default: ""
        }
    }
}

/// The file system of the machine.
struct SystemDisk: LogDisk {
    func create(_ path: String) throws(SystemError) -> any LogFile {
        try SystemFile(path, O_WRONLY | O_CREAT | O_EXCL)
    }

    func open(_ path: String) throws(SystemError) -> any LogFile { try SystemFile(path, O_WRONLY) }

    func remove(_ path: String) throws(SystemError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw .last }
    }

    func rename(_ path: String, to newPath: String) throws(SystemError) {
        guard Foundation.rename(path, newPath) == 0 else { throw .last }
    }

    func syncFolder(_ path: String) throws(SystemError) {
        let descriptor = Foundation.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .last }
    }
}

/// A file of the machine.
private final class SystemFile: LogFile {
    private let descriptor: Int32

    init(_ path: String, _ flags: Int32) throws(SystemError) {
        descriptor = Foundation.open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .last }
    }

    deinit { close(descriptor) }

    func write(_ bytes: UnsafeRawBufferPointer, at position: Int) throws(SystemError) -> Int {
        while true {
            let count = pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(position))
            if count >= 0 { return count }
            guard errno == EINTR else { throw .last }
        }
    }

    func sync() throws(SystemError) {
        #if canImport(Darwin)
            // On Darwin fsync stops at the drive's cache.
            guard fcntl(descriptor, F_FULLFSYNC) == 0 else { throw .last }
        #else
            guard fdatasync(descriptor) == 0 else { throw .last }
        #endif
    }

    func truncate(to length: Int) throws(SystemError) {
        guard ftruncate(descriptor, off_t(length)) == 0 else { throw .last }
    }
}

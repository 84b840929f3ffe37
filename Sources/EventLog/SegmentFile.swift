import Foundation
import Primitives

/// A segment that is read.
final class SegmentFile: Sendable {
    let path: String
    private let descriptor: Int32

    /// Opens the file; nil if it is not there.
    init?(_ path: String) throws(Failure) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            if errno == ENOENT { return nil }
            throw SystemError.last.failure("read", path)
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The bytes that the file has now.
    func length() throws(Failure) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemError.last.failure("read", path) }
        return Int(status.st_size)
    }

    /// `count` bytes from `position`; fewer at the end of the file.
    func read(at position: Int, count: Int) throws(Failure) -> [UInt8] {
        var filled = 0
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            while filled < count {
                let got = pread(
                    descriptor, buffer.baseAddress! + filled, count - filled, off_t(position + filled))
                if got < 0 && errno == EINTR { continue }
                if got < 0 { code = errno }
                if got <= 0 { break }
                filled += got
            }
            initialized = filled
        }
        guard code == 0 else { throw SystemError(code).failure("read", path) }
        return bytes
    }
}

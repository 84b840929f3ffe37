import Foundation
import Primitives

/// Held by whoever writes to a lake on this machine: a server for its whole life, an import or a compaction for its time.
///
/// The kernel lets go of it when the process ends, however it ends. Readers need no lock.
public final class WriterLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock, or says who must be waited for.
    ///
    /// - Throws: ``Failure`` of kind refused while another process writes.
    public init(lake: URL) throws(Failure) {
        let path = lake.appending(path: ".writer.lock").path
        descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(.storage, "cannot open \(path): \(String(cString: strerror(errno)))")
        }
        guard FileLock.take(descriptor) else {
            close(descriptor)
            throw Failure(
                .refused,
                "another Sesame process is writing to \(lake.path); if it is a server, send it the files or stop it, "
                    + "else wait for it to end, then run this again")
        }
    }

    deinit { close(descriptor) }
}

import Foundation
import Lake
import Primitives

/// The received bytes of one batch, on their way to `raw/year=/month=/day=/…ndjson.zst`.
///
/// The file has its name and is on the disk before the batch is committed, so that `raw` always holds all that `events`
/// holds. One left behind by a kill is harmless: rebuilding drops duplicates.
actor RawBatchWriter {
    private let executor = BlockingExecutor(label: "sesame.raw")
    private let descriptor: Int32
    private let temporary: String
    private let final: String

    /// - Parameter name: of the file, without its ending; the same name again takes the place of the file before.
    init(raw: URL, receivedAt: Timestamp, name: String = UUID().uuidString.lowercased()) throws(Failure) {
        let folder = raw.appending(path: receivedAt.day.partitionFolder)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw Failure(.storage, "cannot make \(folder.path): \(error.localizedDescription)")
        }
        final = folder.appending(path: "\(name).ndjson.zst").path
        temporary = final + ".tmp"
        descriptor = open(temporary, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw RawBatchWriter.failure("make", temporary) }
    }

    deinit { close(descriptor) }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Appends frames.
    func write(_ bytes: [UInt8]) throws(Failure) {
        var position = 0
        while position < bytes.count {
            let written = bytes.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress! + position, $0.count - position)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw RawBatchWriter.failure("write", temporary) }
            position += written
        }
    }

    /// Makes the bytes durable under their name.
    func keep() throws(Failure) {
        guard fsync(descriptor) == 0 else { throw RawBatchWriter.failure("sync", temporary) }
        guard rename(temporary, final) == 0 else { throw RawBatchWriter.failure("name", final) }
        let folder = open((final as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(folder) }
        guard folder >= 0, fsync(folder) == 0 else {
            throw RawBatchWriter.failure("sync the folder of", final)
        }
    }

    /// Drops the bytes: the batch brought nothing new.
    func drop() { unlink(final) }

    private static func failure(_ verb: String, _ path: String) -> Failure {
        Failure(.storage, "cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}

import Compression
import Foundation
import Ingest
import NIOCore
import Primitives

/// An object on the disk while it is read: first it comes whole, then its records are cut out of it.
///
/// So a log that is full for an hour does not keep a connection waiting that S3 would close, and nothing is appended of an
/// object that does not come whole. The file has no name from its first moment on, so that no crash leaves it behind. An
/// actor on a thread of its own, for it reads and inflates.
actor ObjectSpool {
    private let executor = BlockingExecutor(label: "sesame.spool")
    private let descriptor: Int32
    private let name: String
    private var reader: RecordReader?

    /// Blocks of so many bytes go to the log as one record: some thousand events.
    private static let blockBytes = 4 << 20

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// A spool in a folder, which is made if it is not there, for what `name` names.
    init(in folder: String, name: String) throws {
        self.name = name
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let path = "\(folder)/\(UUID().uuidString.lowercased())"
        descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ObjectSpool.failure("make \(path)") }
        unlink(path)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Adds the next bytes.
    func write(_ bytes: ByteBuffer) throws {
        try bytes.withUnsafeReadableBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let count = Foundation.write(descriptor, part.baseAddress, part.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw ObjectSpool.failure("keep \(name) while it is read") }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// The next block of records, once all is written; nil at the end.
    ///
    /// - Throws: ``Failure`` of kind input where it is damaged, after the blocks before the damage.
    func next() throws -> RecordBlock? {
        if reader == nil {
            lseek(descriptor, 0, SEEK_SET)
            reader = RecordReader(
                Decompressor(name: name, descriptor: descriptor), blockBytes: Self.blockBytes)
        }
        return try reader?.next()
    }

    private static func failure(_ what: String) -> Failure {
        Failure(.storage, "cannot \(what): \(String(cString: strerror(errno))); free space on the disk")
    }
}

import Foundation
import NIOCore
import Primitives

/// A body that is written to a file, on a thread of its own, until it has been used.
actor Upload {
    private let executor = BlockingExecutor(label: "sesame.upload")
    private let path: String
    private var file: FileHandle?

    /// An upload to a new file in a folder, which is made where it is not there.
    init(in folder: String) { path = "\(folder)/\(UUID().uuidString.lowercased())" }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Writes what came.
    ///
    /// - Throws: ``Failure`` of kind storage.
    func append(_ piece: ByteBuffer) throws {
        do { try opened().write(contentsOf: piece.readableBytesView) } catch {
            throw Failure(.storage, "cannot write \(path): \(error)")
        }
    }

    /// Says that all came.
    ///
    /// - Returns: the file's path.
    func close() throws -> String {
        do {
            try opened().close()
            file = nil
        } catch { throw Failure(.storage, "cannot write \(path): \(error)") }
        return path
    }

    /// Takes the file away.
    func remove() {
        try? file?.close()
        file = nil
        try? FileManager.default.removeItem(atPath: path)
    }

    private func opened() throws -> FileHandle {
        if let file { return file }
        let folder = URL(filePath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        self.file = file
        return file
    }
}

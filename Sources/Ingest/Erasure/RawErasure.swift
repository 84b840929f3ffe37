import Compression
import Foundation
import Lake
import Primitives
import Scanning

/// Replaces an address in the files of received bytes, each in one step: the new file takes the old one's name.
///
/// Bytes are looked at from line end to line end, since neither an address nor Base64 reaches over one. A file that does not
/// have the address is read and left alone.
actor RawErasure {
    private let executor = BlockingExecutor(label: "sesame.raw.erasure")
    private let raw: URL
    private let scrubber: AddressScrubber

    init(raw: URL, scrubber: AddressScrubber) {
        self.raw = raw
        self.scrubber = scrubber
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// The files of received bytes, in the order of their paths.
    func files() -> [String] {
        guard let names = FileManager.default.enumerator(atPath: raw.path) else { return [] }
        return names.compactMap { $0 as? String }.filter { $0.hasSuffix(".ndjson.zst") }.sorted()
    }

    /// Whether a file has the address.
    func finds(_ file: String) throws -> Bool { try self.file(file).finds() }

    /// Writes the file anew without the address.
    func rewrite(_ file: String) throws { try self.file(file).rewrite() }

    private func file(_ name: String) -> RawFile {
        RawFile(path: raw.appending(path: name).path, scrubber: scrubber)
    }
}

/// One file of received bytes.
private struct RawFile {
    let path: String
    let scrubber: AddressScrubber

    func finds() throws -> Bool {
        var isFound = false
        try forEachPiece { piece in
            isFound = scrubber.scrub(piece) != nil
            return !isFound
        }
        return isFound
    }

    func rewrite() throws {
        // The ending by which what a killed process left is known and removed.
        let temporary = path + ".tmp"
        let descriptor = open(temporary, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("make", temporary) }
        defer { close(descriptor) }
        let writer = try ZstdFileWriter(descriptor: descriptor, name: temporary)
        try forEachPiece { piece in
            if let clean = scrubber.scrub(piece) {
                try clean.withUnsafeBytes { try writer.write($0) }
            } else {
                try writer.write(piece)
            }
            return true
        }
        try writer.finish()
        FailPoint.reached("erase.beforeRawFile")
        guard rename(temporary, path) == 0 else { throw Self.failure("replace", path) }
        let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(folder) }
        guard folder >= 0, fsync(folder) == 0 else { throw Self.failure("sync the folder of", path) }
    }

    /// Hands out the file's bytes in pieces that end with a line.
    private func forEachPiece(_ body: (UnsafeRawBufferPointer) throws -> Bool) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("read", path) }
        defer { close(descriptor) }
        let input = Decompressor(name: path, descriptor: descriptor)
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { chunk.deallocate() }
        var waiting: [UInt8] = []
        while true {
            let count = try input.read(into: chunk)
            let isEnd = count == 0
            let searched = waiting.count
            waiting += chunk[..<count]
            let end =
                isEnd ? waiting.count : waiting[searched...].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
            guard let end else { continue }
            let goesOn = try waiting.withUnsafeBytes {
                try body(UnsafeRawBufferPointer(rebasing: $0[..<end]))
            }
            if isEnd || !goesOn { return }
            waiting.removeFirst(end)
        }
    }

    private static func failure(_ verb: String, _ path: String) -> Failure {
        Failure(.storage, "cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}

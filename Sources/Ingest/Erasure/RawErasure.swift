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
    func files() -> [String] { RawFiles.all(in: raw).map(\.path) }

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
        try RawReplacement.write(path) { writer in
            try forEachPiece { piece in
                if let clean = scrubber.scrub(piece) {
                    try clean.withUnsafeBytes { try writer.write($0) }
                } else {
                    try writer.write(piece)
                }
                return true
            }
            FailPoint.reached("erase.beforeRawFile")
        }
    }

    /// Hands out the file's bytes in pieces that end with a line.
    private func forEachPiece(_ body: (UnsafeRawBufferPointer) throws -> Bool) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw RawReplacement.failure("read", path) }
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
}

import Compression
import Foundation
import Primitives
import Testing

@Suite("A zstd file")
struct ZstdFileWriterTests {
    private let path = NSTemporaryDirectory() + "zstd-\(UUID().uuidString).zst"

    @Test("holds what was written, at every level", arguments: [1, 3, 19])
    func roundTrip(level: Int) throws {
        let text = sampleText(byteCount: 1_000_000)
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
        defer {
            close(descriptor)
            unlink(path)
        }
        let writer = try ZstdFileWriter(descriptor: descriptor, name: path, level: level)
        var rest = text[...]
        var size = 1
        while !rest.isEmpty {
            try Array(rest.prefix(size)).withUnsafeBytes { try writer.write($0) }
            rest = rest.dropFirst(size)
            size = size * 3 % 100_003 + 1
        }
        try writer.finish()
        try writer.finish()
        #expect(writer.bytesIn == text.count)
        #expect(writer.bytesOut == Int(lseek(descriptor, 0, SEEK_END)))
        #expect(writer.bytesOut < text.count / 2)
        lseek(descriptor, 0, SEEK_SET)
        let decompressor = Decompressor(name: path, descriptor: descriptor)
        var decoded: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 50_000)
        while case let count = try buffer.withUnsafeMutableBytes({ try decompressor.read(into: $0) }),
            count > 0
        {
            decoded += buffer.prefix(count)
        }
        #expect(decoded == text)
        #expect(decompressor.compressedOffset == writer.bytesOut)
    }

    @Test("without content is a valid frame")
    func empty() throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
        defer {
            close(descriptor)
            unlink(path)
        }
        try ZstdFileWriter(descriptor: descriptor, name: path).finish()
        lseek(descriptor, 0, SEEK_SET)
        let decompressor = Decompressor(name: path, descriptor: descriptor)
        var buffer = [UInt8](repeating: 0, count: 10)
        #expect(try buffer.withUnsafeMutableBytes { try decompressor.read(into: $0) } == 0)
        #expect(decompressor.format == .zstd)
    }

    @Test("that can't be written says so, and goes on saying it")
    func fullDisk() throws {
        let descriptor = open("/dev/full", O_WRONLY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let writer = try ZstdFileWriter(descriptor: descriptor, name: "raw.zst")
        let failure = try #require(throws: Failure.self) {
            try Array("x".utf8).withUnsafeBytes { try writer.write($0) }
            try writer.finish()
        }
        #expect(failure == Failure(.storage, "writing raw.zst: No space left on device"))
        #expect(throws: failure) { try writer.finish() }
    }

    @Test("has levels from 1 to 22", arguments: [0, 23, -5])
    func levels(level: Int) {
        #expect(throws: Failure(.usage, "zstd has no level \(level); choose one from 1 to 22")) {
            try ZstdFileWriter(descriptor: 1, name: "raw.zst", level: level)
        }
    }
}

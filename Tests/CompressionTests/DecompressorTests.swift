import Compression
import Primitives
import Testing

@Suite("A decompressor")
struct DecompressorTests {
    let text = sampleText(byteCount: 300_000)

    @Test("reads gzip, zstd and plain bytes, in pieces of any size", arguments: [1, 7, 4_096, Int.max])
    func formats(size: Int) throws {
        let small = size < 10 ? Array(text.prefix(20_000)) : text
        for (compressed, format) in [
            (gzip(small), Decompressor.Format.gzip), (zstd(small), .zstd), (small, .plain),
        ] {
            for outputSize in [1_000, 1 << 20] {
                let decoded = try decompress(compressed, inputSize: size, outputSize: outputSize)
                #expect(decoded.bytes == small)
                #expect(decoded.format == format)
            }
        }
    }

    @Test("reads members and frames that follow each other, also empty ones and zero padding")
    func concatenated() throws {
        let parts = [Array(text.prefix(100)), [], Array(text.suffix(200_000))]
        for size in [1, 3_000, Int.max] {
            let padding = [UInt8](repeating: 0, count: 512)
            #expect(
                try decompress(parts.flatMap(gzip) + padding, inputSize: size).bytes == parts.flatMap { $0 })
            #expect(try decompress(parts.flatMap(zstd), inputSize: size).bytes == parts.flatMap { $0 })
        }
    }

    @Test(
        "reads nothing as nothing, and what is too short for a format as it is",
        arguments: [
            [], [0x1f], [0x28, 0xb5, 0x2f], [0x7b, 0x7d],
        ] as [[UInt8]])
    func short(bytes: [UInt8]) throws {
        #expect(try decompress(bytes).bytes == bytes)
        #expect(try decompress(bytes).format == .plain)
    }

    @Test("passes a skippable zstd frame over")
    func skippable() throws {
        let skippable: [UInt8] = [0x51, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]
        #expect(try decompress(skippable + zstd([1, 2])).bytes == [1, 2])
    }

    @Test("hands out what came before the cut and then says where it is cut off")
    func truncated() throws {
        for (compressed, format) in [(gzip(text), "gzip"), (zstd(text), "zstd")] {
            for length in [5, 30, compressed.count / 2, compressed.count - 1] {
                let decompressor = Decompressor(
                    name: "events", source: pieces(of: Array(compressed.prefix(length)), size: 1_000))
                var buffer = [UInt8](repeating: 0, count: 10_000)
                var decoded: [UInt8] = []
                let failure = try #require(throws: Failure.self) {
                    while true {
                        let count = try buffer.withUnsafeMutableBytes { try decompressor.read(into: $0) }
                        decoded += buffer.prefix(count)
                        if count == 0 { break }
                    }
                }
                #expect(failure.kind == .input)
                #expect(
                    failure.message
                        == "events is cut off: its \(format) data ends too early, at compressed byte \(length); fetch it again"
                )
                #expect(decoded == Array(text.prefix(decoded.count)))
                if length == compressed.count / 2, format == "gzip" { #expect(decoded.count > 100_000) }
                #expect(throws: failure) {
                    try buffer.withUnsafeMutableBytes { try decompressor.read(into: $0) }
                }
            }
        }
    }

    @Test("refuses damaged bytes and never gives others for them")
    func damaged() throws {
        var zstdWithChecksum = zstd(text)
        for compressed in [gzip(text), zstdWithChecksum] {
            for seed in 1...60 {
                var copy = compressed
                copy[(seed * 7_919) % (copy.count - 12) + 10] ^= 0x5a
                let result = Result { try decompress(copy).bytes }
                guard case .failure(let error) = result else { continue }
                let failure = try #require(error as? Failure)
                #expect(failure.kind == .input)
                #expect(failure.message.contains("compressed byte"))
            }
        }
        zstdWithChecksum += Array("junk".utf8)
        #expect(throws: Failure.self) { try decompress(zstdWithChecksum) }
        let failure = try #require(throws: Failure.self) { try decompress(gzip(text) + Array("junk".utf8)) }
        #expect(failure.message.contains("other bytes follow the gzip data") == true)
    }

    @Test("stops at a limit in memory, so that a small body can't grow without end")
    func limit() throws {
        let bomb = gzip([UInt8](repeating: 0, count: 10_000_000))
        #expect(bomb.count < 20_000)
        let failure = try #require(throws: Failure.self) {
            try bomb.withUnsafeBytes { try Decompressor.decode($0, name: "body", limit: 1_000_000) }
        }
        #expect(failure.kind == .limit)
        let whole = try bomb.withUnsafeBytes { try Decompressor.decode($0, name: "body", limit: 10_000_000) }
        #expect(whole.count == 10_000_000)
    }
}

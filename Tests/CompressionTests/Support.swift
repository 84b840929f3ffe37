import CCompression
import Compression
import Foundation
import Primitives
import Testing

/// Bytes that compress about as well as events do.
func sampleText(byteCount: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount + 100)
    var number: UInt64 = 1
    while bytes.count < byteCount {
        number = number &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes += Array("{\"eventType\":\"Send\",\"messageId\":\"\(number)\"}\n".utf8)
    }
    return Array(bytes.prefix(byteCount))
}

/// One gzip member.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    deflateInit2_(
        stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(stream) }
    var output = [UInt8](repeating: 0, count: bytes.count + 1_000)
    var input = bytes
    let count = input.withUnsafeMutableBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(input.count)
            stream.pointee.next_out = output.baseAddress
            stream.pointee.avail_out = UInt32(output.count)
            deflate(stream, Z_FINISH)
            return output.count - Int(stream.pointee.avail_out)
        }
    }
    return Array(output.prefix(count))
}

/// One zstd frame.
func zstd(_ bytes: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
    let count = output.withUnsafeMutableBytes { output in
        bytes.withUnsafeBytes { ZSTD_compress(output.baseAddress, output.count, $0.baseAddress, $0.count, 3) }
    }
    return Array(output.prefix(count))
}

/// Everything that `compressed` gives when it arrives in pieces and is asked for in others.
func decompress(
    _ compressed: [UInt8], inputSize: Int = .max, outputSize: Int = 100_000
) throws -> (bytes: [UInt8], format: Decompressor.Format?) {
    let decompressor = Decompressor(name: "events", source: pieces(of: compressed, size: inputSize))
    var decoded: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: outputSize)
    while true {
        let count = try buffer.withUnsafeMutableBytes { try decompressor.read(into: $0) }
        if count == 0 { return (decoded, decompressor.format) }
        decoded += buffer.prefix(count)
    }
}

func pieces(of bytes: [UInt8], size: Int) -> ByteSource {
    var offset = 0
    return { buffer in
        let count = min(size, buffer.count, bytes.count - offset)
        buffer.copyBytes(from: bytes[offset..<offset + count])
        offset += count
        return count
    }
}

import CCompression
import Primitives

/// Whole bytes as gzip, RFC 1952.
public enum Gzip {
    /// Compresses bytes into one member.
    ///
    /// - Throws: ``Failure`` of kind limit when there is no memory, or for 4 GiB and more.
    public static func compress(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
        guard let count = UInt32(exactly: bytes.count) else {
            throw Failure(.limit, "\(bytes.count) bytes are too many for one piece of gzip")
        }
        var stream = z_stream()
        // 15 bits of window, plus 16 for a gzip header and its checksum.
        let status = deflateInit2_(
            &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw Failure(.limit, "no memory to compress") }
        defer { deflateEnd(&stream) }
        let room = Int(deflateBound(&stream, UInt(count)))
        var isWhole = false
        let output = bytes.withUnsafeBufferPointer { input in
            [UInt8](unsafeUninitializedCapacity: room) { output, written in
                // zlib does not write through next_in; its C type only lacks the `const`.
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = count
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(clamping: room)
                isWhole = deflate(&stream, Z_FINISH) == Z_STREAM_END
                written = room - Int(stream.avail_out)
            }
        }
        guard isWhole else { throw Failure(.limit, "no memory to compress") }
        return output
    }
}

import CCompression
import Primitives

/// Gzip by zlib, member after member.
final class GzipCodec: Codec {
    // On the heap, because zlib keeps the address of its stream and refuses a moved one.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var isBetweenMembers = false

    init() throws {
        stream.initialize(to: z_stream())
        // 15 bits of window, plus 16 for a gzip header and its checksum.
        let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            stream.deallocate()
            throw Failure(.limit, "no memory to decompress gzip")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func decode(_ window: InputWindow, into output: UnsafeMutableRawBufferPointer) throws -> Int {
        let room = UInt32(clamping: output.count)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = room
        while stream.pointee.avail_out == room {
            if isBetweenMembers {
                guard try startNextMember(window) else { return 0 }
            }
            let hasInput = try window.fill(atLeast: 1)
            let status = inflateOnce(window)
            switch status {
            case Z_STREAM_END: isBetweenMembers = true
            case Z_OK, Z_BUF_ERROR:
                // Without input zlib may still hold output; only when it makes none is the input cut off.
                if !hasInput, stream.pointee.avail_out == room { throw Damage.cutOff }
            default:
                throw Damage.corrupt(
                    stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)")
            }
        }
        return Int(room - stream.pointee.avail_out)
    }

    private func inflateOnce(_ window: InputWindow) -> Int32 {
        let bytes = window.bytes
        // zlib does not write through next_in; its C type only lacks the `const`.
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(bytes.count)
        let status = inflate(stream, Z_NO_FLUSH)
        window.consume(bytes.count - Int(stream.pointee.avail_in))
        return status
    }

    /// False at the end of the input; zero bytes after a member are padding, as `gzip` itself reads them.
    private func startNextMember(_ window: InputWindow) throws -> Bool {
        while try window.fill(atLeast: 1), window.bytes[0] == 0 {
            window.consume(window.bytes.prefix { $0 == 0 }.count)
        }
        if window.isEmpty { return false }
        guard window.bytes[0] == 0x1f else { throw Damage.corrupt("other bytes follow the gzip data") }
        inflateReset(stream)
        isBetweenMembers = false
        return true
    }
}

/// Zstandard, frame after frame.
///
/// The library's own limit of a 128 MiB window stands: every level but `--long` stays under it, and a header that asks
/// for more is refused before anything is allocated.
final class ZstdCodec: Codec {
    private let stream: OpaquePointer
    private var isInsideFrame = false

    init() throws {
        guard let stream = ZSTD_createDStream() else { throw Failure(.limit, "no memory to decompress zstd") }
        self.stream = stream
    }

    deinit { ZSTD_freeDStream(stream) }

    func decode(_ window: InputWindow, into output: UnsafeMutableRawBufferPointer) throws -> Int {
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        while target.pos == 0 {
            let hasInput = try window.fill(atLeast: 1)
            if !hasInput, !isInsideFrame { return 0 }
            let bytes = window.bytes
            var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            let wanted = ZSTD_decompressStream(stream, &target, &input)
            window.consume(input.pos)
            guard ZSTD_isError(wanted) == 0 else {
                throw Damage.corrupt(String(cString: ZSTD_getErrorName(wanted)))
            }
            isInsideFrame = wanted != 0
            if !hasInput, isInsideFrame, target.pos == 0 { throw Damage.cutOff }
        }
        return target.pos
    }
}

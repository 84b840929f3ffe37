import CCompression
import Primitives

/// Compresses pieces of bytes, each into a zstd frame of its own. Frames behind one another are a zstd file.
public final class FrameCompressor {
    private let context: OpaquePointer?

    /// A compressor; `level` is from 1 (fast) to 22 (small).
    public init(level: Int) {
        context = ZSTD_createCCtx()
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level))
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    }

    deinit { ZSTD_freeCCtx(context) }

    /// The frame of `bytes`, with a small frame of `heading` before it.
    ///
    /// - Throws: ``Failure`` of kind limit when there is no memory.
    public func frame(_ heading: [UInt8], _ bytes: UnsafeRawBufferPointer) throws -> [UInt8] {
        let head: [UInt8] = try heading.withUnsafeBytes { heading in try frame(heading) }
        return head + (try frame(bytes))
    }

    private func frame(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> [UInt8] {
        let bound = ZSTD_compressBound(bytes.count)
        var written = 0
        let frame = [UInt8](unsafeUninitializedCapacity: bound) { target, count in
            written = ZSTD_compress2(context, target.baseAddress, bound, bytes.baseAddress, bytes.count)
            count = ZSTD_isError(written) == 0 ? written : 0
        }
        guard ZSTD_isError(written) == 0 else {
            throw Failure(
                .limit, "cannot compress \(bytes.count) bytes: \(String(cString: ZSTD_getErrorName(written)))"
            )
        }
        return frame
    }
}

import CCompression
import Primitives

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Compresses a stream into a file as one zstd frame with a checksum.
///
/// The descriptor stays the caller's to close, and its folder the caller's to sync: whoever made the name knows when it
/// must last. After an error the file is not usable, and every later call throws that error again.
public final class ZstdFileWriter {
    /// Bytes taken in.
    public private(set) var bytesIn = 0
    /// Compressed bytes written to the file.
    public private(set) var bytesOut = 0

    private let descriptor: Int32
    private let name: String
    private let context: OpaquePointer
    private let buffer: UnsafeMutableRawBufferPointer
    private var failure: (any Error)?
    private var isFinished = false

    /// A writer to an open file; `level` is from 1 (fast) to 22 (small), `name` is what errors call the file.
    public init(descriptor: Int32, name: String, level: Int = 3) throws {
        guard (1...Int(ZSTD_maxCLevel())).contains(level) else {
            throw Failure(.usage, "zstd has no level \(level); choose one from 1 to \(ZSTD_maxCLevel())")
        }
        guard let context = ZSTD_createCCtx() else { throw Failure(.limit, "no memory to compress \(name)") }
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level))
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        self.descriptor = descriptor
        self.name = name
        self.context = context
        buffer = .allocate(byteCount: ZSTD_CStreamOutSize(), alignment: 64)
    }

    deinit {
        ZSTD_freeCCtx(context)
        buffer.deallocate()
    }

    /// Compresses `bytes` and writes what is ready.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        precondition(!isFinished, "a finished file takes no more bytes")
        if bytes.isEmpty { return }
        try run(bytes, ZSTD_e_continue)
        bytesIn += bytes.count
    }

    /// Ends the frame, writes everything and waits until the disk has it.
    public func finish() throws {
        if isFinished { return }
        try run(UnsafeRawBufferPointer(start: nil, count: 0), ZSTD_e_end)
        while fsync(descriptor) != 0 {
            // A pipe or a terminal has no disk to wait for.
            if errno == EINVAL || errno == ENOTSUP { break }
            if errno != EINTR { throw remember(storageFailure(errno)) }
        }
        isFinished = true
    }

    private func run(_ bytes: UnsafeRawBufferPointer, _ directive: ZSTD_EndDirective) throws {
        if let failure { throw failure }
        var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        while true {
            var output = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
            let rest = ZSTD_compressStream2(context, &output, &input, directive)
            guard ZSTD_isError(rest) == 0 else {
                let detail = String(cString: ZSTD_getErrorName(rest))
                throw remember(Failure(.storage, "compressing \(name): \(detail)"))
            }
            try writeAll(UnsafeRawBufferPointer(rebasing: buffer[..<output.pos]))
            let isDone = directive == ZSTD_e_end ? rest == 0 : input.pos == input.size
            if isDone { return }
        }
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            #if canImport(Glibc)
                let count = Glibc.write(descriptor, piece.baseAddress, piece.count)
            #else
                let count = Darwin.write(descriptor, piece.baseAddress, piece.count)
            #endif
            if count < 0 {
                if errno == EINTR { continue }
                throw remember(storageFailure(errno))
            }
            bytesOut += count
            rest = rest.dropFirst(count)
        }
    }

    private func storageFailure(_ code: Int32) -> Failure {
        Failure(.storage, "writing \(name): \(String(cString: strerror(code)))")
    }

    private func remember(_ error: any Error) -> any Error {
        failure = error
        return error
    }
}

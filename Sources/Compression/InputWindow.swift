import Primitives

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Fills a buffer with the next bytes of something and says how many; zero is the end.
public typealias ByteSource = (UnsafeMutableRawBufferPointer) throws -> Int

/// Reads from `descriptor`, whose errors name `name`; a read that a signal broke off is repeated.
public func byteSource(descriptor: Int32, name: String) -> ByteSource {
    { buffer in
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            let code = errno
            if code != EINTR {
                throw Failure(.storage, "reading \(name): \(String(cString: strerror(code)))")
            }
        }
    }
}

/// A window of compressed bytes over a source: what was read and not yet decoded.
///
/// It is a class because a codec keeps pointing into it while it asks it for more.
final class InputWindow {
    /// Large enough that a system call is cheap beside decoding its bytes, small enough to stay in the second-level cache.
    static let capacity = 128 << 10

    private let source: ByteSource
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 64)
    private var start = 0
    private var end = 0
    private var ended = false
    /// Bytes taken out of the window since the start of the input.
    private(set) var consumed = 0

    init(source: @escaping ByteSource) { self.source = source }

    deinit { buffer.deallocate() }

    /// The bytes that wait.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[start..<end]) }

    var isEmpty: Bool { start == end }

    /// Takes `count` bytes out of the window.
    func consume(_ count: Int) {
        start += count
        consumed += count
    }

    /// Reads until at least `count` bytes wait (at most the capacity); false if the input ends before.
    func fill(atLeast count: Int) throws -> Bool {
        if end - start >= count { return true }
        if start > 0 {
            buffer.copyMemory(from: bytes)
            (start, end) = (0, end - start)
        }
        while end < count, !ended {
            let got = try source(UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
            if got == 0 { ended = true }
            end += got
        }
        return end >= count
    }

    /// Reads into `output` past the window, for input that needs no decoding.
    func readDirectly(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        if !isEmpty {
            let count = min(output.count, end - start)
            output.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<start + count]))
            consume(count)
            return count
        }
        if ended { return 0 }
        let count = try source(output)
        if count == 0 { ended = true }
        consumed += count
        return count
    }
}

import Foundation
import Primitives

/// The rows of one statement in a file, an object a line: written as they come, read a page at a time, never in memory as a whole.
actor ResultSpool {
    private let executor = BlockingExecutor(label: "sesame.result")
    private let path: String
    private let descriptor: Int32
    private var size = 0
    private var rows = 0
    /// Bytes of the last row, which may not be whole yet.
    private var open = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// A page is no longer than this, but for a single row that is.
    static let pageBytes = 4 << 20
    /// No row may be longer, for a page is in memory.
    static let rowBytes = 16 << 20

    /// Makes the file, for its own user only.
    init(path: String) throws(Failure) {
        self.path = path
        descriptor = Foundation.open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(.storage, "cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// Adds lines, and counts those that are whole.
    ///
    /// - Returns: rows and bytes that are there.
    func write(_ lines: [UInt8]) throws(Failure) -> (rows: Int, bytes: Int) {
        for line in lines.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        {
            open = line.offset == 0 ? open + line.element.count : line.element.count
            guard open <= Self.rowBytes else {
                throw Failure(
                    .limit, "a row is longer than \(Self.rowBytes >> 20) MiB; ask for less in a row")
            }
        }
        var done = 0
        while done < lines.count {
            let count = lines[done...].withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress, $0.count, off_t(size))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw Failure(.storage, "cannot write \(path): \(String(cString: strerror(errno)))")
            }
            done += count
            size += count
        }
        rows += lines.count { $0 == UInt8(ascii: "\n") }
        return (rows, size)
    }

    /// Whole lines from a place on.
    ///
    /// - Returns: the lines without their ends, and the place behind them; nil if no line begins at the place.
    func page(from start: Int, rows limit: Int) throws(Failure) -> (lines: [[UInt8]], next: Int)? {
        guard (0...size).contains(start) else { return nil }
        if start > 0, try read(start - 1, 1) != [UInt8(ascii: "\n")] { return nil }
        var (lines, next, rest, place): ([[UInt8]], Int, [UInt8], Int) = ([], start, [], start)
        while lines.count < limit, place < size, next - start < Self.pageBytes {
            let piece = try read(place, 1 << 16)
            place += piece.count
            for part in piece.split(
                separator: UInt8(ascii: "\n"), maxSplits: limit - lines.count,
                omittingEmptySubsequences: false
            ).dropLast() {
                lines.append(rest + part)
                next += rest.count + part.count + 1
                rest = []
                if lines.count == limit { return (lines, next) }
            }
            rest += piece[(piece.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0)...]
        }
        return (lines, next)
    }

    private func read(_ place: Int, _ most: Int) throws(Failure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: most)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, most, off_t(place)) }
        guard count >= 0 else {
            throw Failure(.storage, "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        return Array(bytes.prefix(count))
    }
}

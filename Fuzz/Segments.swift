import Foundation

@testable import EventLog

/// A file in memory, written over for each input.
private let path: String = {
    let path = "/dev/shm/sesame-fuzz-\(getpid())"
    atexit { unlink("/dev/shm/sesame-fuzz-\(getpid())") }
    return path
}()

/// A segment of the event log, read batch by batch, and on behind what is broken. Never more bytes than there are.
@Sendable func fuzzSegment(_ bytes: UnsafeRawBufferPointer) {
    guard (try? Data(bytes).write(to: URL(filePath: path))) != nil, let file = try? SegmentFile(path) else {
        return
    }
    guard var scanner = try? SegmentScanner(file, firstOffset: 0, limit: bytes.count) else { return }
    var last = 0
    // Each step goes forward or ends.
    while let step = try? scanner.next() {
        switch step {
        case .end: return
        case .batch(let header):
            insist(scanner.position > last && scanner.position <= bytes.count, "a batch lies in the file")
            last = scanner.position
            _ = try? scanner.records(of: header)
        case .broken:
            guard (try? scanner.resynchronize()) != nil else { return }
            insist(scanner.position >= last, "the search goes forward")
            return
        }
    }
}

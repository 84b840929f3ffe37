import Foundation
import Primitives

// What a worker and its parent say to each other, over one Unix socket that is the worker's standard input:
//
//   parent → worker   the length of a WorkerOrder as 8 bytes, little-endian, then the order as JSON. The first order is a
//                     setup; then come catalogs and statements. A statement reads the catalog sent last, and the next one
//                     is sent when the one before it has ended.
//   worker → parent   a kind as one byte and a length as 4 bytes, little-endian, then as many bytes:
//                       R  rows in the format asked for, as they are made
//                       P  progress: eight bytes, a Double from 0 to 1, or -1 where it is not known; little-endian
//                       E  the statement's end as JSON, a WorkerEnding
//
// When the parent is gone, however it went, its end of the socket closes, and the worker ends itself, whatever it is busy
// with. (The kernel's "signal on parent death" means the death of the thread that started the child; threads of a pool die
// while the process lives.) A worker whose end of the socket closes without an ending has reached a limit of the system.

/// What a parent tells a worker.
enum WorkerOrder: Codable {
    case setup(WorkerSetup)
    case catalog(QueryCatalog)
    case statement(WorkerStatement)

    /// The order with its length before it.
    func encoded() throws -> [UInt8] {
        let json = try JSONEncoder().encode(self)
        return (0..<8).map { UInt8(truncatingIfNeeded: json.count >> ($0 * 8)) } + json
    }
}

/// The walls of a worker, which stand before it sees a statement.
struct WorkerSetup: Codable {
    var memoryBytes: Int
    var threads: Int
    var readableFolders: [String]
    var writableFolder: String?
    /// See ``QueryWorkerPool/Options/keepsEngine``.
    var keepsEngine = false
    /// Leaves DuckDB's doors open and statements unchecked, so that a test meets the system's walls alone.
    var hasOnlyWalls = false
}

/// A statement; see ``QueryRequest``.
struct WorkerStatement: Codable {
    var sql: String
    var format: QueryRequest.Format
    var timeoutSeconds: Double
    var parquetFile: String?
    var tableRows: Int

    init(_ request: QueryRequest) {
        sql = request.sql
        format = request.format
        timeoutSeconds = request.timeoutSeconds
        parquetFile = request.parquetFile
        tableRows = request.tableRows
    }
}

/// How a statement ended.
struct WorkerEnding: Codable {
    /// What went wrong; nil if nothing did.
    var kind: String?
    var message: String?
    /// Whether the worker had better be replaced: it may hold memory that it will not give back.
    var isSpent: Bool

    var failure: Failure? {
        guard let message else { return nil }
        return Failure(kind.flatMap(Failure.Kind.init) ?? .storage, message)
    }
}

/// The kinds of what a worker says.
enum WorkerFrame: UInt8 {
    case rows = 0x52
    case progress = 0x50
    case ending = 0x45

    /// The most bytes of one.
    static let most = 1 << 20
}

/// Reads and writes all of what is asked for on a descriptor.
enum WholeIO {
    /// Exactly `count` bytes; nil when the other side has gone.
    static func read(_ count: Int, from descriptor: Int32) -> [UInt8]? {
        var position = 0
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            while position < count, !failed {
                let got = Foundation.read(descriptor, buffer.baseAddress! + position, count - position)
                if got < 0, errno == EINTR { continue }
                if got > 0 { position += got } else { failed = true }
            }
            initialized = position
        }
        return failed ? nil : bytes
    }

    /// All bytes to a socket; false when the other side has gone, without the signal that this sends otherwise.
    static func send(_ bytes: [UInt8], to socket: Int32) -> Bool {
        var position = 0
        while position < bytes.count {
            let sent = bytes.withUnsafeBytes {
                Foundation.send(
                    socket, $0.baseAddress! + position, bytes.count - position, Int32(MSG_NOSIGNAL))
            }
            if sent < 0, errno == EINTR { continue }
            guard sent > 0 else { return false }
            position += sent
        }
        return true
    }

    /// A little-endian number.
    static func number(_ bytes: some Collection<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}

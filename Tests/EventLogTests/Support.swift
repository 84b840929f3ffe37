import Foundation
import Primitives
import Synchronization

@testable import EventLog

/// A folder for a log that goes away with its owner.
final class TemporaryFolder: Sendable {
    let path = NSTemporaryDirectory() + "sesame-log-\(UUID().uuidString)"
    var log: String { path + "/workspaces/default/log" }

    init() { try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func segment(_ offset: UInt64) -> String { log + "/" + SegmentFormat.fileName(firstOffset: offset) }

    func bytes(_ offset: UInt64 = 0) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: segment(offset))))
    }

    func write(_ bytes: some Collection<UInt8>, _ offset: UInt64 = 0) throws {
        try FileManager.default.createDirectory(atPath: log, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: segment(offset)))
    }
}

/// A record that says which it is.
func record(_ text: String) -> LogRecord {
    LogRecord(
        receivedAt: Timestamp(microseconds: 1_795_000_000_123_456), source: "main",
        origin: [LogAttribute("region", "eu-central-1"), LogAttribute("account", "123456789012")],
        body: Array(text.utf8))
}

func batch(_ name: String, _ count: Int) -> [LogRecord] { (0..<count).map { record("\(name).\($0)") } }

extension LoggedRecord {
    var text: String { String(decoding: record.body, as: UTF8.self) }
}

extension EventLog {
    /// All records, and the error that ended the reading.
    func readAll(maximumBytes: Int = 1 << 20) async -> (records: [LoggedRecord], error: (any Error)?) {
        let reader = makeReader()
        var records: [LoggedRecord] = []
        var next = firstOffset
        do {
            while next < durableEnd {
                records += try await reader.read(from: next, maximumBytes: maximumBytes)
                next = (records.last?.offset ?? next) + 1
            }
            return (records, nil)
        } catch {
            return (records, error)
        }
    }

    var texts: [String] { get async { await readAll().records.map(\.text) } }
}

/// A clock that stands until it is moved.
final class TestClock: Sendable {
    private let time = Mutex(Timestamp(microseconds: 1_795_000_000_000_000))

    var now: Timestamp { time.withLock { $0 } }

    func advance(bySeconds seconds: Int64) { time.withLock { $0.microseconds += seconds * 1_000_000 } }
}

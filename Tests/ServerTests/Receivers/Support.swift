import AWSProtocols
import ControlPlane
import EventLog
import Foundation
import HTTPTypes
import Primitives
import Synchronization
import Testing

@testable import Server

/// A sink that keeps, is overloaded or fails, as it is told.
actor FakeSink: RecordSink {
    enum Mood { case fine, overloaded, broken }
    private(set) var kept: [LogRecord] = []
    private var mood = Mood.fine

    func become(_ mood: Mood) { self.mood = mood }

    func keep(_ records: [LogRecord]) throws {
        switch mood {
        case .fine: kept += records
        case .overloaded: throw LogError.overloaded(retryAfterSeconds: 7)
        case .broken: throw Failure(.storage, "/secret/path is full")
        }
    }

    var bodies: [String] { kept.map { String(decoding: $0.body, as: UTF8.self) } }
}

/// A control plane in a temporary folder, the directory over it, and a sink.
final class ReceiverWorld: Sendable {
    static let noon = Timestamp(microseconds: 1_785_585_600_000_000)
    static let actor = AuditActor.commandLine("tester")

    let home: URL
    let database: ControlDatabase
    let directory: CachedSourceDirectory
    let sink = FakeSink()
    private let passed: Elapsed
    let lines = Lines()

    final class Elapsed: Sendable {
        private let start = ContinuousClock.now
        private let duration = Mutex(Duration.zero)
        var instant: ContinuousClock.Instant { start + duration.withLock { $0 } }
        func advance(_ by: Duration) { duration.withLock { $0 += by } }
    }

    final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    init() async throws {
        home = URL(
            filePath: NSTemporaryDirectory() + "receivers-\(UUID().uuidString)", directoryHint: .isDirectory)
        database = try await ControlDatabase.open(home: home)
        let passed = Elapsed()
        self.passed = passed
        directory = CachedSourceDirectory(database) { passed.instant }
    }

    deinit { try? FileManager.default.removeItem(at: home) }

    /// Lets the directory's clock go on.
    func pass(_ duration: Duration) { passed.advance(duration) }

    var context: ReceiverContext {
        let (sink, lines) = (sink, lines)
        return ReceiverContext(
            directory: directory, sink: { $0 == Workspace.defaultName ? sink : nil },
            now: { ReceiverWorld.noon }, say: { lines.add($0) })
    }

    /// Adds a source and gives its secret.
    @discardableResult
    func add(_ name: String, _ settings: SourceSettings, workspace: String = Workspace.defaultName)
        async throws
        -> String
    {
        try await database.addSource(name, workspace: workspace, settings: settings, by: ReceiverWorld.actor)
            .secret?.text ?? ""
    }

    /// A source's counters, written and read back.
    func status(_ name: String) async throws -> SourceStatus? {
        try await directory.flush()
        let id = try await database.source(name).id
        return try await database.sourceStatuses()[id]
    }
}

/// A POST to a source.
func post(
    _ name: String?, _ body: some Sequence<UInt8>, query: String = "", headers: [(String, String)] = [],
    path: String = "/ingest/x", at time: Timestamp = ReceiverWorld.noon, method: HTTPRequest.Method = .post
) throws -> ReceivedRequest {
    var fields = HTTPFields()
    for (name, value) in headers {
        fields.append(HTTPField(name: try #require(HTTPField.Name(name)), value: value))
    }
    return ReceivedRequest(
        method: method, path: path, query: query, authority: "events.example.com", headers: fields,
        body: Array(body), sourceName: name, remoteAddress: "192.0.2.1", receivedAt: time)
}

extension ReceiverAnswer {
    var text: String { String(decoding: body, as: UTF8.self) }
    /// A member of the JSON in the body.
    func json(_ name: String) -> AWSJSON.Value? { AWSJSON.Value(parsing: body)?[name] }
}

extension LogRecord {
    func attribute(_ name: String) -> String? { origin.first { $0.name == name }?.value }
}

extension Timestamp {
    func plus(_ seconds: Int) -> Timestamp {
        Timestamp(microseconds: microseconds + Int64(seconds) * 1_000_000)
    }
}

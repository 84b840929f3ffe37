import EventLog
import Foundation
import HTTPTypes
import Logging
import Primitives
import ServiceLifecycle
import Synchronization

@testable import ControlPlane
@testable import Server

/// A folder that goes away with its owner.
final class TemporaryFolder: Sendable {
    let path = NSTemporaryDirectory() + "sesame-server-\(UUID().uuidString)"
    init() { try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A running server on a free port of loopback, over a real log and a real control plane.
struct ServerFixture: Sendable {
    let folder: TemporaryFolder
    let port: Int
    let control: ControlDatabase
    let log: EventLog
    let group: ServiceGroup
    let logLines: CollectedLines

    static let actor = AuditActor.commandLine("tester")
    var logFolder: String { folder.path + "/log" }

    /// Runs `body` against a server, and shuts it down after it.
    ///
    /// - Parameter change: puts another part in place of one.
    static func run(
        _ configuration: ServerConfiguration = .init(),
        change: @Sendable (inout HTTPServerService.Parts) -> Void = { _ in },
        _ body: @Sendable (ServerFixture) async throws -> Void
    ) async throws {
        let folder = TemporaryFolder()
        // Passwords are hashed fast: a debug build takes seconds for one that is hashed well.
        let control = try await ControlDatabase.open(
            home: URL(filePath: folder.path + "/home"),
            passwords: PasswordHasher(.init(logRounds: 4, blockSize: 8, parallelism: 1)))
        let log = try await EventLog.open(folder.path + "/log")
        var configuration = configuration
        configuration.port = 0
        var parts = HTTPServerService.Parts(control: control, sink: log)
        parts.logStatistics = { log.statistics }
        change(&parts)
        let lines = CollectedLines()
        let (ports, announced) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingOldest(1))
        let service = try HTTPServerService(
            configuration: configuration, parts: parts, logger: lines.logger,
            onListening: { url in
                announced.yield(url.split(separator: ":").last.flatMap { Int($0) } ?? 0)
            })
        let group = ServiceGroup(
            services: [service], logger: Logger(label: "group") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            guard let port = await iterator.next() else { throw RawClient.Broken(what: "it never listened") }
            let fixture = ServerFixture(
                folder: folder, port: port, control: control, log: log, group: group, logLines: lines)
            do { try await body(fixture) } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        await log.close()
        try control.close()
    }

    /// A connection.
    func connect() async throws -> RawClient {
        let client = RawClient()
        try await client.connect(port: port)
        return client
    }

    /// Sends one request on a connection of its own.
    func request(
        _ method: String, _ path: String, headers: [String] = [], body: [UInt8]? = nil
    ) async throws -> RawClient.Answer {
        let client = try await connect()
        await client.send(request: method, path, headers: headers, body: body)
        let answer = try await client.receive(ofHead: method == "HEAD")
        await client.close()
        return answer
    }

    /// Posts events with a token.
    func post(
        _ body: some Collection<UInt8>, token: String, path: String = "/v1/events", headers: [String] = []
    ) async throws -> RawClient.Answer {
        try await request(
            "POST", path, headers: headers + ["Authorization: Bearer \(token)"], body: Array(body))
    }

    /// A new token.
    func token(_ scopes: Set<APIToken.Scope> = [.ingest], expiresAt: Timestamp? = nil) async throws -> String
    {
        try await control.addToken("test", scopes: scopes, expiresAt: expiresAt, by: Self.actor).secret.text
    }

    /// The records that a second reader finds in the log.
    func records() async throws -> [LogRecord] {
        try await log.makeReader().read(from: 0, maximumBytes: 1 << 30).map(\.record)
    }
}

extension RawClient {
    /// Sends a request, with the length of its body.
    func send(request method: String, _ path: String, headers: [String] = [], body: [UInt8]? = nil) {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: localhost"] + headers
        if let body { lines.append("Content-Length: \(body.count)") }
        send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (body ?? []))
    }
}

/// Log lines as JSON, kept for a test to read.
final class CollectedLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var logger: Logger {
        Logger(label: "test") { _ in Handler(lines: self) }
    }

    private struct Handler: LogHandler {
        let lines: CollectedLines
        var logLevel = Logger.Level.debug
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = metadata.merging(event.metadata ?? [:]) { $1 }
                .map { (name: $0.key, value: "\($0.value)") }.sorted { $0.name < $1.name }
            let line = StructuredLog.line(
                .json, at: .now, level: event.level.rawValue, message: "\(event.message)", fields: fields)
            lines.lines.withLock { $0.append(line) }
        }
    }
}

/// A log that is behind, or whose disk is full.
struct FailingSink: RecordSink {
    let error: any Error & Sendable
    func keep(_ records: [LogRecord]) async throws { throw error }
}

/// Holds each append until it is told to go on, and then hands it to the log.
actor HeldSink: RecordSink {
    private nonisolated let log = Mutex<(any RecordSink)?>(nil)
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var arrivals: [CheckedContinuation<Void, Never>] = []
    private var isOpen = false

    /// Stands before a sink.
    nonisolated func wrap(_ sink: inout any RecordSink) {
        let inner = sink
        log.withLock { $0 = inner }
        sink = self
    }

    func keep(_ records: [LogRecord]) async throws {
        if !isOpen {
            await withCheckedContinuation { continuation in
                waiting.append(continuation)
                for arrival in arrivals { arrival.resume() }
                arrivals = []
            }
        }
        try await log.withLock { $0 }?.keep(records)
    }

    /// Returns when an append is held.
    func arrival() async {
        if waiting.isEmpty { await withCheckedContinuation { arrivals.append($0) } }
    }

    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}

/// Receives and remembers; for routes to other parts' receivers.
final class EchoReceiver: Receiver {
    let seen = Mutex<[ReceivedRequest]>([])

    func receive(_ request: ReceivedRequest) async -> ReceiverAnswer {
        seen.withLock { $0.append(request) }
        return ReceiverAnswer(
            status: .ok, headers: [.contentType: "application/json"], body: request.body, records: 2)
    }
}

/// A clock that stands until it is moved.
final class TestClock: Sendable {
    private let time = Mutex(Duration.seconds(1_000))

    var uptime: Duration { time.withLock { $0 } }

    func advance(bySeconds seconds: Int64) { time.withLock { $0 += .seconds(seconds) } }
}

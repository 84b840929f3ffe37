import DuckDB
import EventLog
import Foundation
import Lake
import Primitives
import Simulation
import Synchronization

@testable import Ingest

/// A lake and a log in a temporary folder, and the means to fill the log.
final class LiveFixture: Sendable {
    let folder = TemporaryFolder()
    let home: HomeDirectory
    let lake: EventLake
    /// What the drain said.
    let batches = Mutex<[DrainedBatch]>([])
    let warnings = Mutex<[Failure]>([])

    init(remembering: Int = 0) async throws {
        home = HomeDirectory(path: folder.path + "/home")
        lake = try EventLake(home: home, options: .live, remembering: remembering)
        try await lake.create()
    }

    /// The log, numbering on from the lake's offset.
    func openLog(segmentBytes: Int = 64 << 20) async throws -> EventLog {
        var options = LogOptions()
        options.segmentBytes = segmentBytes
        options.startingOffset = try await lake.committedOffset()
        return try await EventLog.open(home.log.path, options)
    }

    func drain(_ log: EventLog, _ policy: DrainPolicy = DrainPolicy()) -> LogDrain {
        LogDrain(
            log, into: lake, policy, onBatch: { batch in self.batches.withLock { $0.append(batch) } },
            onWarning: { warning in self.warnings.withLock { $0.append(warning) } })
    }

    /// Appends events to the log and brings them into the lake.
    func commit(_ bodies: some Collection<String>, through log: EventLog) async throws {
        try await log.append(bodies.map { logged($0) })
        try await drain(log).run(until: log.durableEnd)
    }

    /// The counts that matter: rows and distinct identities of `events`.
    func events() async throws -> [Int64?] {
        try await rows("SELECT count(*), count(DISTINCT event_id) FROM \(try await lake.eventsRelation())")[0]
            .map(\.integer)
    }

    func rows(_ sql: String) async throws -> [[Value]] {
        let connection = try lake.makeConnection()
        try await connection.execute("SET TimeZone = 'UTC'")
        return try await connection.rows(sql)
    }

    /// How many rows `messages` has as readers see it, how many of them are not what SQL makes of all events, and how
    /// many of those are missing.
    func messagesThatDiffer() async throws -> [Int64?] {
        let expected = MessagesModel.withState(
            MessagesModel.aggregate(events: try await lake.eventsRelation()))
        let connection = try lake.makeConnection()
        try await connection.execute("SET TimeZone = 'UTC'")
        try await connection.execute("CREATE OR REPLACE TEMP TABLE expected AS \(expected)")
        try await connection.execute(
            "CREATE OR REPLACE TEMP TABLE found AS SELECT * FROM \(try await lake.messagesRelation())")
        return try await connection.rows(
            """
            SELECT (SELECT count(*) FROM found), (SELECT count(*) FROM (FROM found EXCEPT ALL FROM expected)),
              (SELECT count(*) FROM (FROM expected EXCEPT ALL FROM found))
            """)[0].map(\.integer)
    }
}

/// A record of the log with this body.
func logged(
    _ body: String, request: String? = "r-1", _ attributes: [LogAttribute] = [], source: String = "main"
) -> LogRecord {
    LogRecord(
        receivedAt: Timestamp(microseconds: 1_795_000_000_123_456), source: source,
        origin: (request.map { [LogAttribute("request_id", $0)] } ?? []) + attributes, body: Array(body.utf8))
}

/// An open of a message, a second after the other.
func openEvent(_ number: Int, message: String = "m-1") -> String {
    let time = Timestamp(microseconds: 1_785_578_400_000_000 + Int64(number) * 1_000_000).iso8601
    return #"{"eventType":"Open","mail":{"messageId":"\#(message)","timestamp":"2026-08-01T10:00:00Z","#
        + #""source":"a@b.example","destination":["x@y.example"]},"open":{"timestamp":"\#(time)"}}"#
}

/// Simulated events, a line each, some of them twice.
func traffic(_ messages: Int, seed: UInt64, days: Int = 12) throws -> [String] {
    let options = SimulationOptions(
        messages: messages, days: days, seed: seed, duplicates: 0.05, outOfOrder: 0.1)
    var simulator = try TrafficSimulator(options)
    var bytes: [UInt8] = []
    _ = try simulator.run { bytes.append(contentsOf: $0) }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
}

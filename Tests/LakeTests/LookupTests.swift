import DuckDB
import Foundation
import Primitives
import Testing

@testable import Lake
@testable import SESEvents

/// A lake in a temporary folder that events are put into by SQL.
final class TestLake: Sendable {
    let folder = NSTemporaryDirectory() + "lake-\(UUID().uuidString)"
    let lake: EventLake
    let connection: Connection

    init() async throws {
        lake = try EventLake(home: HomeDirectory(path: folder))
        try await lake.create()
        connection = try lake.makeConnection()
        try await connection.execute("SET TimeZone = 'UTC'")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Commits events; `messages` does not follow by itself.
    func commit(_ events: TestEvent...) async throws {
        let stage = try EventStage()
        for event in events { stage.append(Self.record(event)) }
        let fresh = try await lake.fresh([stage.keys])
        try await lake.commit(fresh, [stage.encode(fresh.places[0], by: fresh.unit)])
    }

    private static func record(_ event: TestEvent) -> EventRecord {
        let record = EventRecord()
        record.identity = UInt128.random(in: 1 ... .max)
        let digits = String(record.identity, radix: 16)
        var texts: [EventColumn: String] = [
            .eventID: String(repeating: "0", count: 32 - digits.count) + digits, .eventType: event.type,
            .messageID: event.message, .recipient: event.recipient,
        ]
        for column in EventColumn.allCases { texts[column] = event.more[column.name] ?? texts[column] }
        for (column, text) in texts where column.kind == .text { record.set(column, copying: text.utf8) }
        record.set(.eventAt, Timestamp(parsing: event.at)?.microseconds ?? 0)
        record.set(.sentAt, Timestamp(parsing: event.sent)?.microseconds ?? 0)
        record.set(.isNotification, false)
        if let flag = texts[.isMachine] { record.set(.isMachine, flag == "true") }
        let recipient = record.appendItems(count: 1)
        record.setItem(recipient.start, record.copyToArena(event.recipient.utf8))
        record.set(.recipients, recipient)
        record.set(.destination, recipient)
        return record
    }
}

/// An event with the columns that a test looks at.
struct TestEvent {
    var type: String
    var at: String
    var message = "message-1"
    var sent = "2026-08-01 12:00:00"
    var recipient = "Ann@example.com"
    var more: [String: String] = [:]
}

@Suite("Looking up messages")
struct LookupTests {
    private let lake: TestLake

    init() async throws { lake = try await TestLake() }

    private let send = TestEvent(type: "Send", at: "2026-08-01 12:00:00")
    private let delivery = TestEvent(
        type: "Delivery", at: "2026-08-01 12:00:02", more: ["delivery_smtp_response": "250 ok"])
    private let click = TestEvent(
        type: "Click", at: "2026-08-03 09:00:00",
        more: ["link": "https://example.com/a", "client_name": "Chrome", "is_machine": "false"])

    @Test("an empty lake has neither messages nor journeys, and its relations have their columns")
    func empty() async throws {
        #expect(try await lake.lake.messages(to: "ann@example.com", limit: 5).isEmpty)
        #expect(try await lake.lake.journey(of: "message-1") == nil)
        #expect(try await lake.lake.recipients(like: "ann").isEmpty)
    }

    @Test("messages are as new as events, whether or not the derived table has followed")
    func freshMessages() async throws {
        try await lake.commit(send)
        #expect(try await lake.lake.messages(to: "ann@example.com", limit: 5).map(\.state) == ["sent"])
        try await lake.lake.updateMessages()
        try await lake.commit(delivery)
        #expect(try await lake.lake.messages(to: "ann@example.com", limit: 5).map(\.state) == ["delivered"])
        try await lake.commit(click)
        let merged = try await lake.lake.messages(to: "ann@example.com", limit: 5)
        #expect(merged.map(\.state) == ["clicked"])
        try await lake.lake.updateMessages()
        #expect(try await lake.lake.messages(to: "ann@example.com", limit: 5) == merged)
    }

    @Test("of messages sent on a day no other day's file is opened, and what came since is there")
    func messagesOfADay() async throws {
        let other = TestEvent(
            type: "Send", at: "2026-08-02 12:00:00", message: "message-2", sent: "2026-08-02 12:00:00")
        try await lake.commit(send, other)
        try await lake.lake.updateMessages()
        func found() async throws -> (files: Int, states: [Value]) {
            let sent = ColumnRange(
                "sent_at", from: .timestamp(try #require(Timestamp(parsing: "2026-08-01 11:00:00"))),
                through: .timestamp(try #require(Timestamp(parsing: "2026-08-01 13:00:00"))))
            let view = try await lake.lake.view(of: ["messages"], where: ["messages": [sent]])
            let messages = try #require(view.relations.first)
            let rows =
                messages.definition.map { "(\($0))" } ?? "read_parquet(\(SQL.list(messages.files)))"
            let states = try await lake.connection.rows(
                "SELECT furthest_state FROM \(rows) WHERE message_id = 'message-1'")
            return (messages.files.count, states.map { $0[0] })
        }
        let settled = try await found()
        #expect(settled.files == 1)
        #expect(settled.states == [.text("sent")])
        try await lake.commit(delivery)
        #expect(try await found().states == [.text("delivered")])
    }

    @Test("a recipient is found in any case, newest message first, and the limit holds")
    func recipient() async throws {
        try await lake.commit(
            send,
            TestEvent(
                type: "Send", at: "2026-08-02 12:00:00", message: "message-2", sent: "2026-08-02 12:00:00"))
        let found = try await lake.lake.messages(to: " ANN@Example.COM ", limit: 5)
        #expect(found.map(\.messageID) == ["message-2", "message-1"])
        #expect(
            try await lake.lake.messages(to: "ann@example.com", limit: 1).map(\.messageID) == ["message-2"])
    }

    @Test("the reason stands where a message did not arrive")
    func reasons() async throws {
        func event(_ type: String, _ message: String, _ more: [String: String]) -> TestEvent {
            TestEvent(type: type, at: "2026-08-01 12:00:09", message: message, more: more)
        }
        try await lake.commit(
            send, delivery,
            event(
                "Bounce", "b",
                ["bounce_type": "Permanent", "bounce_subtype": "General", "bounce_diagnostic": "550 no"]),
            event("Reject", "r", ["reject_reason": "Bad content"]),
            event("DeliveryDelay", "d", ["delay_type": "MailboxFull"]),
            event("Rendering Failure", "f", ["failure_template": "T", "failure_message": "no name"]))
        let found = try await lake.lake.messages(to: "ann@example.com", limit: 9)
        #expect(
            Dictionary(uniqueKeysWithValues: found.map { ($0.messageID, $0.reason) }) == [
                "message-1": nil, "b": "Permanent/General · 550 no", "r": "Bad content", "d": "MailboxFull",
                "f": "T: no name",
            ])
    }

    @Test(
        "an address that is not there is answered by those near to it",
        arguments: ["an@example.com", "ann@", "amn@example.com"])
    func similar(_ address: String) async throws {
        try await lake.commit(send)
        #expect(try await lake.lake.recipients(like: address) == ["ann@example.com"])
        #expect(try await lake.lake.recipients(like: "zoe@other.org").isEmpty)
    }

    @Test("a journey has every event of one message in order, and what each says")
    func journey() async throws {
        try await lake.commit(
            click, delivery, send, TestEvent(type: "Open", at: "2026-08-01 13:00:00", message: "other"))
        let journey = try #require(try await lake.lake.journey(of: "message-1"))
        #expect(journey.events.map(\.type) == ["Send", "Delivery", "Click"])
        #expect(journey.events.map(\.says) == [nil, "250 ok", "https://example.com/a · Chrome"])
        #expect(journey.events[2].isMachine == false)
        #expect(journey.states == [.init(recipient: "ann@example.com", state: "clicked")])
    }

    @Test("a beginning of 8 characters or more is enough where it is one message's")
    func prefix() async throws {
        var twin = send
        twin.message = "message-2x"
        try await lake.commit(send, twin)
        #expect(try await lake.lake.journey(of: "message-2")?.messageID == "message-2x")
        #expect(try await lake.lake.journey(of: "message-1")?.messageID == "message-1")
        #expect(try await lake.lake.journey(of: "message") == nil)
        let failure = await #expect(throws: Failure.self) { try await lake.lake.journey(of: "message-") }
        #expect(failure?.kind == .usage)
    }

    @Test("an id of SES says when it was sent, also inside a Message-ID header; other ids do not")
    func hint() {
        let id = "0102019fa2916551-a77f52bd-fd97-465d-9597-876f94bd8aa9-000000"
        #expect(MessageIDHint(id).sentAt?.iso8601 == "2026-07-27T07:54:25.489Z")
        #expect(MessageIDHint("<\(id)@eu-west-1.amazonses.com>").text == id)
        #expect(MessageIDHint("25491b38-bbef-4af0-9c0b-a92262b3bd3c").sentAt == nil)
        #expect(MessageIDHint("0102ffffffffffff-a").sentAt == nil)
    }

    @Test("only days from an hour before the send time to 61 days after it are read, unless the id misleads")
    func pruning() async throws {
        let id = "0102019fa2916551-a77f52bd-000000"
        var event = TestEvent(
            type: "Send", at: "2026-07-27 07:54:25", message: id, sent: "2026-07-27 07:54:25")
        try await lake.commit(event)
        event.at = "2026-12-01 00:00:00"
        event.type = "Open"
        try await lake.commit(event)
        let files = try await lake.lake.events.snapshot().files(where: MessageIDHint(id).ranges(byTime: true))
        #expect(files.map(\.path).allSatisfy { $0.contains("month=07") } && files.count == 1)
        // The id of this one says 2026-07; its events are a year older.
        let liar = TestEvent(
            type: "Send", at: "2025-08-01 12:00:00", message: "0102019fa2916551-b",
            sent: "2025-08-01 12:00:00")
        try await lake.commit(liar)
        #expect(try await lake.lake.journey(of: liar.message)?.events.count == 1)
    }
}

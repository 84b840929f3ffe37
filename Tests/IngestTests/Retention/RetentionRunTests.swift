import DuckDB
import Foundation
import Lake
import Primitives
import TestSupport
import Testing

@testable import Ingest

@Suite("Retention")
struct RetentionRunTests {
    private let counts = """
        SELECT CAST(event_at AS DATE), event_type, configuration_set, recipient_domain, count(*),
        count(DISTINCT lower(recipient)), sum(len(destination)), count(DISTINCT user_agent), min(subject) FROM %@
        GROUP BY ALL ORDER BY ALL
        """

    private func counts(_ fixture: LiveFixture, where condition: String = "true") async throws -> [String] {
        let relation = "(SELECT * FROM \(try await fixture.lake.eventsRelation()) WHERE \(condition))"
        return try await fixture.rows(counts.replacingOccurrences(of: "%@", with: relation)).map(
            \.description)
    }

    /// Rows of a table of days before a day that have an address that is neither a pseudonym nor a sender's.
    private func named(_ column: String, in relation: String, before: CivilDay, _ fixture: LiveFixture)
        async throws
        -> Int64?
    {
        try await fixture.rows(
            """
            SELECT count(*) FROM \(relation) WHERE \(column) < make_timestamptz(\(before.start.microseconds))
            AND recipient IS NOT NULL AND NOT regexp_full_match(recipient, 'h:[0-9a-f]{16}@.*')
            """)[0][0].integer
    }

    // MARK: Making anonymous

    @Test("counts stay, nobody is named, and what comes again is known", arguments: 0..<3)
    func anonymity(seed: Int) async throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = try await LiveFixture()
        let file = try await fixture.importTraffic(100, seed: seed)
        let before = try await counts(fixture)
        let horizon = try #require(try await fixture.days().randomElement(using: &generator))
        let people = try await fixture.rows(
            "SELECT DISTINCT unnest(destination) FROM \(try await fixture.lake.eventsRelation())"
        ).compactMap { $0[0].text }

        try await fixture.retain(RetentionHorizons(anonymity: horizon))
        let (events, messages) = (
            try await fixture.lake.eventsRelation(), try await fixture.lake.messagesRelation()
        )
        #expect(try await counts(fixture) == before)
        #expect(try await named("event_at", in: events, before: horizon, fixture) == 0)
        #expect(try await named("sent_at", in: messages, before: horizon, fixture) == 0)
        #expect(try await fixture.lake.verify() == [])
        #expect(
            try await fixture.rows(
                "SELECT count(*) - count(DISTINCT (message_id, recipient)) FROM \(messages)")[0][0].integer
                == 0)
        #expect(
            try await fixture.rows(
                "SELECT count(*) FROM \(events) WHERE ip_address IS NOT NULL AND event_at < make_timestamptz(\(horizon.start.microseconds)) AND NOT regexp_full_match(ip_address, '[0-9.]+[.]0|[0-9a-f:]+::')"
            )[0][0].integer == 0)

        let rows = try await fixture.eventRows(without: "source_name")
        #expect(try await EventImporter(fixture.lake).run(try InputPaths.expand([file])).0.events == 0)
        #expect(try await fixture.eventRows(without: "source_name") == rows)

        // Everybody who had no mail since then is nowhere.
        let late = Set(
            try await fixture.rows(
                "SELECT DISTINCT unnest(destination) FROM \(events) WHERE event_at >= make_timestamptz(\(horizon.start.microseconds))"
            ).compactMap { $0[0].text })
        let raw = try fixture.rawText()
        for person in people where !late.contains(person) { #expect(!raw.contains(person)) }
        _ = try await EventImporter(fixture.lake).rebuild()
        #expect(try await fixture.eventRows(without: "source_name") == rows)
        #expect(try await counts(fixture) == before)
    }

    @Test("events that come in when they are old are the same as those that were there", arguments: 0..<3)
    func onTheWayIn(seed: Int) async throws {
        let (there, late) = (try await LiveFixture(), try await LiveFixture())
        _ = try there.lake.anonymiser()
        try FileManager.default.copyItem(
            atPath: there.home.url.path + "/secrets", toPath: late.home.url.path + "/secrets")
        _ = try await there.importTraffic(120, seed: seed)
        let horizon = try #require(try await there.days().dropFirst(2).first)
        try await late.retain(RetentionHorizons(anonymity: horizon))
        _ = try await late.importTraffic(120, seed: seed)
        try await there.retain(RetentionHorizons(anonymity: horizon))
        #expect(try await late.eventRows() == there.eventRows())
        for fixture in [there, late] {
            #expect(try await fixture.lake.verify() == [])
        }
        let messages = "SELECT t::VARCHAR FROM %@ AS t ORDER BY 1"
        let (one, other) = (
            try await there.rows(
                messages.replacingOccurrences(of: "%@", with: there.lake.messagesRelation())),
            try await late.rows(messages.replacingOccurrences(of: "%@", with: late.lake.messagesRelation()))
        )
        #expect(one == other)
        _ = try await EventImporter(there.lake).rebuild()
        #expect(
            try await there.rows(messages.replacingOccurrences(of: "%@", with: there.lake.messagesRelation()))
                == one)
    }

    @Test("two readers of one network at one moment are still two")
    func twins() async throws {
        let fixture = try await LiveFixture()
        func open(_ address: String) -> String {
            #"{"eventType":"Open","mail":{"messageId":"m","timestamp":"2026-08-01T10:00:00Z","source":"s@b.example","#
                + #""destination":["x@y.example"]},"open":{"timestamp":"2026-08-01T11:00:00Z","ipAddress":"\#(address)","userAgent":"a"}}"#
        }
        let lines = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map(open).joined(separator: "\n")
        let file = try fixture.folder.write("a.ndjson", Array(lines.utf8))
        _ = try await EventImporter(fixture.lake).run(try InputPaths.expand([file]))
        try await fixture.retain(RetentionHorizons(anonymity: CivilDay(iso8601: "2026-08-02")))
        #expect(try await fixture.events() == [3, 3])
        #expect(try await fixture.lake.verify() == [])
        #expect(try await EventImporter(fixture.lake).run(try InputPaths.expand([file])).0.events == 0)
        #expect(
            try await fixture.rows("SELECT open_count FROM \(try await fixture.lake.messagesRelation())")[0][
                0
            ].integer == 3)
    }

    @Test("an open of an old message finds the message's row")
    func lateOpen() async throws {
        let fixture = try await LiveFixture()
        func event(_ type: String, _ details: String) -> String {
            #"{"eventType":"\#(type)","mail":{"messageId":"m","timestamp":"2026-08-01T10:00:00Z","source":"s@b.example","#
                + #""destination":["Ann@y.example"],"commonHeaders":{"subject":"For ann@y.example"}},\#(details)}"#
        }
        let send = try fixture.folder.write("a.ndjson", Array(event("Send", #""send":{}"#).utf8))
        let open = try fixture.folder.write(
            "b.ndjson",
            Array(event("Open", #""open":{"timestamp":"2026-09-01T10:00:00Z","ipAddress":"192.0.2.7"}"#).utf8)
        )
        _ = try await EventImporter(fixture.lake).run(try InputPaths.expand([send]))
        try await fixture.retain(RetentionHorizons(anonymity: CivilDay(iso8601: "2026-08-15")))
        _ = try await EventImporter(fixture.lake).run(try InputPaths.expand([open]))
        let found = try await fixture.rows(
            "SELECT recipient, send_count, open_count, subject FROM \(try await fixture.lake.messagesRelation())"
        )
        #expect(found.count == 1 && found[0][1].integer == 1 && found[0][2].integer == 1)
        #expect(found[0][0].text?.hasPrefix("h:") == true && found[0][3].text?.contains("ann@") == false)
        #expect(
            try await fixture.rows(
                "SELECT count(*) FROM \(try await fixture.lake.eventsRelation()) WHERE recipient = 'Ann@y.example'"
            )[0][0].integer == 1)
        _ = try await EventImporter(fixture.lake).rebuild()
        #expect(
            try await fixture.rows(
                "SELECT recipient, send_count, open_count, subject FROM \(try await fixture.lake.messagesRelation())"
            ) == found)
    }

    @Test("somebody who was made anonymous can still be erased, and does not come back")
    func erasedLater() async throws {
        let fixture = try await LiveFixture()
        let file = try await fixture.importTraffic(60, seed: 5)
        let people = try await fixture.rows(
            "SELECT lower(recipient) FROM \(try await fixture.lake.eventsRelation()) WHERE recipient IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1"
        ).compactMap { $0[0].text }
        let person = try #require(people.first)
        let before = try await fixture.rows(
            "SELECT count(*) FROM \(try await fixture.lake.eventsRelation()) WHERE lower(recipient) = '\(person)'"
        )
        let days = try await fixture.days()
        try await fixture.retain(RetentionHorizons(anonymity: days[3]))
        let erasure = try fixture.lake.erasures.begin(person, reason: "test", actor: "test")
        let eraser = Eraser(fixture.lake)
        _ = try eraser.finish(try await eraser.run(erasure, log: nil))
        func erased() async throws -> [[Value]] {
            try await fixture.rows(
                "SELECT count(*) FROM \(try await fixture.lake.eventsRelation()) WHERE recipient = '\(erasure.token)'"
            )
        }
        #expect(try await erased() == before)
        #expect(try await EventImporter(fixture.lake).run(try InputPaths.expand([file])).0.events == 0)
        try await fixture.retain(RetentionHorizons(anonymity: days.last))
        #expect(try await erased() == before)
        #expect(try await EventImporter(fixture.lake).run(try InputPaths.expand([file])).0.events == 0)
        #expect(try await fixture.lake.verify() == [])
    }

    // MARK: Deleting

    @Test("whole days of events go, messages with their last event, and the rest stays", arguments: 0..<3)
    func deletion(seed: Int) async throws {
        let fixture = try await LiveFixture()
        _ = try await fixture.importTraffic(120, seed: seed)
        let horizon = try #require(try await fixture.days().dropFirst(3).first)
        let time = "make_timestamptz(\(horizon.start.microseconds))"
        let expected = try await counts(fixture, where: "event_at >= \(time)")
        let messages = try await fixture.rows(
            "SELECT t::VARCHAR FROM \(try await fixture.lake.messagesRelation()) AS t WHERE last_event_at >= \(time) ORDER BY 1"
        )
        let horizons = RetentionHorizons(deletion: [.events: horizon, .messages: horizon])
        let findings = try await RetentionRun.findings(fixture.lake, horizons)
        let report = try await fixture.retain(horizons)
        #expect(report.changes == findings)
        #expect(report.changes.map(\.table) == ["events", "messages"])
        #expect(try await counts(fixture) == expected)
        #expect(
            try await fixture.rows(
                "SELECT t::VARCHAR FROM \(try await fixture.lake.messagesRelation()) AS t ORDER BY 1")
                == messages)
        #expect(try await fixture.lake.verify() == [])
        #expect(try await fixture.retain(horizons).changes == [])
    }

    @Test("refused records and raw bytes go by the day of their receipt, and a rebuild is refused then")
    func received() async throws {
        let fixture = try await LiveFixture()
        let file = try fixture.folder.write("a.ndjson", Array("{\"x\":1}\n\(openEvent(1))\n".utf8))
        _ = try await EventImporter(fixture.lake).run(try InputPaths.expand([file]))
        let today = Timestamp.now.day
        func horizon(_ days: Int) -> RetentionHorizons {
            let day = CivilDay(daysSinceEpoch: today.daysSinceEpoch + days)
            return RetentionHorizons(deletion: [.raw: day, .refused: day])
        }
        #expect(try await fixture.retain(horizon(0)).changes == [])
        _ = try await EventImporter(fixture.lake).rebuild()
        #expect(try await fixture.retain(horizon(1)).changes.map(\.table) == ["refused"])
        #expect(try await fixture.retain(horizon(2)).changes.map(\.table) == ["raw"])
        #expect(RawFiles.all(in: fixture.home.raw).isEmpty)
        await #expect(throws: Failure.self) { try await EventImporter(fixture.lake).rebuild() }
        #expect(try await fixture.events() == [1, 1])
    }

    // MARK: Raw

    @Test("raw records lose their names when their events are old, others when they were received long ago")
    func raw() async throws {
        let fixture = try await LiveFixture()
        let old = openEvent(1).replacing("x@y.example", with: "old@y.example")
        let young = openEvent(2).replacing("x@y.example", with: "young@y.example")
            .replacing("2026-08-01", with: "2026-09-01")
        let sns = { (event: String) in
            #"{"Type":"Notification","MessageId":"1","TopicArn":"arn:aws:sns:eu-west-1:1:t","Message":"\#(event.replacing("\"", with: "\\\""))"}"#
        }
        let lines = [
            old, young, sns(old.replacing("old@", with: "older@").replacing("m-1", with: "m-2")),
            #"{"who":"nobody@y.example"}"#, "about text@y.example", young + old.replacing("m-1", with: "m-3"),
        ]
        let file = try fixture.folder.write(
            "of-file@y.example.ndjson", Array(lines.joined(separator: "\n").utf8))
        _ = try await EventImporter(fixture.lake).run(try InputPaths.expand([file]))
        try await fixture.retain(RetentionHorizons(anonymity: CivilDay(iso8601: "2026-08-15")))
        let raw = try fixture.rawText()
        for word in ["old@", "older@", "of-file@"] { #expect(!raw.contains(word), "\(word)") }
        for word in ["young@", "nobody@", "text@"] { #expect(raw.contains(word), "\(word)") }

        let next = try fixture.lake.retention.rawAges().values.compactMap(\.oldest)
        #expect(next.map { Timestamp(microseconds: $0).day.iso8601 } == ["2026-09-01"])
        let later = CivilDay(daysSinceEpoch: Timestamp.now.day.daysSinceEpoch + 1)
        try await fixture.retain(RetentionHorizons(anonymity: later))
        let rest = try fixture.rawText()
        for word in ["young@", "nobody@", "text@"] { #expect(!rest.contains(word), "\(word)") }
        #expect(try fixture.lake.retention.rawAges().values.allSatisfy { $0.oldest == nil })
        _ = try await EventImporter(fixture.lake).rebuild()
        #expect(try await fixture.events() == [4, 4])
    }

    @Test("an envelope of which some events are old is taken apart, and a rebuild gives the same events")
    func envelopes() async throws {
        let fixture = try await LiveFixture()
        let old = openEvent(1, message: "m-old").replacing("x@y.example", with: "old@y.example")
        let young = openEvent(2, message: "m-young").replacing("x@y.example", with: "young@y.example")
            .replacing("2026-08-01", with: "2026-09-01")
        let records = [old, young].map { #"{"data":"\#(Data($0.utf8).base64EncodedString())"}"# }
        let firehose = #"{"requestId":"r","timestamp":1,"records":[\#(records.joined(separator: ","))]}"#
        let bus =
            #"{"version":"0","id":"1","detail-type":"Email Opened","source":"aws.ses","account":"111122223333","#
            + #""region":"eu-west-1","time":"2026-09-01T00:00:00Z","resources":[],"detail":\#(young.replacing("m-young", with: "m-bus"))}"#
        let file = try fixture.folder.write("a.ndjson", Array("\(firehose)\n\(bus)\n".utf8))
        _ = try await EventImporter(fixture.lake).run(try InputPaths.expand([file]))
        try await fixture.retain(RetentionHorizons(anonymity: CivilDay(iso8601: "2026-08-15")))
        let rows = try await fixture.eventRows(without: "source_name")
        let raw = try fixture.rawText()
        let hidden = Data("old@y.example".utf8).base64EncodedString()
        #expect(!raw.contains("old@") && !raw.contains(hidden) && raw.contains("young@"))
        _ = try await EventImporter(fixture.lake).rebuild()
        #expect(try await fixture.eventRows(without: "source_name") == rows)
        #expect(try await EventImporter(fixture.lake).run(try InputPaths.expand([file])).0.events == 0)
        try await fixture.retain(RetentionHorizons(anonymity: CivilDay(iso8601: "2026-09-15")))
        #expect(try !fixture.rawText().contains("young@"))
    }
}

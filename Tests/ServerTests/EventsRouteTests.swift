import ControlPlane
import EventLog
import Foundation
import Primitives
import Testing

@testable import Server

@Suite("POST /v1/events")
struct EventsRouteTests {
    private let events = Array(#"{"eventType":"Send","mail":{}}\#n{"eventType":"Open","mail":{}}"#.utf8)

    @Test("an acknowledged body is found in the log when it is opened again")
    func durable() async throws {
        let kept = TemporaryFolder()
        try await ServerFixture.run { server in
            let answer = try await server.post(
                events, token: server.token(), headers: ["Idempotency-Key: batch-7"])
            #expect(answer.status == 200)
            #expect(answer.json["accepted"] as? Int == events.count)
            let id = try #require(answer.json["request_id"] as? String)
            #expect(answer.headers["x-request-id"] == id)
            await server.log.close()
            try FileManager.default.copyItem(atPath: server.logFolder, toPath: kept.path + "/log")
            let log = try await EventLog.open(kept.path + "/log")
            let record = try #require(try await log.makeReader().read(from: 0).first?.record)
            #expect(record.body == events)
            #expect(record.source == "api")
            #expect(
                record.origin == [
                    LogAttribute("request_id", id), LogAttribute("idempotency_key", "batch-7"),
                ])
            await log.close()
        }
    }

    @Test("a source's own token names the source, by either path")
    func sourceToken() async throws {
        try await ServerFixture.run { server in
            let created = try await server.control.addSource("shop", settings: .http, by: ServerFixture.actor)
            let secret = try #require(created.secret).text
            for path in ["/v1/events", "/v1/events?source=shop", "/ingest/http/shop"] {
                #expect(try await server.post(events, token: secret, path: path).status == 200, "\(path)")
            }
            #expect(try await server.records().map(\.source) == ["shop", "shop", "shop"])
        }
    }

    @Test("a source's token opens no other source, and a source that is not there looks the same")
    func otherSource() async throws {
        try await ServerFixture.run { server in
            let shop = try await server.control.addSource("shop", settings: .http, by: ServerFixture.actor)
            _ = try await server.control.addSource("blog", settings: .http, by: ServerFixture.actor)
            let secret = try #require(shop.secret).text
            let other = try await server.post(events, token: secret, path: "/ingest/http/blog")
            let none = try await server.post(events, token: secret, path: "/ingest/http/none")
            #expect(other.status == 401 && none.status == 401)
            #expect(other.json["detail"] as? String == none.json["detail"] as? String)
            #expect(server.log.durableEnd == 0)
        }
    }

    @Test("an API token may name a source; one that is paused or not there is refused")
    func namedSource() async throws {
        try await ServerFixture.run { server in
            _ = try await server.control.addSource("shop", settings: .http, by: ServerFixture.actor)
            let token = try await server.token()
            #expect(try await server.post(events, token: token, path: "/v1/events?source=shop").status == 200)
            #expect(try await server.records().map(\.source) == ["shop"])
            let missing = try await server.post(events, token: token, path: "/v1/events?source=none")
            #expect(missing.status == 404 && missing.code == "no-such-source")
            try await server.control.setSource("shop", paused: true, by: ServerFixture.actor)
            let paused = try await server.post(events, token: token, path: "/v1/events?source=shop")
            #expect(paused.status == 403 && paused.code == "source-paused")
        }
    }

    @Test("events in an array, one after the other and behind a byte order mark are taken as they are")
    func framings() async throws {
        let bodies = ["[{},{}]", "{}{}", " \r\n{}\n", "\u{FEFF}{}"]
        try await ServerFixture.run { server in
            let token = try await server.token()
            for body in bodies {
                #expect(try await server.post(Array(body.utf8), token: token).status == 200)
            }
            let kept = try await server.records().map { String(decoding: $0.body, as: UTF8.self) }
            #expect(kept.map { Array($0.utf8) } == bodies.map { Array($0.utf8) })
        }
    }

    @Test("what is no JSON is refused at once", arguments: ["", " \n", "eventType,mail", "<html>", "\u{0}"])
    func notJSON(_ body: String) async throws {
        try await ServerFixture.run { server in
            let answer = try await server.post(Array(body.utf8), token: server.token())
            #expect(answer.status == 400 && ["empty-body", "not-json"].contains(answer.code))
            #expect(answer.headers["content-type"] == "application/problem+json")
            #expect(server.log.durableEnd == 0)
        }
    }

    @Test("gzip and zstd are undone, also where no header tells of them")
    func compressed() async throws {
        let gzip = try compress(events, "gzip", "-c")
        let zstd = try compress(events, "zstd", "-c", "-q")
        try await ServerFixture.run { server in
            let token = try await server.token()
            for (body, header) in [(gzip, "gzip"), (zstd, "zstd"), (gzip, "identity"), (events, "gzip")] {
                let answer = try await server.post(
                    body, token: token, headers: ["Content-Encoding: \(header)"])
                #expect(answer.status == 200, "\(header): \(answer.text)")
            }
            #expect(try await server.records().allSatisfy { $0.body == events })
            let other = try await server.post(events, token: token, headers: ["Content-Encoding: br"])
            #expect(other.status == 415 && other.code == "unsupported-encoding")
            let cut = try await server.post(
                gzip.dropLast(9), token: token, headers: ["Content-Encoding: gzip"])
            #expect(cut.status == 400 && cut.code == "unreadable")
        }
    }

    @Test("a gzip bomb is refused before it is unpacked")
    func bomb() async throws {
        var configuration = ServerConfiguration()
        configuration.maximumIngestBody = 1 << 20
        configuration.maximumBodyMemory = 2 << 20
        let bomb = try compress([UInt8](repeating: 0x20, count: 200 << 20), "gzip", "-c", "-1")
        try await ServerFixture.run(configuration) { server in
            let answer = try await server.post(
                bomb, token: server.token(), headers: ["Content-Encoding: gzip"])
            #expect(answer.status == 413 && answer.code == "decoded-body-too-large")
            #expect(server.log.durableEnd == 0)
        }
    }

    @Test("an Idempotency-Key that is too long is refused")
    func idempotencyKey() async throws {
        try await ServerFixture.run { server in
            let long = String(repeating: "k", count: 256)
            let answer = try await server.post(
                events, token: server.token(), headers: ["Idempotency-Key: \(long)"])
            #expect(answer.status == 400 && answer.code == "bad-idempotency-key")
        }
    }

    @Test("a log that is behind is 503 with the time to wait")
    func overloaded() async throws {
        try await ServerFixture.run(
            change: { $0.sink = FailingSink(error: LogError.overloaded(retryAfterSeconds: 7)) }
        ) { server in
            let answer = try await server.post(events, token: server.token())
            #expect(answer.status == 503 && answer.code == "overloaded")
            #expect(answer.headers["retry-after"] == "7")
        }
    }

    @Test("a full disk is 503; its path goes to the log and not to the sender")
    func fullDisk() async throws {
        let failure = Failure(.storage, "cannot write /srv/secret/log/0.log: no space left on device")
        try await ServerFixture.run(change: { $0.sink = FailingSink(error: failure) }) { server in
            let answer = try await server.post(events, token: server.token())
            #expect(answer.status == 503 && answer.code == "storage")
            #expect(answer.headers["retry-after"] != nil)
            #expect(!answer.text.contains("/srv"))
            #expect(server.logLines.all.contains { $0.contains("error") && $0.contains("/srv/secret") })
        }
    }

    @Test("an error that nobody foresaw is 500 without its text")
    func unforeseen() async throws {
        struct Strange: Error { let secret = "the-inside" }
        try await ServerFixture.run(change: { $0.sink = FailingSink(error: Strange()) }) { server in
            let answer = try await server.post(events, token: server.token())
            #expect(answer.status == 500 && answer.code == "internal")
            #expect(!answer.text.contains("the-inside"))
        }
    }
}

/// Bytes as a tool of the system compresses them.
func compress(_ bytes: [UInt8], _ command: String...) throws -> [UInt8] {
    let folder = TemporaryFolder()
    let input = URL(filePath: folder.path + "/input")
    try Data(bytes).write(to: input)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.standardInput = try FileHandle(forReadingFrom: input)
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Array(data)
}

import EventLog
import Foundation
import HTTPTypes
import Primitives
import Testing

@testable import Server

@Suite("HTTP")
struct HTTPTests {
    private let events = Array("{}".utf8)

    @Test("what leads nowhere is 404, a wrong method 405 with those that are right")
    func unknown() async throws {
        try await ServerFixture.run { server in
            for path in [
                "/nothing", "/v1/events/", "//v1/events", "/v1/%65vents", "/ingest/sns/shop", "/../health",
                "/",
            ] {
                let answer = try await server.request("POST", path, body: events)
                #expect(answer.status == 404 && answer.code == "not-found", "\(path)")
                #expect(answer.headers["content-type"] == "application/problem+json")
                #expect(answer.json["request_id"] as? String == answer.headers["x-request-id"])
                #expect(answer.json["type"] as? String == "urn:sesame:problem:not-found")
            }
            let wrong = try await server.request("GET", "/v1/events")
            #expect(wrong.status == 405 && wrong.headers["allow"] == "POST")
        }
    }

    @Test("HEAD is GET without its body")
    func head() async throws {
        try await ServerFixture.run { server in
            let client = try await server.connect()
            await client.send(request: "HEAD", "/health")
            let head = try await client.receive(ofHead: true)
            await client.send(request: "GET", "/health")
            let get = try await client.receive()
            #expect(head.status == 200 && head.headers["content-length"] == String(get.body.count))
            await client.close()
        }
    }

    @Test("a connection serves one request after the other, and several sent at once in order")
    func keepAlive() async throws {
        try await ServerFixture.run { server in
            let client = try await server.connect()
            let token = try await server.token()
            for _ in 0..<3 {
                await client.send(
                    request: "POST", "/v1/events", headers: ["Authorization: Bearer \(token)"], body: events)
                await client.send(request: "GET", "/health/live")
            }
            for _ in 0..<3 {
                #expect(try await client.receive().json["accepted"] as? Int == 2)
                #expect(try await client.receive().json["live"] as? Bool == true)
            }
            await client.close()
        }
    }

    @Test("a body larger than its limit is 413: by its length at once, in chunks when it gets there")
    func oversize() async throws {
        var configuration = ServerConfiguration()
        configuration.maximumIngestBody = 100_000
        try await ServerFixture.run(configuration) { server in
            let token = try await server.token()
            let head = "POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\n"
            let byLength = try await server.connect()
            await byLength.send(head + "Content-Length: 100001\r\n\r\n")
            let first = try await byLength.receive()
            #expect(
                first.status == 413 && first.code == "body-too-large"
                    && first.headers["connection"] == "close")
            await byLength.close()
            let chunked = try await server.connect()
            await chunked.send(head + "Transfer-Encoding: chunked\r\n\r\n")
            let chunk = "8000\r\n" + String(repeating: " ", count: 0x8000) + "\r\n"
            for _ in 0..<4 { await chunked.send(chunk) }
            let second = try await chunked.receive()
            #expect(second.status == 413 && second.headers["connection"] == "close")
            await chunked.close()
            #expect(server.log.durableEnd == 0)
        }
    }

    @Test("who sends a refused body to its end still gets the answer, and then the end of the connection")
    func lingering() async throws {
        var configuration = ServerConfiguration()
        configuration.maximumIngestBody = 100_000
        try await ServerFixture.run(configuration) { server in
            let client = try await server.connect()
            await client.send(
                request: "POST", "/v1/events", headers: ["Authorization: Bearer \(try await server.token())"],
                body: [UInt8](repeating: 0x20, count: 8 << 20))
            #expect(try await client.receive().status == 413)
            #expect(try await client.receiveAll().isEmpty)
            await client.close()
        }
    }

    @Test("Expect: 100-continue is told to go on")
    func expectContinue() async throws {
        try await ServerFixture.run { server in
            let client = try await server.connect()
            await client.send(
                "POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(try await server.token())\r\n"
                    + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            #expect(try await client.receive().status == 100)
            await client.send("{}")
            #expect(try await client.receive().status == 200)
            await client.close()
        }
    }

    @Test(
        "a request that two servers could read in two ways is refused, and its connection ends",
        arguments: [
            "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
            "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
            "Content-Length: 2\r\nContent-Length: 3\r\n", "Content-Length: 2, 2\r\n",
            "Content-Length: +2\r\n",
            "Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding: xchunked\r\n",
            "Transfer-Encoding : chunked\r\n", "X-A: b\rTransfer-Encoding: chunked\r\n", "X-A: b\u{0}c\r\n",
            " X-Folded: y\r\n", "X A: b\r\n",
        ])
    func smuggling(_ lines: String) async throws {
        try await ServerFixture.run { server in
            let client = try await server.connect()
            await client.send(
                "POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(try await server.token())\r\n\(lines)\r\n"
                    + "0\r\n\r\nGET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
            let all = String(decoding: try await client.receiveAll(), as: UTF8.self)
            #expect(all.hasPrefix("HTTP/1.1 400"), "\(all)")
            #expect(all.components(separatedBy: "HTTP/1.1 ").count == 2 && !all.contains("live"))
            #expect(server.log.durableEnd == 0)
            await client.close()
        }
    }

    @Test("heads beyond the limits are refused")
    func largeHeads() async throws {
        try await ServerFixture.run { server in
            let many = (0..<300).map { "X-\($0): y\r\n" }.joined()
            let long = "X-Long: " + String(repeating: "y", count: 20_000) + "\r\n"
            for lines in [many, long] {
                let client = try await server.connect()
                await client.send("GET /health/live HTTP/1.1\r\nHost: x\r\n\(lines)\r\n")
                #expect(
                    String(decoding: try await client.receiveAll(), as: UTF8.self).hasPrefix("HTTP/1.1 4"))
                await client.close()
            }
        }
    }

    @Test("text of a stranger does not become a header or a line of the log")
    func injection() async throws {
        try await ServerFixture.run { server in
            let answer = try await server.request(
                "GET", "/%0d%0aSet-Cookie:a=b", headers: ["X-Request-Id: forged"])
            #expect(answer.status == 404 && answer.headers["set-cookie"] == nil)
            #expect(answer.headers["x-request-id"] != "forged")
            #expect(server.logLines.all.allSatisfy { !$0.contains("Cookie") && !$0.contains("forged") })
        }
        let line = StructuredLog.line(
            .text, at: Timestamp(microseconds: 0), level: "info", message: "a\nb",
            fields: [("x", "c\r\nd"), ("y", "two words"), ("z", "plain")])
        #expect(line == #"1970-01-01T00:00:00.000Z info "a\nb" x="c\r\nd" y="two words" z=plain"#)
    }

    @Test("a log line has route, status, time, bytes, source, outcome and id, and nothing that was sent")
    func logLine() async throws {
        try await ServerFixture.run { server in
            let body = Array(#"{"mail":{"destination":["ada@example.net"]}}"#.utf8)
            let token = try await server.token()
            let answer = try await server.post(body, token: token, path: "/v1/events?who=ada@example.net")
            let line = try #require(server.logLines.all.first { $0.contains("v1/events") })
            let fields = try #require(
                JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
            #expect(fields["route"] == "POST /v1/events" && fields["status"] == "200")
            #expect(fields["bytes"] == String(body.count) && fields["source"] == "api")
            #expect(fields["outcome"] == "accepted" && fields["request_id"] == answer.headers["x-request-id"])
            #expect(fields["ms"].flatMap { Int($0) } != nil)
            #expect(!line.contains("ada") && !line.contains(token) && !line.contains("remote"))
        }
    }
}

@Suite("Memory for bodies")
struct BodyMemoryTests {
    @Test("is shared by all: who finds none is told to come back, and goes when bodies are done with")
    func budget() async throws {
        var configuration = ServerConfiguration()
        configuration.maximumBodyMemory = 1 << 20
        let registry = MetricRegistry()
        try await ServerFixture.run(configuration, change: { $0.registry = registry }) { server in
            let token = try await server.token()
            let hog = try await server.connect()
            await hog.send(
                "POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nContent-Length: 1048576\r\n\r\n"
            )
            await hog.send([UInt8](repeating: 0x20, count: 1_000_000))
            try await server.waitForBodyMemory { $0 == 1_000_000 }
            let refused = try await server.post([UInt8](repeating: 0x20, count: 100_000), token: token)
            #expect(refused.status == 503 && refused.code == "busy" && refused.headers["retry-after"] == "1")
            #expect(try await server.post(Array("{}".utf8), token: token).status == 200)
            await hog.abort()
            try await server.waitForBodyMemory { $0 == 0 }
            #expect(try await server.records().count == 1)
        }
    }

    @Test("a body that breaks off is not kept, however its end is told")
    func brokenOff() async throws {
        try await ServerFixture.run { server in
            let token = try await server.token()
            for (framing, start) in [
                ("Content-Length: 10", "{}"), ("Transfer-Encoding: chunked", "2\r\n{}\r\n"),
            ] {
                for isOrderly in [true, false] {
                    let client = try await server.connect()
                    await client.send(
                        "POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\n\(framing)\r\n\r\n\(start)"
                    )
                    try await server.waitForBodyMemory { $0 == 2 }
                    if isOrderly { await client.close() } else { await client.abort() }
                    try await server.waitForBodyMemory { $0 == 0 }
                }
            }
            #expect(server.log.durableEnd == 0)
        }
    }

    @Test("a body that does not come in time ends with its connection")
    func slowBody() async throws {
        var configuration = ServerConfiguration()
        configuration.bodyTimeout = 1
        try await ServerFixture.run(configuration) { server in
            let client = try await server.connect()
            await client.send(
                "POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(try await server.token())\r\n"
                    + "Content-Length: 10\r\n\r\n{}")
            _ = try? await client.receiveAll()
            try await server.waitForBodyMemory { $0 == 0 }
            #expect(server.log.durableEnd == 0)
        }
    }

    @Test("a head that does not become whole ends with its connection")
    func slowHead() async throws {
        var configuration = ServerConfiguration()
        configuration.idleTimeout = 1
        try await ServerFixture.run(configuration) { server in
            let client = try await server.connect()
            await client.send("GET /health/live HTTP/1.1\r\nX-")
            let rest = try? await client.receiveAll()
            #expect(rest.map { !String(decoding: $0, as: UTF8.self).contains("live") } ?? true)
            await client.close()
        }
    }

    @Test("a share gives back all that it took, also after an error")
    func shares() async throws {
        let budget = ByteBudget(limit: 10)
        await #expect(throws: HTTPProblem.self) {
            try await budget.withShare { share in
                try share.grow(by: 6)
                #expect(budget.used == 6)
                try share.grow(by: 5)
            }
        }
        #expect(budget.used == 0)
    }
}

extension ServerFixture {
    /// Asks the server how many bytes it holds until the number is right; each question is an answer of the server, so the
    /// waiting ends when the server is done, not after a time.
    func waitForBodyMemory(_ isRight: (Double) -> Bool) async throws {
        for _ in 0..<20_000 {
            let samples = try PrometheusText.samples(await request("GET", "/metrics").text)
            if isRight(samples["sesame_http_body_memory_bytes"] ?? -1) { return }
        }
        throw RawClient.Broken(what: "the body memory never became right")
    }
}

import Foundation
import HTTPTypes
import Synchronization
import Testing

@testable import Server

@Suite("Roads to receivers")
struct ReceiverRouteTests {
    @Test(
        "a receiver gets the request as it came: path, query, headers and body, and the source that the path names"
    )
    func byPath() async throws {
        let echo = EchoReceiver()
        try await ServerFixture.run(change: { $0.receivers = ["sns": echo] }) { server in
            let answer = try await server.request(
                "POST", "/ingest/sns/shop?a=%20b", headers: ["X-Thing: 1", "Content-Encoding: gzip"],
                body: [0x1f, 0x8b, 0])
            #expect(answer.status == 200 && answer.body == [0x1f, 0x8b, 0])
            let seen = try #require(echo.seen.withLock { $0.first })
            #expect(seen.method == .post && seen.path == "/ingest/sns/shop" && seen.query == "a=%20b")
            #expect(seen.authority == "localhost" && seen.sourceName == "shop")
            #expect(seen.headers[HTTPField.Name("X-Thing")!] == "1" && seen.remoteAddress == "127.0.0.1")
            #expect(try await server.request("GET", "/ingest/sns/shop").status == 200)
            #expect(server.logLines.all.contains { $0.contains(#""source":"shop""#) })
        }
    }

    @Test("names that are none and kinds that nobody receives are 404")
    func unknown() async throws {
        let echo = EchoReceiver()
        try await ServerFixture.run(change: { $0.receivers = ["sns": echo] }) { server in
            for path in [
                "/ingest/sns/a.b", "/ingest/sns/UP", "/ingest/s3/shop", "/ingest/sns/", "/ingest/sns",
            ] {
                let answer = try await server.request("POST", path, body: [])
                #expect(answer.status == 404, "\(path)")
            }
            #expect(echo.seen.withLock { $0.isEmpty })
        }
    }

    @Test("AWS's SDKs are served at the root, by the header that names their operation")
    func byTarget() async throws {
        let echo = EchoReceiver()
        try await ServerFixture.run(change: { $0.receivers = ["firehose-api": echo] }) { server in
            let target = "X-Amz-Target: Firehose_20150804.PutRecord"
            let named = try await server.request("POST", "/", headers: [target], body: Array("{}".utf8))
            let unnamed = try await server.request("POST", "/", body: Array("{}".utf8))
            #expect(named.status == 200 && unnamed.status == 404)
            #expect(echo.seen.withLock { $0.map(\.sourceName) } == [nil])
        }
    }
}

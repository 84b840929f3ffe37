import ControlPlane
import EventLog
import Foundation
import HTTPTypes
import Primitives
import Testing

@testable import Server

@Suite("Tokens")
struct AccessTests {
    private let events = Array("{}".utf8)

    @Test("without a token, with half a header or with two, the answer is 401 and says how")
    func missing() async throws {
        try await ServerFixture.run { server in
            let token = try await server.token()
            let headers = [
                [], ["Authorization: \(token)"], ["Authorization: Basic \(token)"], ["Authorization: Bearer"],
                ["Authorization: Bearer \(token)", "Authorization: Bearer \(token)"],
            ]
            for lines in headers {
                let answer = try await server.request("POST", "/v1/events", headers: lines, body: events)
                #expect(answer.status == 401 && answer.code == "unauthorized")
                #expect(answer.headers["www-authenticate"] == "Bearer realm=\"sesame\"")
            }
            #expect(server.log.durableEnd == 0)
        }
    }

    @Test("unknown, expired and revoked tokens are 401; the wrong scope is 403")
    func wrong() async throws {
        try await ServerFixture.run { server in
            let past = Timestamp(microseconds: Timestamp.now.microseconds - 1)
            let expired = try await server.token(expiresAt: past)
            let (secret, token) = try await server.control.addToken(
                "x", scopes: [.ingest], by: ServerFixture.actor)
            try await server.control.revokeToken(token.id, by: ServerFixture.actor)
            for text in [
                Secret.generate(.api).text, Secret.generate(.ingest).text, "nonsense", expired, secret.text,
            ] {
                #expect(try await server.post(events, token: text).status == 401)
            }
            let reader = try await server.post(events, token: server.token([.read, .admin]))
            #expect(reader.status == 403 && reader.code == "insufficient-scope")
            #expect(server.log.durableEnd == 0)
        }
    }

    @Test("a token of another workspace is refused")
    func otherWorkspace() async throws {
        try await ServerFixture.run { server in
            try await server.control.addWorkspace("other", by: ServerFixture.actor)
            let (secret, _) = try await server.control.addToken(
                "x", scopes: [.ingest], workspace: "other", by: ServerFixture.actor)
            let answer = try await server.post(events, token: secret.text)
            #expect(answer.status == 403 && answer.code == "other-workspace")
        }
    }

    @Test(
        "after too many wrong tokens an address waits, even with the right one; the log names the address, never a token"
    )
    func limiter() async throws {
        let limiter = FailureLimiter(burst: 3, interval: 60)
        try await ServerFixture.run(change: { $0.gate = FailureGate(limiter) }) { server in
            let good = try await server.token()
            let wrong = Secret.generate(.api).text
            for _ in 0..<3 { #expect(try await server.post(events, token: wrong).status == 401) }
            for token in [wrong, good] {
                let answer = try await server.post(events, token: token)
                #expect(answer.status == 429 && answer.code == "too-many-failures")
                #expect(try (1...60).contains(#require(Int(answer.headers["retry-after"] ?? ""))))
            }
            #expect(try await server.request("GET", "/health/live").status == 200)
            let lines = server.logLines.all
            #expect(
                lines.contains { $0.contains(#""remote":"127.0.0.1""#) && $0.contains(#""status":"429""#) })
            #expect(!lines.contains { $0.contains(good) || $0.contains(wrong) })
        }
    }

    @Test("a right token clears the count")
    func cleared() async throws {
        let gate = FailureGate(FailureLimiter(burst: 2, interval: 60))
        func fail() async throws { throw Failure(.refused, "wrong") }
        for _ in 0..<3 {
            await #expect(throws: HTTPProblem.self) { try await gate.guarding("a", fail) }
            try await gate.guarding("a") {}
        }
    }
}

@Suite("The client's address")
struct ClientAddressTests {
    private let proxies = ["10.0.0.0/8", "2001:db8::/32"].compactMap(AddressBlock.init)

    private func client(_ peer: String, _ forwarded: String..., proto: String? = nil) -> ClientAddress {
        var headers = HTTPFields()
        for value in forwarded { headers.append(HTTPField(name: .forwardedFor, value: value)) }
        if let proto { headers[.forwardedProto] = proto }
        return ClientAddress(peer: peer, usesTLS: false, headers: headers, trusted: proxies)
    }

    @Test("is the peer, whatever the peer says, unless it is a trusted proxy")
    func untrusted() {
        let found = client("192.0.2.1", "203.0.113.9", proto: "https")
        #expect(found.address == "192.0.2.1" && !found.isSecure && found.isForwarded)
    }

    @Test("is the last one that no trusted proxy wrote for itself")
    func trusted() {
        #expect(client("10.0.0.1", "203.0.113.9").address == "203.0.113.9")
        #expect(client("10.0.0.1", "1.1.1.1, 203.0.113.9 , 10.2.3.4").address == "203.0.113.9")
        #expect(client("10.0.0.1", "1.1.1.1", "203.0.113.9").address == "203.0.113.9")
        #expect(client("::ffff:10.0.0.1", "2001:0DB8::1, 2001:db9:0::5").address == "2001:db9::5")
        #expect(client("10.0.0.1", "203.0.113.9, nonsense").address == "10.0.0.1")
        #expect(client("10.0.0.1").address == "10.0.0.1")
        #expect(client("10.0.0.1", "10.0.0.2").address == "10.0.0.2")
        #expect(client("10.0.0.1", "203.0.113.9", proto: "https").isSecure)
        #expect(!client("10.0.0.1", "203.0.113.9", proto: "https, http").isSecure)
    }

    @Test("over a socket: an untrusted peer cannot name another address to escape the limit")
    func overSocket() async throws {
        let limiter = FailureLimiter(burst: 1, interval: 60)
        var trusting = ServerConfiguration()
        trusting.trustedProxies = ["127.0.0.1"].compactMap(AddressBlock.init)
        for (configuration, second) in [(ServerConfiguration(), 429), (trusting, 401)] {
            try await ServerFixture.run(configuration, change: { $0.gate = FailureGate(limiter) }) { server in
                let wrong = Secret.generate(.api).text
                for (address, status) in [("203.0.113.1", 401), ("203.0.113.2", second)] {
                    let answer = try await server.post(
                        Array("{}".utf8), token: wrong, headers: ["X-Forwarded-For: \(address)"])
                    #expect(answer.status == status)
                }
            }
        }
    }
}

@Suite("Blocks of addresses")
struct AddressBlockTests {
    @Test("hold what their prefix says")
    func contains() throws {
        let block = try #require(AddressBlock("10.1.128.0/17"))
        #expect(
            block.contains("10.1.128.0") && block.contains("10.1.255.255")
                && block.contains("::ffff:10.1.200.1"))
        #expect(!block.contains("10.1.127.255") && !block.contains("10.2.128.0") && !block.contains("::1"))
        #expect(try #require(AddressBlock("0.0.0.0/0")).contains("255.1.2.3"))
        #expect(try #require(AddressBlock("2001:db8::/33")).contains("2001:db8:7fff::1"))
        #expect(!(try #require(AddressBlock("2001:db8::/33")).contains("2001:db8:8000::1")))
    }

    @Test(
        "that are none are refused",
        arguments: [
            "", "10.0.0.1/8", "10.0.0.0/33", "10.0.0/8", "x", "10.0.0.0/", "1.2.3.4/-1", "/8", "010.0.0.1",
        ])
    func malformed(_ text: String) { #expect(AddressBlock(text) == nil) }

    @Test("loopback is what only this machine reaches")
    func loopback() {
        for host in ["localhost", "127.0.0.1", "127.8.8.8", "::1"] { #expect(AddressBlock.isLoopback(host)) }
        for host in ["0.0.0.0", "::", "192.0.2.1", "example.com", ""] {
            #expect(!AddressBlock.isLoopback(host))
        }
    }
}

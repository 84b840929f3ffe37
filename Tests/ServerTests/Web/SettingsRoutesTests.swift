import Analytics
import ControlPlane
import EventLog
import Foundation
import Primitives
import Query
import Testing

@testable import Server

@Suite("What the settings and the sources are changed by")
struct SettingsRoutesTests {
    /// The headers of somebody who signed in.
    private func signIn(_ server: ServerFixture, _ role: Role, _ email: String = "ann@example.com")
        async throws -> [String]
    {
        let user = try await server.control.addUser(
            email: email, name: "Ann", role: role, password: "correct horse battery", by: ServerFixture.actor)
        let (secret, session) = try await server.control.beginSession(for: user)
        return ["Cookie: sesame=\(secret.text)", "X-CSRF-Token: \(session.csrfToken)"]
    }

    private func send(
        _ server: ServerFixture, _ method: String, _ path: String, _ headers: [String], _ body: String? = nil
    ) async throws -> RawClient.Answer {
        try await server.request(method, path, headers: headers, body: body.map { Array($0.utf8) })
    }

    private static let changes = [
        ("POST", "/api/v1/sources", #"{"name":"shop","kind":"http"}"#),
        ("POST", "/api/v1/sources/shop/pause", nil),
        ("POST", "/api/v1/sources/shop/resume", nil), ("POST", "/api/v1/sources/shop/rotate", "{}"),
        ("POST", "/api/v1/sources/shop/test", nil), ("DELETE", "/api/v1/sources/shop", nil),
        ("POST", "/api/v1/tokens", #"{"name":"x","scopes":["admin"]}"#), ("DELETE", "/api/v1/tokens/1", nil),
        ("POST", "/api/v1/shares", #"{"path":"/","bounds":{}}"#), ("DELETE", "/api/v1/shares/1", nil),
        ("POST", "/api/v1/users", #"{"email":"b@example.com","role":"owner"}"#),
        ("PATCH", "/api/v1/users/ann%40example.com", #"{"role":"owner"}"#),
        ("DELETE", "/api/v1/users/ann%40example.com", nil),
    ]

    @Test("take a role, the session's proof, and a page of this site", arguments: changes)
    func roles(method: String, path: String, body: String?) async throws {
        try await ServerFixture.run { server in
            _ = try await server.control.addSource("shop", settings: .http, by: ServerFixture.actor)
            let admin = try await signIn(server, path.contains("users") ? .admin : .analyst)
            for (headers, status, code) in [
                ([], 401, "unauthorized"), ([admin[0]], 403, "bad-csrf-token"),
                ([admin[0], "X-CSRF-Token: 00"], 403, "bad-csrf-token"),
                (admin + ["Sec-Fetch-Site: same-site"], 403, "cross-site"), (admin, 403, "insufficient-role"),
                (
                    ["Authorization: Bearer \(try await server.token([.read, .ingest]))"], 403,
                    "insufficient-scope"
                ),
            ] {
                let answer = try await send(server, method, path, headers, body)
                #expect(
                    answer.status == status && answer.code == code, "\(headers.count) headers: \(answer.text)"
                )
            }
            #expect(
                try await server.control.users().map(\.role) == [path.contains("users") ? .admin : .analyst])
        }
    }

    @Test("people are managed by owners who are signed in, and by no token")
    func tokensMakeNoOwners() async throws {
        try await ServerFixture.run { server in
            let token = ["Authorization: Bearer \(try await server.token([.admin, .read]))"]
            for (method, path, body) in Self.changes where path.contains("users") {
                #expect(try await send(server, method, path, token, body).code == "people-only")
            }
            #expect(try await send(server, "GET", "/api/v1/users", token).code == "people-only")
        }
    }

    @Test(
        "a source is added with its secret shown once, paused, turned, tested and removed, and the audit log has it all"
    )
    func sources() async throws {
        try await ServerFixture.run { server in
            let admin = try await signIn(server, .admin)
            let added = try await send(
                server, "POST", "/api/v1/sources", admin, #"{"name":"shop","kind":"http"}"#)
            let secret = try #require(added.json["secret"] as? String)
            #expect(added.status == 201 && Secret.isWellFormed(secret, .ingest))
            #expect(
                try await server.post(Array("{}".utf8), token: secret, path: "/ingest/http/shop").status
                    == 200)
            let turned = try await send(
                server, "POST", "/api/v1/sources/shop/rotate", admin, #"{"grace_minutes":0}"#)
            let next = try #require(turned.json["secret"] as? String)
            #expect(
                try await server.post(Array("{}".utf8), token: secret, path: "/ingest/http/shop").status
                    == 401)
            #expect(
                try await server.post(Array("{}".utf8), token: next, path: "/ingest/http/shop").status == 200)
            let test = try await send(server, "POST", "/api/v1/sources/shop/test", admin)
            let message = try #require(test.json["message_id"] as? String)
            let record = try #require(try await server.records().last)
            #expect(record.source == "shop" && String(decoding: record.body, as: UTF8.self).contains(message))
            #expect(try await send(server, "POST", "/api/v1/sources/shop/pause", admin).status == 200)
            #expect(
                try await send(server, "POST", "/api/v1/sources/shop/test", admin).code == "source-paused")
            let list = try await send(server, "GET", "/api/v1/sources", admin)
            #expect(!list.text.contains(secret) && !list.text.contains(next))
            #expect(try await send(server, "DELETE", "/api/v1/sources/shop", admin).status == 200)
            #expect(try await send(server, "DELETE", "/api/v1/sources/shop", admin).status == 404)
            let log = try await send(server, "GET", "/api/v1/audit?limit=50", admin)
            let actions = (log.json["entries"] as? [[String: Any]] ?? []).compactMap {
                $0["action"] as? String
            }
            #expect(
                actions.prefix(5) == [
                    "source.remove", "source.pause", "source.test", "source.rotate", "source.add",
                ])
        }
    }

    @Test(
        "what is wrong with an order of a source is said",
        arguments: [
            (#"{"name":"shop","kind":"sns"}"#, "bad-request"),
            (#"{"name":"shop","kind":"pigeon"}"#, "bad-value"),
            (#"{"name":"shop","kind":"http","bucket":"b"}"#, "bad-request"),
            (#"{"name":"../x","kind":"http"}"#, "bad-request"),
            (#"{"name":"shop","kind":"http","topic":1}"#, "unknown-member"),
            (#"{"kind":"http"}"#, "bad-value"),
            (#"{"name":"shop","kind":"sqs","every":"often"}"#, "bad-value"), ("[]", "not-json"),
        ])
    func badOrders(body: String, code: String) async throws {
        try await ServerFixture.run { server in
            let admin = ["Authorization: Bearer \(try await server.token([.admin]))"]
            let answer = try await send(server, "POST", "/api/v1/sources", admin, body)
            #expect(answer.status == 400 && answer.code == code, "\(answer.text)")
            #expect(try await server.control.sources().isEmpty)
        }
    }

    @Test("the set-up is written for the address that is asked, and wants one")
    func setup() async throws {
        try await ServerFixture.run { server in
            let admin = try await signIn(server, .admin)
            _ = try await server.control.addSource("hose", settings: .firehose, by: ServerFixture.actor)
            #expect(try await send(server, "GET", "/api/v1/sources/hose/setup", admin).code == "no-address")
            #expect(
                try await send(server, "GET", "/api/v1/sources/hose/setup?url=http%3A%2F%2Fx.example", admin)
                    .status == 400)
            let answer = try await send(
                server, "GET", "/api/v1/sources/hose/setup?url=https%3A%2F%2Fx.example", admin)
            let texts = try #require(answer.json["texts"] as? [String: String])
            #expect(Set(texts.keys) == ["cli", "cloudformation", "terraform"])
            #expect(texts.values.allSatisfy { $0.contains("https://x.example/ingest/firehose/hose") })
        }
    }

    @Test("a token works until it is revoked")
    func tokens() async throws {
        try await ServerFixture.run { server in
            let admin = try await signIn(server, .admin)
            let made = try await send(
                server, "POST", "/api/v1/tokens", admin,
                #"{"name":"grafana","scopes":["read"],"expires_days":1}"#)
            let token = try #require(made.json["token"] as? String)
            let reader = ["Authorization: Bearer \(token)"]
            #expect(try await send(server, "GET", "/api/v1/sources", reader).status == 200)
            let id = try #require(made.json["id"] as? Int)
            #expect(try await send(server, "DELETE", "/api/v1/tokens/\(id)", admin).status == 200)
            #expect(try await send(server, "GET", "/api/v1/sources", reader).status == 401)
            let list = try await send(server, "GET", "/api/v1/tokens", admin)
            #expect(!list.text.contains(token) && list.text.contains("revoked"))
            for body in [
                #"{"name":"x","scopes":["root"]}"#, #"{"name":"x","scopes":[]}"#,
                #"{"name":"x","scopes":["read"],"expires_days":0}"#,
            ] {
                #expect(try await send(server, "POST", "/api/v1/tokens", admin, body).status == 400)
            }
        }
    }

    @Test("owners add people, whose password is made, and the last owner stays one")
    func people() async throws {
        try await ServerFixture.run { server in
            let owner = try await signIn(server, .owner)
            let added = try await send(
                server, "POST", "/api/v1/users", owner, #"{"email":"bob@example.com","role":"viewer"}"#)
            let password = try #require(added.json["password"] as? String)
            let bob = try await server.control.authenticate(email: "bob@example.com", password: password)
            let (secret, session) = try await server.control.beginSession(for: bob)
            let headers = ["Cookie: sesame=\(secret.text)", "X-CSRF-Token: \(session.csrfToken)"]
            #expect(try await send(server, "GET", "/api/v1/users", headers).status == 403)
            #expect(
                try await send(server, "POST", "/api/v1/users/ann%40example.com/sign-out", headers).status
                    == 403)
            #expect(
                try await send(server, "POST", "/api/v1/users/bob%40example.com/sign-out", headers).status
                    == 200)
            #expect(try await send(server, "GET", "/api/v1/sources", headers).status == 401)
            let changed = try await send(
                server, "PATCH", "/api/v1/users/bob%40example.com", owner,
                #"{"role":"analyst","disabled":true}"#)
            #expect(
                changed.json["role"] as? String == "analyst" && changed.json["state"] as? String == "disabled"
            )
            for body in [#"{"role":"viewer"}"#, #"{"disabled":true}"#] {
                #expect(
                    try await send(server, "PATCH", "/api/v1/users/ann%40example.com", owner, body).status
                        == 403)
            }
            #expect(try await send(server, "DELETE", "/api/v1/users/ann%40example.com", owner).status == 403)
            #expect(try await send(server, "DELETE", "/api/v1/users/bob%40example.com", owner).status == 200)
            #expect(try await server.control.users().map(\.email) == ["ann@example.com"])
        }
    }
}

@Suite("Share links over HTTP")
struct ShareRoutesTests {
    private static let order =
        #"{"path":"/deliverability","query":"period=7d","bounds":{"date_range":"7d"},"expires_days":7}"#

    /// A link, and what a guest's browser has after it.
    ///
    /// - Parameter maker: the headers of who makes it; nil for a token.
    private func share(_ server: ServerFixture, as maker: [String]? = nil) async throws -> (
        link: String, guest: [String]
    ) {
        let token = "Authorization: Bearer \(try await server.token([.admin]))"
        let made = try await server.request(
            "POST", "/api/v1/shares", headers: maker ?? [token], body: Array(Self.order.utf8))
        let link = try #require(made.json["link"] as? String)
        let opened = try await server.request("GET", link)
        #expect(opened.status == 303 && opened.headers["location"] == "/deliverability?period=7d")
        let cookie = try #require(opened.headers["set-cookie"])
        #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"))
        let page = try await server.request(
            "GET", "/deliverability?period=7d", headers: ["Cookie: " + cookie.prefix { $0 != ";" }])
        let csrf = try #require(page.text.firstMatch(of: /name="csrf" content="([0-9a-f]+)"/)?.1)
        return (link, ["Cookie: " + cookie.prefix { $0 != ";" }, "X-CSRF-Token: \(csrf)"])
    }

    @Test("open one page and the questions of that page, and nothing else")
    func scope() async throws {
        let folder = TemporaryFolder()
        let services = try QueryServices(
            lakeFolder: folder.path, resultsFolder: folder.path + "/results", executable: "/nonexistent"
        ) { _ in throw Failure(.storage, "no lake") }
        try await ServerFixture.run(change: { $0.queries = services }) { server in
            let (_, guest) = try await share(server)
            for path in ["/", "/sources", "/settings", "/people", "/message/1", "/sql"] {
                #expect(try await server.request("GET", path, headers: guest).status == 303, "\(path)")
            }
            for (method, path) in [
                ("GET", "/api/v1/sources"), ("GET", "/api/v1/refused"), ("GET", "/api/v1/users"),
                ("GET", "/api/v1/audit"),
                ("GET", "/api/v1/tokens"), ("GET", "/api/v1/shares"), ("GET", "/api/v1/sql"),
                ("POST", "/api/v1/sql"),
                ("POST", "/api/v1/shares"), ("POST", "/api/v1/tokens"), ("POST", "/api/v1/sources"),
            ] {
                let answer = try await server.request(
                    method, path, headers: guest, body: method == "POST" ? Array("{}".utf8) : nil)
                #expect(answer.status == 403 && answer.code == "not-shared", "\(path): \(answer.text)")
            }
            #expect(try await server.request("GET", "/api/v1/metrics", headers: guest).status == 200)
            let ask = { (headers: [String], query: String, format: String) in
                try await server.request(
                    "POST", "/api/v1/query?format=\(format)", headers: headers, body: Array(query.utf8))
            }
            let good = #"{"metrics":["sends"],"date_range":"7d"}"#
            #expect(try await ask([guest[0]], good, "json").code == "bad-csrf-token")
            // What is shared gets as far as the lake, which is not there.
            #expect(try await ask(guest, good, "json").status == 503)
            for (query, format) in [
                (#"{"metrics":["sends"],"dimensions":["recipient"]}"#, "json"), (good, "parquet"),
                (#"{"metrics":["sends"],"date_range":{"from":"2020-01-01","to":"2020-02-01"}}"#, "json"),
                (#"{"metrics":["sends"],"filters":[{"field":"message","value":"1"}]}"#, "csv"),
            ] {
                #expect(try await ask(guest, query, format).code == "not-shared", "\(query)")
            }
        }
    }

    @Test("that were ended lead nowhere, also for who is inside")
    func end() async throws {
        try await ServerFixture.run { server in
            let (link, guest) = try await share(server)
            let admin = ["Authorization: Bearer \(try await server.token([.admin]))"]
            #expect(try await server.request("DELETE", "/api/v1/shares/1", headers: admin).status == 200)
            #expect(try await server.request("GET", link).status == 404)
            #expect(try await server.request("GET", "/deliverability", headers: guest).status == 303)
            #expect(try await server.request("GET", "/api/v1/shares", headers: guest).status == 401)
            #expect(try await server.request("GET", "/s/guess").status == 404)
        }
    }

    @Test("that whoever is signed in made work while they may share, also for who is inside")
    func maker() async throws {
        try await ServerFixture.run { server in
            let ann = try await server.control.addUser(
                email: "ann@example.com", name: "Ann", role: .admin, password: "correct horse battery",
                by: ServerFixture.actor)
            let (secret, session) = try await server.control.beginSession(for: ann)
            let (link, guest) = try await share(
                server, as: ["Cookie: sesame=\(secret.text)", "X-CSRF-Token: \(session.csrfToken)"])
            #expect(try await server.request("GET", "/api/v1/shares", headers: guest).code == "not-shared")
            try await server.control.setRole(of: ann.email, to: .analyst, by: ServerFixture.actor)
            #expect(try await server.request("GET", link).status == 404)
            #expect(try await server.request("GET", "/deliverability", headers: guest).status == 303)
            #expect(try await server.request("GET", "/api/v1/shares", headers: guest).status == 401)
            let admin = ["Authorization: Bearer \(try await server.token([.admin]))"]
            let list = try await server.request("GET", "/api/v1/shares", headers: admin)
            let found = try #require((list.json["shares"] as? [[String: Any]])?.first)
            #expect(found["state"] as? String == "suspended")
            #expect(found["reason"] as? String == "its maker may no longer share")
            try await server.control.setRole(of: ann.email, to: .owner, by: ServerFixture.actor)
            #expect(try await server.request("GET", link).status == 303)
        }
    }

    @Test("are made of pages of numbers alone, with bounds that can be")
    func orders() async throws {
        try await ServerFixture.run { server in
            let admin = ["Authorization: Bearer \(try await server.token([.admin]))"]
            for body in [
                #"{"path":"/sql","bounds":{}}"#, #"{"path":"/settings","bounds":{}}"#,
                #"{"path":"//evil.example","bounds":{}}"#,
                #"{"path":"/","query":"a\r\nSet-Cookie: x","bounds":{}}"#,
                #"{"path":"/","bounds":{"date_range":"soon"}}"#,
                #"{"path":"/","bounds":{"filters":[{"field":"nothing","value":1}]}}"#,
                #"{"path":"/","bounds":{},"expires_days":0}"#,
                #"{"path":"/"}"#,
            ] {
                let answer = try await server.request(
                    "POST", "/api/v1/shares", headers: admin, body: Array(body.utf8))
                #expect(answer.status == 400, "\(body): \(answer.text)")
            }
            #expect(try await server.control.shares(in: "default").isEmpty)
        }
    }

    @Test("a wrong link cannot be found by trying")
    func guessing() async throws {
        try await ServerFixture.run { server in
            // Chances come back with time, so a slow machine has a few more.
            var refused = false
            for _ in 0..<100 where !refused {
                refused = try await server.request("GET", "/s/guess").status == 429
            }
            #expect(refused)
            #expect(try await server.request("GET", "/login").status == 200)
        }
    }
}

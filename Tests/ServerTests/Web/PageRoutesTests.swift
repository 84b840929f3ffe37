import ControlPlane
import Foundation
import Primitives
import Testing

@testable import Server

@Suite("Pages and what they are made of")
struct PageRoutesTests {
    private static let password = "correct horse battery"

    /// The cookie and the CSRF token of somebody who signed in.
    private func signIn(_ server: ServerFixture, role: Role = .owner) async throws -> (
        cookie: String, csrf: String
    ) {
        let user = try await server.control.addUser(
            email: "ann@example.com", name: "Ann", role: role, password: Self.password,
            by: ServerFixture.actor)
        let (secret, session) = try await server.control.beginSession(for: user)
        return ("Cookie: sesame=\(secret.text)", session.csrfToken)
    }

    @Test("who is not signed in is led to the door, and from there back")
    func door() async throws {
        try await ServerFixture.run { server in
            _ = try await signIn(server)
            let answer = try await server.request("GET", "/campaigns?period=7d&f=isp~is~Gmail")
            #expect(answer.status == 303)
            #expect(
                answer.headers["location"] == "/login?then=/campaigns%3Fperiod%3D7d%26f%3Disp%7Eis%7EGmail")
            let entered = try await server.request(
                "POST", "/login",
                body: Array(
                    "email=ann%40example.com&password=correct+horse+battery&then=%2Fcampaigns%3Fperiod%3D7d"
                        .utf8))
            #expect(entered.status == 303 && entered.headers["location"] == "/campaigns?period=7d")
        }
    }

    @Test(
        "the door leads to nobody else's site",
        arguments: ["//evil.example", "https://evil.example", "/\\evil.example", "/%0d%0aSet-Cookie:x", ""])
    func openRedirect(target: String) async throws {
        try await ServerFixture.run { server in
            _ = try await signIn(server)
            let entered = try await server.request(
                "POST", "/login",
                body: Array("email=ann%40example.com&password=correct+horse+battery&then=\(target)".utf8))
            #expect(entered.status == 303 && entered.headers["location"] == "/")
        }
    }

    @Test("each page has the shell, for whoever is signed in")
    func shell() async throws {
        try await ServerFixture.run { server in
            let (cookie, csrf) = try await signIn(server, role: .viewer)
            for path in ["/", "/campaigns", "/message/0102", "/recipient/ann%40example.com"] {
                let answer = try await server.request("GET", path, headers: [cookie])
                #expect(answer.status == 200 && answer.text.contains(csrf), "\(path)")
                #expect(answer.headers["content-security-policy"]?.contains("script-src 'self'") == true)
            }
        }
    }

    @Test("files come as they are, gzipped where that is taken, and not again while they are the same")
    func assets() async throws {
        try await ServerFixture.run { server in
            let plain = try await server.request("GET", "/assets/js/main.js")
            #expect(plain.status == 200 && plain.headers["content-type"] == "text/javascript; charset=utf-8")
            let packed = try await server.request(
                "GET", "/assets/js/main.js", headers: ["Accept-Encoding: gzip"])
            #expect(packed.headers["content-encoding"] == "gzip" && packed.body.count < plain.body.count)
            let tag = try #require(plain.headers["etag"])
            let again = try await server.request(
                "GET", "/assets/js/main.js", headers: ["If-None-Match: \(tag)"])
            #expect(again.status == 304 && again.body.isEmpty)
        }
    }

    @Test(
        "no path leads out of the folder of files",
        arguments: [
            "/assets/..", "/assets/../../Package.swift", "/assets/js/..%2f..%2fShell.swift", "/assets/.git",
            "/assets/js",
        ])
    func traversal(path: String) async throws {
        try await ServerFixture.run { server in
            let answer = try await server.request("GET", path)
            #expect(answer.status == 404)
        }
    }

    @Test("a question of a page's needs the session's proof, and the role that it takes")
    func proof() async throws {
        try await ServerFixture.run { server in
            let (cookie, csrf) = try await signIn(server, role: .viewer)
            #expect(try await server.request("GET", "/api/v1/sources").status == 401)
            #expect(try await server.request("GET", "/api/v1/sources", headers: [cookie]).status == 200)
            let elsewhere = [cookie, "Sec-Fetch-Site: cross-site"]
            #expect(try await server.request("GET", "/api/v1/sources", headers: elsewhere).status == 403)
            for (headers, status, code) in [
                ([cookie], 403, "bad-csrf-token"),
                ([cookie, "X-CSRF-Token: 00"], 403, "bad-csrf-token"),
                ([cookie, "X-CSRF-Token: \(csrf)"], 403, "insufficient-role"),
            ] {
                let answer = try await server.request(
                    "POST", "/api/v1/refused/replay", headers: headers, body: Array("{\"all\":true}".utf8))
                #expect(answer.status == status && answer.json["code"] as? String == code)
            }
        }
    }
}

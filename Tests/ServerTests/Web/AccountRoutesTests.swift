import ControlPlane
import Foundation
import Primitives
import Testing

@testable import Server

@Suite("One's own account over HTTP")
struct AccountRoutesTests {
    private let path = "/api/v1/account/password"
    private let old = "correct horse battery"
    private let new = "another horse battery"

    private func signIn(_ server: ServerFixture, _ role: Role = .viewer) async throws -> [String] {
        let users = try await server.control.users()
        let ann =
            if let ann = users.first { ann } else {
                try await server.control.addUser(
                    email: "ann@example.com", name: "Ann", role: role, password: old, by: ServerFixture.actor)
            }
        let (secret, session) = try await server.control.beginSession(for: ann)
        return ["Cookie: sesame=\(secret.text)", "X-CSRF-Token: \(session.csrfToken)"]
    }

    private func change(_ server: ServerFixture, _ headers: [String], _ current: String, _ new: String)
        async throws -> RawClient.Answer
    {
        try await server.request(
            "POST", path, headers: headers, body: Array(#"{"current":"\#(current)","new":"\#(new)"}"#.utf8))
    }

    @Test("the password is changed by any role, and this session goes on under a new cookie and proof")
    func goesOn() async throws {
        try await ServerFixture.run { server in
            let (ann, elsewhere) = (try await signIn(server), try await signIn(server))
            let answer = try await change(server, ann, old, new)
            #expect(answer.status == 200, "\(answer.text)")
            let cookie = try #require(answer.headers["set-cookie"])
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"))
            for old in [ann, elsewhere] {
                #expect(try await server.request("GET", "/api/v1/sources", headers: old).status == 401)
            }
            let proof = try #require(answer.json["csrf_token"] as? String)
            let next = ["Cookie: " + cookie.prefix { $0 != ";" }, "X-CSRF-Token: \(proof)"]
            #expect(try await server.request("GET", "/api/v1/sources", headers: next).status == 200)
            // The proof is the new cookie's, so the next change gets as far as the password.
            #expect(try await change(server, next, old, new).code == "wrong-password")
        }
    }

    @Test("it takes a session, its proof, a page of this site and the current password; no token will do")
    func refusals() async throws {
        try await ServerFixture.run { server in
            let ann = try await signIn(server, .owner)
            let token = "Authorization: Bearer \(try await server.token([.admin]))"
            for (headers, current, next, status, code) in [
                ([], old, new, 401, "unauthorized"), ([ann[0]], old, new, 403, "bad-csrf-token"),
                (ann + ["Sec-Fetch-Site: cross-site"], old, new, 403, "cross-site"),
                ([token], old, new, 403, "people-only"),
                (ann, "wrong horse battery", new, 403, "wrong-password"),
                (ann, old, "short", 400, "bad-request"),
            ] {
                let answer = try await change(server, headers, current, next)
                #expect(answer.status == status && answer.code == code, "\(code): \(answer.text)")
            }
            #expect(try await server.request("GET", "/api/v1/users", headers: ann).status == 200)
            let entries = try await server.control.auditLog()
            #expect(!entries.contains { $0.action == "user.change-password" })
        }
    }

    @Test("who guesses is slowed down, here and at the door alike")
    func guessing() async throws {
        try await ServerFixture.run { server in
            let ann = try await signIn(server)
            // Chances come back with time, so a slow machine has a few more.
            var refused = false
            for _ in 0..<100 where !refused {
                refused = try await change(server, ann, "wrong horse battery", new).status == 429
            }
            #expect(refused)
            #expect(try await change(server, ann, old, new).code == "too-many-failures")
            let form = Array("email=ann%40example.com&password=correct+horse+battery".utf8)
            #expect(try await server.request("POST", "/login", body: form).status == 429)
        }
    }
}

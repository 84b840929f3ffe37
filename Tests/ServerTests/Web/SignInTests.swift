import ControlPlane
import HTTPTypes
import Primitives
import Testing

@testable import Server

@Suite("The doors of the page")
struct SignInTests {
    private static let password = "correct horse battery"

    private func form(_ fields: [(String, String)]) -> [UInt8] {
        Array(
            fields.map { "\($0.0)=\($0.1.replacing("@", with: "%40").replacing(" ", with: "+"))" }.joined(
                separator: "&"
            ).utf8)
    }

    private func login(_ server: ServerFixture, _ password: String, headers: [String] = []) async throws
        -> RawClient.Answer
    {
        try await server.request(
            "POST", "/login", headers: headers,
            body: form([("email", "ann@example.com"), ("password", password)]))
    }

    private func addAnn(_ server: ServerFixture) async throws {
        try await server.control.addUser(
            email: "ann@example.com", name: "Ann", role: .owner, password: Self.password,
            by: ServerFixture.actor)
    }

    /// The cookie that an answer sets, as a browser sends it back.
    private func cookie(_ answer: RawClient.Answer) throws -> String {
        let text = try #require(answer.headers["set-cookie"])
        return "Cookie: " + text.prefix { $0 != ";" }
    }

    @Test("the link of the first start makes the owner, signs them in, and works once")
    func setup() async throws {
        try await ServerFixture.run { server in
            let token = try await server.control.makeSetupLink().secret.text
            let shown = try await server.request("GET", "/setup?token=\(token)")
            #expect(shown.status == 200 && shown.text.contains(token))
            #expect(shown.headers["referrer-policy"] == "no-referrer")
            let fields = [
                ("token", token), ("email", "ann@example.com"), ("name", "Ann"), ("password", Self.password),
            ]
            let made = try await server.request("POST", "/setup", body: form(fields))
            #expect(made.status == 303 && made.headers["location"] == "/")
            let page = try await server.request("GET", "/", headers: [try cookie(made)])
            #expect(page.status == 200 && page.text.contains("ann@example.com"))
            let again = try await server.request("POST", "/setup", body: form(fields))
            #expect(again.status == 401 && again.text.contains("spent, expired or unknown"))
            #expect(try await server.control.users().map(\.role) == [.owner])
        }
    }

    @Test("a password that is too short is told in the form, and the link stays good")
    func shortPassword() async throws {
        try await ServerFixture.run { server in
            let token = try await server.control.makeSetupLink().secret.text
            for password in ["short", Self.password] {
                let answer = try await server.request(
                    "POST", "/setup",
                    body: form([
                        ("token", token), ("email", "ann@example.com"), ("name", "Ann"),
                        ("password", password),
                    ]))
                #expect(answer.status == (password == "short" ? 422 : 303))
            }
        }
    }

    @Test("who is not signed in sees the door and nothing else")
    func stranger() async throws {
        try await ServerFixture.run { server in
            try await addAnn(server)
            for headers in [[], ["Cookie: sesame="], ["Cookie: sesame=sess_made_up; other=1"]] {
                let answer = try await server.request("GET", "/", headers: headers)
                #expect(answer.status == 303 && answer.headers["location"] == "/login")
            }
            #expect(try await server.request("GET", "/login").text.contains("Sign in"))
        }
    }

    @Test("a wrong password is told without saying which was wrong, and guessing is slowed down")
    func wrongPassword() async throws {
        // Time stands still, for a password takes its time and a guesser may come again after a while.
        try await ServerFixture.run(change: { $0.gate = FailureGate(uptime: { .zero }) }) { server in
            try await addAnn(server)
            var statuses: Set<Int> = []
            for _ in 0..<12 {
                let answer = try await login(server, "wrong")
                statuses.insert(answer.status)
                #expect(answer.headers["set-cookie"] == nil)
                if answer.status == 401 { #expect(answer.text.contains("the password is wrong")) }
            }
            #expect(statuses == [401, 429])
        }
    }

    @Test("signing in gives a new session, whatever cookie the browser had, and signing out ends it")
    func sessions() async throws {
        try await ServerFixture.run { server in
            try await addAnn(server)
            let first = try cookie(try await login(server, Self.password))
            let second = try cookie(try await login(server, Self.password, headers: [first]))
            #expect(first != second)
            #expect(try await server.request("GET", "/", headers: [first]).status == 303)
            let page = try await server.request("GET", "/", headers: [second])
            let csrf = try #require(page.text.firstMatch(of: /name="csrf" value="([0-9a-f]+)"/)?.1)
            let forged = try await server.request(
                "POST", "/logout", headers: [second], body: form([("csrf", "00")]))
            #expect(forged.status == 403)
            let left = try await server.request(
                "POST", "/logout", headers: [second], body: form([("csrf", String(csrf))]))
            #expect(left.status == 303 && left.headers["set-cookie"]?.contains("Max-Age=0") == true)
            #expect(try await server.request("GET", "/", headers: [second]).status == 303)
        }
    }

    @Test(
        "a form that a page of another site sends is refused",
        arguments: [
            "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: https://evil.example",
            "Origin: null",
        ])
    func crossSite(header: String) async throws {
        try await ServerFixture.run { server in
            try await addAnn(server)
            #expect(try await login(server, Self.password, headers: [header]).status == 403)
            let own = ["Sec-Fetch-Site: same-origin", "Origin: http://localhost"]
            #expect(try await login(server, Self.password, headers: own).status == 303)
        }
    }

    @Test("the cookie is for the server alone, and over TLS for nothing but TLS")
    func cookieText() {
        #expect(
            SessionCookie.text("s", isSecure: false)
                == "sesame=s; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax")
        #expect(
            SessionCookie.text("s", isSecure: true)
                == "__Host-sesame=s; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure")
        let both: HTTPFields = [.cookie: "sesame=plain; __Host-sesame=good"]
        #expect(SessionCookie.secret(of: both, isSecure: true) == "good")
        #expect(SessionCookie.secret(of: both, isSecure: false) == "plain")
    }

    @Test("what a stranger typed comes back as text")
    func escaping() async throws {
        try await ServerFixture.run { server in
            try await addAnn(server)
            let answer = try await server.request(
                "POST", "/login",
                body: Array("email=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&password=x".utf8))
            #expect(!answer.text.contains("<script") && answer.text.contains("&quot;&gt;&lt;script&gt;"))
            #expect(answer.headers["content-security-policy"]?.contains("frame-ancestors 'none'") == true)
        }
    }
}

@Suite("Forms")
struct FormFieldsTests {
    @Test(
        "fields are decoded as the URL standard says",
        arguments: [
            ("a=1&b=2", "1"), ("a=x+y%20z", "x y z"), ("a=%C3%A4", "ä"), ("a=%", "%"), ("a=%4", "%4"),
            ("a=%zz", "%zz"),
            ("a", ""), ("b=1", ""), ("a=1&a=2", "1"), ("a=b=c", "b=c"), ("%61=1", "1"), ("&&a=1", "1"),
            ("a=%ff", "\u{FFFD}"),
        ])
    func decoding(text: String, value: String) {
        #expect(FormFields(Array(text.utf8))["a"] == value)
    }
}

import Foundation
import Primitives
import Testing

@testable import ControlPlane

@Suite("Sessions of the web page")
struct WebSessionTests {
    let home = TemporaryHome()

    private func begin() async throws -> (ControlDatabase, User, Secret, WebSession) {
        let control = try await home.open()
        let ada = try await control.addUser(
            email: "ada@example.com", name: "Ada", role: .viewer, password: "correct horse battery",
            by: tester)
        let (secret, session) = try await control.beginSession(for: ada, at: noon)
        return (control, ada, secret, session)
    }

    @Test("are known by their cookie, which is not kept, and can be ended")
    func lifeCycle() async throws {
        let (control, ada, secret, session) = try await begin()
        let found = try #require(try await control.session(secret.text, at: noon))
        #expect(found.user == ada && found.csrfToken == session.csrfToken)
        for text in [secret.text, session.csrfToken] {
            #expect(try home.databaseBytes().range(of: Data(text.utf8)) == nil)
        }
        #expect(try await control.session(Secret.generate(.session).text, at: noon) == nil)
        try await control.endSession(secret.text)
        #expect(try await control.session(secret.text, at: noon) == nil)
        let (other, _) = try await control.beginSession(for: ada, at: noon)
        try await control.endSessions(of: ada, by: tester)
        #expect(try await control.session(other.text, at: noon) == nil)
    }

    @Test("end after 12 hours without use, and after 30 days in any case")
    func expiry() async throws {
        let (control, ada, secret, _) = try await begin()
        var last = 0
        for hour in stride(from: 11, to: 30 * 24, by: 11) {
            #expect(try await control.session(secret.text, at: noon.adding(seconds: hour * 3_600)) != nil)
            last = hour
        }
        #expect(last == 715)
        #expect(try await control.session(secret.text, at: noon.adding(seconds: 30 * 86_400)) == nil)
        let (idle, _) = try await control.beginSession(for: ada, at: noon)
        #expect(try await control.session(idle.text, at: noon.adding(seconds: 12 * 3_600)) == nil)
    }

    @Test("have forms that no other session's token opens")
    func csrf() async throws {
        let (control, ada, _, session) = try await begin()
        let (_, other) = try await control.beginSession(for: ada, at: noon)
        #expect(session.accepts(csrfToken: session.csrfToken))
        #expect(!session.accepts(csrfToken: other.csrfToken) && !session.accepts(csrfToken: ""))
    }

    @Test("have a form token that is HMAC-SHA-256, as Python computes it")
    func vector() {
        #expect(
            WebSession.csrfToken(of: "ses_se_test")
                == "4b70f2325edf0e8c40df3dca6a88e4a3df5ea7cf867144a4fbd6213bc325d601")
    }
}

import ControlPlane
import Dashboard
import HTTPTypes
import Primitives

/// The doors of the page: `/setup` makes the first owner with the link that the first start shows, `/login` lets in who has a
/// password, `/logout` lets out.
struct SignInRoutes: Sendable {
    let access: Access

    /// A form of a few lines.
    private static let bodyLimit = 16 << 10

    var routes: [Route] {
        [
            Route(.get, "/setup") { try await showSetup($0) },
            Route(.post, "/setup", bodyLimit: Self.bodyLimit) { try await setUp($0) },
            Route(.get, "/login") { try await showLogin($0) },
            Route(.post, "/login", bodyLimit: Self.bodyLimit) { try await logIn($0) },
            Route(.post, "/logout", bodyLimit: Self.bodyLimit) { try await logOut($0) },
        ]
    }

    private func showSetup(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        guard try await access.control.needsSetup() else { return .seeOther("/login") }
        return .page(SignInPages.setup(token: request.queryValue("token") ?? ""))
    }

    private func setUp(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let form = try await form(of: request)
        let (token, email, name) = (form["token"], form["email"], form["name"])
        return try await answering(request) {
            let user = try await access.control.consumeSetupLink(
                token, email: email, name: name, password: form["password"])
            return try await begin(user, request)
        } failed: { sentence in
            SignInPages.setup(token: token, email: email, name: name, problem: sentence)
        }
    }

    private func showLogin(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let then = Self.local(try request.decodedQuery("then"))
        if try await access.visitor(of: request) != nil { return .seeOther(then) }
        if try await access.control.needsSetup() { return .page(SignInPages.unowned) }
        return .page(SignInPages.login(then: then))
    }

    private func logIn(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let form = try await form(of: request)
        let then = Self.local(form["then"])
        return try await answering(request) {
            let user = try await access.control.authenticate(email: form["email"], password: form["password"])
            return try await begin(user, request, then: then)
        } failed: { sentence in
            SignInPages.login(email: form["email"], then: then, problem: sentence)
        }
    }

    private func logOut(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let form = try await form(of: request)
        if let visitor = try await access.visitor(of: request) {
            guard visitor.session.accepts(csrfToken: form["csrf"]) else {
                throw HTTPProblem(.forbidden, "bad-csrf-token", "this form is not of this session")
            }
            try await access.control.endSession(visitor.cookie)
        }
        return .seeOther("/login", setting: SessionCookie.removal(isSecure: request.client.isSecure))
    }

    /// The path to go on to; a link cannot lead out to another site from here.
    private static func local(_ path: String?) -> String {
        guard let path, path.hasPrefix("/"), !path.hasPrefix("//"), path.utf8.count <= 2_000,
            path.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\\") })
        else { return "/" }
        return path
    }

    private func form(of request: IncomingRequest) async throws -> FormFields {
        try Access.checkSameSite(request)
        return FormFields(try await request.body.readAll())
    }

    /// A session that begins anew, whatever cookie the browser had: one that was put there by somebody else is worth nothing.
    private func begin(_ user: User, _ request: IncomingRequest, then: String = "/") async throws
        -> ReceiverAnswer
    {
        if let old = SessionCookie.secret(of: request.headers, isSecure: request.client.isSecure) {
            try await access.control.endSession(old)
        }
        let (secret, _) = try await access.control.beginSession(for: user)
        return .seeOther(then, setting: SessionCookie.text(secret.text, isSecure: request.client.isSecure))
    }

    /// Shows the form again, with a sentence, where its owner can do something about what went wrong.
    private func answering(
        _ request: IncomingRequest, _ work: () async throws -> ReceiverAnswer, failed: (String) -> HTML
    ) async throws -> ReceiverAnswer {
        do { return try await access.gate.guarding(request.client.address, work) } catch let problem
            as HTTPProblem
            where problem.status == .unauthorized
        {
            return .page(failed(problem.detail), status: .unauthorized, outcome: problem.code)
        } catch let problem as HTTPProblem where problem.status == .tooManyRequests {
            let wait = problem.headers[.retryAfter] ?? "60"
            return .page(
                failed("Too many wrong attempts came from here. Try again in \(wait) seconds."),
                status: .tooManyRequests, outcome: problem.code)
        } catch let failure as Failure where failure.kind == .usage {
            return .page(failed(failure.message), status: .unprocessableContent, outcome: "bad-form")
        }
    }
}

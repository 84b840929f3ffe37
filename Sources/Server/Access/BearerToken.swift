import ControlPlane
import HTTPTypes
import Primitives

/// The token of `Authorization: Bearer …`, RFC 6750.
enum BearerToken {
    /// The token of a request.
    ///
    /// - Throws: ``HTTPProblem`` 401 where there is none, or more than one header. That is no guess, so nobody is slowed down.
    static func of(_ headers: HTTPFields) throws(HTTPProblem) -> String {
        let values = headers[values: .authorization]
        guard let value = values.first else {
            throw .unauthorized("the request has no Authorization header")
        }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard values.count == 1, parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw .unauthorized("the Authorization header is not of the form: Bearer TOKEN")
        }
        return String(parts[1])
    }
}

/// Who may send events, or read what the server says of itself.
struct Access: Sendable {
    let control: ControlDatabase
    let gate: FailureGate
    /// The workspace whose log this server writes.
    let workspace: String

    /// Whose events they are.
    struct Sender: Sendable {
        /// The source's name in the log.
        var source: String
        /// The source, where it is one that was added; its counters tell what came.
        var added: Source?
    }

    /// What events are called that come with an API token and name no source.
    static let sourceOfTokens = "api"

    /// Checks a token that should open a scope of this workspace.
    @discardableResult
    func checkToken(_ request: IncomingRequest, for scope: APIToken.Scope) async throws -> APIToken {
        let text = try BearerToken.of(request.headers)
        let token = try await gate.guarding(request.client.address) {
            do { return try await control.authorize(token: text, for: scope) } catch let failure as Failure
                where failure.kind == .refused
            {
                // A good token in the wrong place is no guess.
                if await allowsOther(than: scope, text) {
                    throw HTTPProblem(.forbidden, "insufficient-scope", failure.message)
                }
                throw failure
            }
        }
        try check(workspace: token.workspace)
        return token
    }

    private func allowsOther(than scope: APIToken.Scope, _ text: String) async -> Bool {
        for other in APIToken.Scope.allCases where other != scope {
            if (try? await control.authorize(token: text, for: other)) != nil { return true }
        }
        return false
    }

    /// Checks who sends events: an API token with the scope `ingest`, or the token of a source of kind http.
    ///
    /// - Parameter name: the source that the request names. A source's own token needs no name.
    func sender(of request: IncomingRequest, source name: String?) async throws -> Sender {
        let text = try BearerToken.of(request.headers)
        guard Secret.isWellFormed(text, .ingest) else {
            try await checkToken(request, for: .ingest)
            guard let name else { return Sender(source: Access.sourceOfTokens) }
            return try sender(try await httpSource(name))
        }
        let source = try await gate.guarding(request.client.address) {
            let sources = try await candidates(name)
            // All are compared, so that the time does not tell which one it was.
            let matching = sources.filter { $0.accepts(text) }
            guard let source = matching.first else {
                throw Failure(.refused, "this token is of no source that takes events here")
            }
            return source
        }
        return try sender(source)
    }

    private func candidates(_ name: String?) async throws -> [Source] {
        guard let name else { return try await control.sources().filter { $0.kind == .http } }
        do { return [try await httpSource(name)] } catch let problem as HTTPProblem {
            // To who holds no token, a source that is not there looks like one that is.
            if problem.status == .notFound { return [] }
            throw problem
        }
    }

    private func httpSource(_ name: String) async throws -> Source {
        do {
            let source = try await control.source(name)
            if source.kind == .http { return source }
        } catch let failure as Failure where failure.kind == .notFound {}
        throw HTTPProblem(
            .notFound, "no-such-source", "there is no source of that name and of kind http",
            hint: "sesame source list shows those there are")
    }

    private func sender(_ source: Source) throws -> Sender {
        try check(workspace: source.workspace)
        return Sender(source: source.name, added: source)
    }

    private func check(workspace found: String) throws(HTTPProblem) {
        guard found == workspace else {
            throw HTTPProblem(
                .forbidden, "other-workspace", "this server takes events of the workspace '\(workspace)' only"
            )
        }
    }
}

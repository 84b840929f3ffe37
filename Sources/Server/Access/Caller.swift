import ControlPlane
import HTTPTypes

/// Who asks the API: a program with a token, or somebody who is signed in on the page.
enum Caller: Sendable {
    case token(APIToken)
    case user(User)

    /// As the audit log names them.
    var actor: AuditActor {
        switch self {
        case .token(let token): .token(token)
        case .user(let user): .user(user)
        }
    }
}

extension APIToken.Scope {
    /// What somebody has to be at least to do by hand what the scope lets a program do; nobody sends events by hand.
    fileprivate var role: Role? {
        switch self {
        case .ingest: nil
        case .read: .viewer
        case .admin: .admin
        }
    }
}

extension Access {
    /// The header in which a page proves that a change was asked for on it.
    static let csrfHeader = HTTPField.Name("X-CSRF-Token")!  // A token by RFC 9110.

    /// Checks that a request comes from a token with a scope, or from somebody signed in who may do as much.
    ///
    /// A browser adds the cookie to whatever another site makes it send, so that alone opens nothing but what is read.
    ///
    /// - Parameter role: what a person has to be at least, where that is more than the scope says.
    /// - Throws: ``HTTPProblem`` 401 for nobody, 403 for who may not, or for a request that another site's page made.
    @discardableResult
    func caller(of request: IncomingRequest, for scope: APIToken.Scope, role: Role? = nil) async throws
        -> Caller
    {
        guard request.headers[.authorization] == nil, let visitor = try await visitor(of: request) else {
            return .token(try await checkToken(request, for: scope))
        }
        try Access.checkSameSite(request)
        if request.method != .get && request.method != .head {
            guard let proof = request.headers[Self.csrfHeader], visitor.session.accepts(csrfToken: proof)
            else {
                throw HTTPProblem(
                    .forbidden, "bad-csrf-token", "the request does not come from a page of this session",
                    hint: "load the page anew")
            }
        }
        guard let least = role ?? scope.role, visitor.user.role >= least else {
            throw HTTPProblem(
                .forbidden, "insufficient-role", "your role, \(visitor.user.role.rawValue), may not do this",
                hint: "an owner can change it: sesame user set-role")
        }
        return .user(visitor.user)
    }
}

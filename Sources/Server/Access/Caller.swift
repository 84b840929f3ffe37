import ControlPlane
import HTTPTypes

/// Who asks the API: a program with a token, somebody who is signed in on the page, or a guest of a shared page.
enum Caller: Sendable {
    case token(APIToken)
    case user(User)
    case guest(Share)

    /// The number of the user who is signed in.
    var userID: User.ID? { if case .user(let user) = self { user.id } else { nil } }

    /// As the audit log names them.
    var actor: AuditActor {
        switch self {
        case .token(let token): .token(token)
        case .user(let user): .user(user)
        case .guest(let share): .noted("share:\(share.id)")
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
    /// - Parameters:
    ///   - role: what a person has to be at least, where that is more than the scope says.
    ///   - isShared: whether guests may ask too; what they are told is for the route to bound.
    /// - Throws: ``HTTPProblem`` 401 for nobody, 403 for who may not, or for a request that another site's page made.
    @discardableResult
    func caller(
        of request: IncomingRequest, for scope: APIToken.Scope, role: Role? = nil, isShared: Bool = false
    ) async throws -> Caller {
        guard request.headers[.authorization] == nil else {
            return .token(try await checkToken(request, for: scope))
        }
        guard let visitor = try await visitor(of: request) else {
            guard let guest = try await guest(of: request) else {
                return .token(try await checkToken(request, for: scope))
            }
            guard isShared else {
                throw HTTPProblem(.forbidden, "not-shared", "this is not part of the page that was shared")
            }
            try Access.checkProof(request) { SecretHash(of: guest.csrfToken).matches($0) }
            return .guest(guest.share)
        }
        try Access.checkProof(request, visitor.session.accepts)
        guard let least = role ?? scope.role, visitor.user.role >= least else {
            throw HTTPProblem(
                .forbidden, "insufficient-role", "your role, \(visitor.user.role.rawValue), may not do this",
                hint: "an owner can change it: sesame user set-role")
        }
        return .user(visitor.user)
    }

    /// Checks that a request was made by a page of this session, for a browser adds the cookie whoever makes it send.
    private static func checkProof(_ request: IncomingRequest, _ accepts: (String) -> Bool)
        throws(HTTPProblem)
    {
        try checkSameSite(request)
        guard request.method != .get && request.method != .head else { return }
        guard let proof = request.headers[csrfHeader], accepts(proof) else {
            throw HTTPProblem(
                .forbidden, "bad-csrf-token", "the request does not come from a page of this session",
                hint: "load the page anew")
        }
    }

    /// Checks that somebody who is signed in asks, and may do as much; a token will not do.
    @discardableResult
    func person(of request: IncomingRequest, role: Role) async throws -> User {
        guard case .user(let user) = try await caller(of: request, for: .admin, role: role) else {
            throw HTTPProblem(
                .forbidden, "people-only",
                "people are managed by an owner who is signed in, not with a token",
                hint: "do it on the page, or with: sesame user")
        }
        return user
    }
}

import ControlPlane
import HTTPTypes
import Primitives

/// `/api/v1/tokens`: tokens that open the API; scope admin.
///
///     GET    /api/v1/tokens
///     POST   /api/v1/tokens     {"name":"grafana","scopes":["read"],"expires_days":90}   201, the token, once
///     DELETE /api/v1/tokens/ID                                                           revokes it
struct TokenRoutes: Sendable {
    let access: Access

    private struct Order: Decodable {
        var name: String
        var scopes: [String]
        var expires_days: Int?
    }

    /// The routes.
    func routes(bodyLimit: Int) -> [Route] {
        [
            Route(.get, "/api/v1/tokens", handler: list),
            Route(.post, "/api/v1/tokens", bodyLimit: bodyLimit, handler: add),
            Route(.delete, "/api/v1/tokens/{id}", handler: revoke),
        ]
    }

    private func list(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        try await access.caller(of: request, for: .admin)
        let tokens = try await access.control.tokens().filter { $0.workspace == access.workspace }
        return .json(.ok, ["tokens": .list(tokens.map { .object($0.members) })])
    }

    private func add(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let caller = try await access.caller(of: request, for: .admin)
        let order = try await request.decoded(
            Order.self, members: ["name", "scopes", "expires_days"],
            hint: #"send {"name":"grafana","scopes":["read"],"expires_days":90}"#)
        let scopes = order.scopes.compactMap(APIToken.Scope.init)
        guard scopes.count == order.scopes.count else {
            throw HTTPProblem(
                .badRequest, "bad-value", "there is no such scope", hint: "there are: ingest, read and admin")
        }
        let now = Timestamp.now
        let (secret, token) = try await access.control.addToken(
            order.name, scopes: Set(scopes), workspace: access.workspace,
            expiresAt: try order.expires_days.map { days throws(HTTPProblem) in try now.adding(days: days) },
            by: caller.actor, at: now)
        return .json(.created, .object(token.members + [("token", .text(secret.text))]))
    }

    private func revoke(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let caller = try await access.caller(of: request, for: .admin)
        guard let id = Int64(request.parameters["id"] ?? ""),
            try await access.control.tokens().contains(where: {
                $0.id == id && $0.workspace == access.workspace
            })
        else { throw HTTPProblem.notFound(request.path) }
        try await access.control.revokeToken(id, by: caller.actor)
        return .json(.ok, ["id": .number(Int(id)), "state": "revoked"])
    }
}

extension Timestamp {
    /// So many days later.
    ///
    /// - Throws: ``HTTPProblem`` 400 for none, or more than a hundred years.
    func adding(days: Int) throws(HTTPProblem) -> Timestamp {
        guard (1...36_500).contains(days) else {
            throw HTTPProblem(.badRequest, "bad-value", "expires_days is a number from 1 to 36500")
        }
        return Timestamp(microseconds: microseconds + Int64(days) * 86_400_000_000)
    }
}

extension APIToken {
    fileprivate var members: [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [
            ("id", .number(Int(id))), ("name", .text(name)),
            ("scopes", .list(scopes.sorted().map { .text($0.rawValue) })), ("state", .text(state)),
            ("created_at", .text(createdAt.iso8601)),
        ]
        if let expiresAt { members.append(("expires_at", .text(expiresAt.iso8601))) }
        if let lastUsedAt { members.append(("last_used_at", .text(lastUsedAt.iso8601))) }
        return members
    }
}

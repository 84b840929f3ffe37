import ControlPlane
import HTTPTypes
import Primitives

/// `/api/v1/users`: the people who sign in. An owner who is signed in may; no token may, for else whoever makes tokens made owners.
///
///     GET    /api/v1/users
///     POST   /api/v1/users                {"email":"ann@example.com","name":"Ann","role":"viewer"}   201, a password, once
///     PATCH  /api/v1/users/EMAIL          {"role":"admin"}, {"disabled":true} or {"password":null}
///     POST   /api/v1/users/EMAIL/sign-out ends their sessions; one's own anybody may end
///     DELETE /api/v1/users/EMAIL
///
/// A password that nobody chose is made here and is in no other answer. Another password ends all sessions.
struct UserRoutes: Sendable {
    let access: Access

    private struct Order: Decodable {
        var email: String
        var name: String?
        var role: String
        var password: String?
    }

    private struct Change: Decodable {
        enum Key: String, CodingKey { case role, disabled, password }
        var role: String?
        var disabled: Bool?
        /// The new password; an inner nil where one is to be made.
        var password: String??

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Key.self)
            role = try members.decodeIfPresent(String.self, forKey: .role)
            disabled = try members.decodeIfPresent(Bool.self, forKey: .disabled)
            password =
                members.contains(.password)
                ? .some(try members.decodeIfPresent(String.self, forKey: .password)) : nil
        }
    }

    /// The routes.
    func routes(bodyLimit: Int) -> [Route] {
        [
            Route(.get, "/api/v1/users", handler: list),
            Route(.post, "/api/v1/users", bodyLimit: bodyLimit, handler: add),
            Route(.patch, "/api/v1/users/{email}", bodyLimit: bodyLimit, handler: change),
            Route(.post, "/api/v1/users/{email}/sign-out", handler: signOut),
            Route(.delete, "/api/v1/users/{email}", handler: remove),
        ]
    }

    private func list(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        try await access.person(of: request, role: .owner)
        let sessions = try await access.control.sessionCounts()
        let users = try await access.control.users().map { user in
            var members = user.members
            members.append(("sessions", .number(sessions[user.id]?.count ?? 0)))
            if let seen = sessions[user.id]?.renewedAt {
                members.append(("last_seen_at", .text(seen.iso8601)))
            }
            return JSONValue.object(members)
        }
        return .json(.ok, ["users": .list(users)])
    }

    private func add(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let owner = try await access.person(of: request, role: .owner)
        let order = try await request.decoded(
            Order.self, members: ["email", "name", "role", "password"],
            hint: #"send {"email":"ann@example.com","name":"Ann","role":"viewer"}"#)
        let made = order.password == nil ? Self.makePassword() : nil
        let user = try await access.control.addUser(
            email: order.email, name: order.name ?? String(order.email.prefix { $0 != "@" }),
            role: try Self.role(order.role), password: order.password ?? made ?? "", by: .user(owner))
        return .json(.created, .object(user.members + Self.shown(made)))
    }

    private func change(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let owner = try await access.person(of: request, role: .owner)
        let email = try await access.control.user(request.decodedParameter("email")).email
        let change = try await request.decoded(
            Change.self, members: ["role", "disabled", "password"],
            hint: #"send {"role":"admin"}, {"disabled":true} or {"password":null}"#)
        let role = try change.role.map { name throws(HTTPProblem) in try Self.role(name) }
        if let role { try await access.control.setRole(of: email, to: role, by: .user(owner)) }
        if let disabled = change.disabled {
            try await access.control.setUser(email, disabled: disabled, by: .user(owner))
        }
        var made: String?
        if let password = change.password {
            if password == nil { made = Self.makePassword() }
            try await access.control.setPassword(of: email, to: password ?? made ?? "", by: .user(owner))
        }
        return .json(.ok, .object(try await access.control.user(email).members + Self.shown(made)))
    }

    private func signOut(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let visitor = try await access.person(of: request, role: .viewer)
        let user = try? await access.control.user(request.decodedParameter("email"))
        if user?.id != visitor.id { try await access.person(of: request, role: .owner) }
        guard let user else { throw HTTPProblem.notFound(request.path) }
        try await access.control.endSessions(of: user, by: .user(visitor))
        return .json(.ok, .object(user.members))
    }

    private func remove(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let owner = try await access.person(of: request, role: .owner)
        let email = try await access.control.user(request.decodedParameter("email")).email
        try await access.control.removeUser(email, by: .user(owner))
        return .json(.ok, ["email": .text(email), "state": "removed"])
    }

    private static func role(_ name: String) throws(HTTPProblem) -> Role {
        guard let role = Role(rawValue: name) else {
            throw HTTPProblem(
                .badRequest, "bad-value", "there is no such role",
                hint: "there are: \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return role
    }

    /// 120 random bits, in groups that can be read aloud.
    private static func makePassword() -> String {
        let letters = Array("abcdefghijkmnpqrstuvwxyz23456789")
        var random = SystemRandomNumberGenerator()
        let groups = (0..<6).map { _ in
            String((0..<4).map { _ in letters[Int.random(in: 0..<32, using: &random)] })
        }
        return groups.joined(separator: "-")
    }

    private static func shown(_ password: String?) -> [(String, JSONValue)] {
        password.map { [("password", .text($0))] } ?? []
    }
}

extension User {
    fileprivate var members: [(String, JSONValue)] {
        [
            ("email", .text(email)), ("name", .text(name)), ("role", .text(role.rawValue)),
            ("state", .text(state)),
            ("created_at", .text(createdAt.iso8601)),
        ]
    }
}

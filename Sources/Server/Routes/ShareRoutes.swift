import Analytics
import ControlPlane
import Dashboard
import Foundation
import HTTPTypes
import Primitives

/// Share links, see `docs/decisions/0020-share-links.md`; scope admin.
///
///     GET    /api/v1/shares
///     POST   /api/v1/shares      {"path":"/deliverability","query":"period=30d","bounds":{"filters":[],"date_range":"30d",…},"expires_days":30}
///     DELETE /api/v1/shares/ID
///     GET    /s/SECRET           opens the page; for everybody
struct ShareRoutes: Sendable {
    let access: Access
    /// Apart from that of passwords: who has a good link must not be forgiven wrong ones.
    let gate = FailureGate()

    /// Pages whose numbers all come from queries, which can be bounded.
    static let pages = ["/", "/deliverability", "/engagement", "/campaigns", "/monitoring"]
    /// The longest that a link works.
    static let mostDays = 365

    private struct Order: Decodable {
        var path: String
        var query: String?
        var bounds: AnalyticsQuery
        var expires_days: Int?
    }

    /// The routes.
    func routes(bodyLimit: Int) -> [Route] {
        [
            Route(.get, "/api/v1/shares", handler: list),
            Route(.post, "/api/v1/shares", bodyLimit: bodyLimit, handler: add),
            Route(.delete, "/api/v1/shares/{id}", handler: end),
            Route(.get, "/s/{secret}", handler: open),
        ]
    }

    private func list(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        try await access.caller(of: request, for: .admin)
        let shares = try await access.control.shares(in: access.workspace)
        return .json(.ok, ["shares": .list(shares.map { .object($0.members) })])
    }

    private func add(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let caller = try await access.caller(of: request, for: .admin, role: Share.leastRole)
        let order = try await request.decoded(
            Order.self, members: ["path", "query", "bounds", "expires_days"],
            hint: #"send {"path":"/","query":"period=30d","bounds":{"date_range":"30d"},"expires_days":30}"#)
        guard Self.pages.contains(order.path),
            let section = Section.all.first(where: { $0.path == order.path })
        else {
            throw HTTPProblem(
                .badRequest, "bad-value", "this page cannot be shared",
                hint: "there are: \(Self.pages.joined(separator: ", "))")
        }
        let query = order.query ?? ""
        guard query.utf8.count <= 8_000, query.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw HTTPProblem(.badRequest, "bad-value", "query is no query of an address")
        }
        let days = order.expires_days ?? 30
        guard (1...Self.mostDays).contains(days) else {
            throw HTTPProblem(.badRequest, "bad-value", "expires_days is a number from 1 to \(Self.mostDays)")
        }
        let now = Timestamp.now
        let bounds = String(
            decoding: try JSONEncoder().encode(QueryBounds(order.bounds, now: now)), as: UTF8.self)
        let (secret, share) = try await access.control.addShare(
            title: section.title, path: order.path, query: query, bounds: bounds,
            expiresAt: now.adding(days: days),
            workspace: access.workspace, user: caller.userID, by: caller.actor, at: now)
        return .json(.created, .object(share.members + [("link", .text("/s/\(secret.text)"))]))
    }

    private func end(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let caller = try await access.caller(of: request, for: .admin)
        guard let id = Int64(request.parameters["id"] ?? ""),
            try await access.control.shares(in: access.workspace).contains(where: { $0.id == id })
        else { throw HTTPProblem.notFound(request.path) }
        try await access.control.endShare(id, by: caller.actor)
        return .json(.ok, ["id": .number(Int(id)), "state": "ended"])
    }

    /// Gives the browser the share as a cookie, and leads to the page. Who is signed in sees it as themselves.
    private func open(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let text = request.parameters["secret"] ?? ""
        do {
            let share = try await gate.guarding(request.client.address) {
                guard let share = try await access.control.share(text), share.workspace == access.workspace
                else {
                    throw Failure(.refused, "this link does not work")
                }
                return share
            }
            let page = share.path + (share.query.isEmpty ? "" : "?" + share.query)
            guard try await access.visitor(of: request) == nil else { return .seeOther(page) }
            return .seeOther(page, setting: Guest.cookieText(text, isSecure: request.client.isSecure))
        } catch let problem as HTTPProblem where problem.status == .unauthorized {
            return .page(SignInPages.deadLink, status: .notFound, outcome: "dead-link")
        }
    }
}

extension Share {
    fileprivate var members: [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [
            ("id", .number(Int(id))), ("title", .text(title)),
            ("path", .text(path + (query.isEmpty ? "" : "?" + query))), ("state", .text(state)),
            ("made_by", .text(madeBy)), ("created_at", .text(createdAt.iso8601)),
            ("expires_at", .text(expiresAt.iso8601)), ("bounds", .text(bounds)),
        ]
        if let reason { members.append(("reason", .text(reason))) }
        if let lastUsedAt { members.append(("last_used_at", .text(lastUsedAt.iso8601))) }
        return members
    }
}

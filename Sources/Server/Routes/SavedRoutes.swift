import ControlPlane
import Foundation
import HTTPTypes
import Primitives

/// What people saved to come back to; scope read, and to change it the scope admin or, for people, the role analyst.
///
///     GET    /api/v1/saved?kind=sql
///     POST   /api/v1/saved   {"kind":"sql","name":"Bounces by team","content":{…}}   replaces what has the name
///     DELETE /api/v1/saved/ID
struct SavedRoutes: Sendable {
    let access: Access

    private struct Named: Decodable {
        var kind: String
        var name: String
    }

    /// The routes.
    func routes(bodyLimit: Int) -> [Route] {
        [
            Route(.get, "/api/v1/saved", handler: list),
            Route(.post, "/api/v1/saved", bodyLimit: bodyLimit, handler: save),
            Route(.delete, "/api/v1/saved/{id}", handler: remove),
        ]
    }

    private func list(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let caller = try await access.caller(of: request, for: .read)
        let kind = try request.decodedQuery("kind").map(Self.kind)
        var body = JSONBody()
        body.member(
            "saved", lines: try await access.control.savedItems(kind, in: access.workspace).map(Self.line))
        return .lines(body.whole, to: caller)
    }

    private func save(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let caller = try await access.caller(of: request, for: .admin, role: .analyst)
        let bytes = Data(try await request.body.readDecoded(request.headers[.contentEncoding]))
        guard let named = try? JSONDecoder().decode(Named.self, from: bytes),
            let object = try? JSONSerialization.jsonObject(with: bytes) as? [String: Any],
            let content = object["content"] as? [String: Any],
            let text = try? JSONSerialization.data(withJSONObject: content, options: [.sortedKeys])
        else {
            throw HTTPProblem(
                .badRequest, "not-json", "the body is no JSON object with a kind, a name and a content",
                hint: #"send {"kind":"sql","name":"Bounces by team","content":{"sql":"SELECT …"}}"#)
        }
        let item = try await access.control.save(
            try Self.kind(named.kind), named: named.name, content: String(decoding: text, as: UTF8.self),
            in: access.workspace, by: caller.actor)
        return .lines(Self.line(item) + "\n".utf8, to: caller)
    }

    private func remove(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let caller = try await access.caller(of: request, for: .admin, role: .analyst)
        guard let id = Int64(request.parameters["id"] ?? "") else { throw HTTPProblem.notFound(request.path) }
        try await access.control.removeSavedItem(id, in: access.workspace, by: caller.actor)
        return .json(.ok, ["removed": .number(Int(id))])
    }

    private static func kind(_ text: String) throws(HTTPProblem) -> SavedItem.Kind {
        guard let kind = SavedItem.Kind(rawValue: text) else {
            throw HTTPProblem(.badRequest, "bad-request", "kind is segment, sql or view")
        }
        return kind
    }

    /// The content is JSON as it is.
    private static func line(_ item: SavedItem) -> [UInt8] {
        let members: [(String, JSONValue)] = [
            ("id", .number(Int(item.id))), ("kind", .text(item.kind.rawValue)), ("name", .text(item.name)),
            ("owner", .text(item.owner)), ("created_at", .text(item.createdAt.iso8601)),
            ("updated_at", .text(item.updatedAt.iso8601)),
        ]
        return JSONValue.object(members).bytes.dropLast() + ",\"content\":".utf8 + item.content.utf8
            + "}".utf8
    }
}

import Analytics
import ControlPlane
import Foundation
import HTTPTypes
import Primitives
import Query

/// What a person searches, and the events behind a number; scope read. Viewers see no addresses.
///
///     GET  /api/v1/search?q=TEXT
///     POST /api/v1/events?after=CURSOR    a query as /api/v1/query takes it, without dimensions
struct SearchRoutes: Sendable {
    let access: Access
    let services: QueryServices

    /// The longest that the slower half of a search may take, in seconds: what it finds is shown without it then.
    private static let slowSeconds = 5.0

    /// The routes.
    func routes(bodyLimit: Int) -> [Route] {
        [
            Route(.get, "/api/v1/search", handler: search),
            Route(.post, "/api/v1/events", bodyLimit: bodyLimit, handler: events),
        ]
    }

    // MARK: - Search

    private struct Found: Decodable {
        var kind: String
        var row: String
    }

    private func search(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let caller = try await access.caller(of: request, for: .read)
        let lookup = try SearchLookup(
            try request.decodedQuery("q") ?? "", hidesAddresses: caller.seesNoAddresses, now: .now)
        let bytes = try await request.answering {
            async let slow = slowHalf(lookup)
            let fast = try await services.lookups.rows(lookup.messages).decoded(as: Found.self)
            let events = try await slow
            var body = JSONBody()
            body.member("q", .text(lookup.text))
            let found = fast + (events ?? [])
            for kind in ["people", "messages", "subjects", "links", "replies"] {
                body.member(kind, lines: found.filter { $0.kind == kind }.map { Array($0.row.utf8) })
            }
            body.member("event_days", .number(Int(SearchLookup.days)))
            body.member("incomplete", .list(events == nil ? ["links", "replies"] : []))
            return body.whole
        }
        return .lines(bytes, to: caller)
    }

    /// Links and replies; nil where it took too long.
    private func slowHalf(_ lookup: SearchLookup) async throws -> [Found]? {
        do {
            return try await services.lookups.rows(lookup.events, timeoutSeconds: Self.slowSeconds).decoded(
                as: Found.self)
        } catch let failure as Failure where failure.kind == .limit {
            return nil
        }
    }

    // MARK: - Events

    private struct Place: Decodable { var cursor: String }

    private func events(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let caller = try await access.caller(of: request, for: .read)
        let after = try request.decodedQuery("after").map { text throws(AnalyticsError) in
            try EventCursor(text)
        }
        let body = try await request.body.readDecoded(request.headers[.contentEncoding])
        var query = try AnalyticsQuery.decode(body)
        if query.metrics.isEmpty { query.metrics = ["events"] }
        if caller.seesNoAddresses { try query.checkForViewer() }
        let limit = min(query.limit, 1_000)
        // One more than is shown tells whether there are more.
        query.limit = limit + 1
        let asked = query
        let bytes = try await request.answering {
            let rows = try await services.lookups.events(asked, after: after)
            let shown = Array(rows.lines.prefix(limit))
            var body = JSONBody()
            body.member("events", lines: shown)
            if rows.lines.count > limit, let last = shown.last,
                let place = try? JSONDecoder().decode(Place.self, from: Data(last))
            {
                body.member("next", .text(place.cursor))
            }
            return body.whole
        }
        return .lines(bytes, to: caller)
    }
}

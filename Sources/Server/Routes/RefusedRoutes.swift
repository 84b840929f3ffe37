import ControlPlane
import Foundation
import HTTPTypes
import Ingest
import Lake
import Primitives

/// `/api/v1/refused`: lists, shows and replays refused records.
///
///     GET  /api/v1/refused?source=S&reason=TEXT&since=2026-08-01T00:00:00Z&limit=100&after=CURSOR   scope read
///     GET  /api/v1/refused/ID                                                                        scope read
///     POST /api/v1/refused/replay  {"ids":["…"]} or {"source":"S","reason":"…"} or {"all":true}      scope admin
struct RefusedRoutes: Sendable {
    let access: Access
    let replay: RefusedReplay?

    /// The routes.
    func routes(bodyLimit: Int) -> [Route] {
        [
            Route(.get, "/api/v1/refused", handler: list),
            Route(.post, "/api/v1/refused/replay", bodyLimit: bodyLimit, handler: replayPage),
            Route(.get, "/api/v1/refused/{id}", handler: show),
        ]
    }

    private func list(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let caller = try await access.caller(of: request, for: .read)
        let filter = try RefusedFilter(
            source: request.decodedQuery("source"), reason: request.decodedQuery("reason"),
            since: try request.decodedQuery("since").map(Self.time))
        let limit = try request.decodedQuery("limit").map { text throws(HTTPProblem) in
            guard let limit = Int(text), (1...1_000).contains(limit) else {
                throw HTTPProblem(.badRequest, "bad-request", "limit is not a number from 1 to 1000")
            }
            return limit
        }
        let after = try request.decodedQuery("after").map { text throws(HTTPProblem) in
            guard let cursor = EventLake.RefusedCursor(text) else {
                throw HTTPProblem(
                    .badRequest, "bad-request", "after is not a cursor",
                    hint: "take it from next of the page before")
            }
            return cursor
        }
        let lake = try store().lake
        let most = limit ?? 100
        let found = try await lake.refusedRecords(filter, limit: most + 1, after: after)
        let shown = found.prefix(most)
        var members: [(String, JSONValue)] = [("refused", .list(shown.map { .object($0.members) }))]
        if found.count > most, let last = shown.last {
            members.append(("next", .text(EventLake.RefusedCursor(after: last).text)))
        }
        if after == nil {
            let counts = try await lake.refusedCounts(filter)
            members.append(("total", .number(counts.reduce(0) { $0 + $1.count })))
            members.append(("counts", .list(counts.prefix(1_000).map { .object($0.members) })))
        }
        return .lines(JSONValue.object(members).bytes, to: caller)
    }

    private func show(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        // A record's bytes name people, whom viewers do not see.
        try await access.caller(of: request, for: .read, role: .analyst)
        let record = try await store().lake.refusedRecord(request.parameters["id"] ?? "")
        var members = record.members
        // Bytes that are no text cannot stand in JSON as they are.
        if let text = String(validating: record.event.bytes, as: UTF8.self) {
            members.append(("body", .text(text)))
        } else {
            members.append(("body_base64", .text(Data(record.event.bytes).base64EncodedString())))
        }
        members.append(("is_whole", .flag(record.event.bytes.count == record.event.byteCount)))
        return .json(.ok, .object(members))
    }

    private func replayPage(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        try await access.caller(of: request, for: .admin)
        let body = try await request.body.readAll()
        let wanted: ReplayRequest
        do { wanted = try JSONDecoder().decode(ReplayRequest.self, from: Data(body)) } catch {
            throw HTTPProblem(
                .badRequest, "not-json", "the body is no JSON object that says what to replay",
                hint: "send {\"ids\":[\"…\"]}, {\"source\":\"…\"}, {\"reason\":\"…\"} or {\"all\":true}")
        }
        let (report, next) = try await store().page(
            wanted.filter(), after: wanted.after, dryRun: wanted.dryRun ?? false)
        return .json(
            .ok,
            .object(
                [
                    ("records", .number(report.records)), ("read", .number(report.read)),
                    ("events", .number(report.events)), ("duplicates", .number(report.duplicates)),
                    ("refused", .number(report.refused)), ("incomplete", .number(report.incomplete)),
                ] + (next.map { [("next", .text($0))] } ?? [])))
    }

    private func store() throws(HTTPProblem) -> RefusedReplay {
        guard let replay else { throw HTTPProblem(.notFound, "not-found", "this server has no lake") }
        return replay
    }

    private static func time(_ text: String) throws(HTTPProblem) -> Timestamp {
        guard let time = Timestamp(parsing: text) else {
            throw HTTPProblem(.badRequest, "bad-request", "since is not a time such as 2026-08-01T00:00:00Z")
        }
        return time
    }
}

/// What a replay's body says.
public struct ReplayRequest: Codable, Sendable, Equatable {
    /// Ids, or their beginnings.
    public var ids: [String]?
    /// Those of this source.
    public var source: String?
    /// Those whose reason has this in it.
    public var reason: String?
    /// All; has to be said where nothing else is.
    public var all: Bool?
    /// Tell only what would happen.
    public var dryRun: Bool?
    /// Where the page before ended.
    public var after: String?

    enum CodingKeys: String, CodingKey {
        case ids, source, reason, all, after
        case dryRun = "dry_run"
    }

    /// A request for nothing yet.
    public init() {}

    /// The records that are meant.
    ///
    /// - Throws: ``Failure`` of kind usage where nothing is.
    public func filter() throws(Failure) -> RefusedFilter {
        guard all == true || source != nil || reason != nil || !(ids ?? []).isEmpty else {
            throw Failure(.usage, "say what to replay: ids, a source, a reason, or all")
        }
        return try RefusedFilter(ids: ids ?? [], source: source, reason: reason)
    }
}

extension KeptRefusal {
    fileprivate var members: [(String, JSONValue)] {
        [
            ("id", .text(id)), ("refused_at", .text(event.refusedAt.iso8601)),
            ("source", .text(event.sourceName)), ("origin", .text(event.origin)),
            ("byte_offset", .number(event.byteOffset)), ("line", .number(event.line)),
            ("reason", .text(event.reason)), ("byte_count", .number(event.byteCount)),
        ]
    }
}

extension RefusedCount {
    fileprivate var members: [(String, JSONValue)] {
        [
            ("source", .text(source)), ("reason", .text(reason)), ("count", .number(count)),
            ("newest", .text(newest.iso8601)),
        ]
    }
}

extension IncomingRequest {
    /// The first value of a parameter of the query, with its percent-encoding undone; nil if it is empty.
    func decodedQuery(_ name: String) throws(HTTPProblem) -> String? {
        guard let value = queryValue(name), !value.isEmpty else { return nil }
        guard let text = value.replacing("+", with: " ").removingPercentEncoding else {
            throw HTTPProblem(.badRequest, "bad-request", "\(name) is not percent-encoded UTF-8")
        }
        return text
    }
}

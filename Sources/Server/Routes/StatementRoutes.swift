import ControlPlane
import Foundation
import HTTPTypes
import Primitives
import Query

/// `/api/v1/sql`: users' statements, which run on their own.
///
///     POST /api/v1/sql               {"sql":"SELECT …","timeout_seconds":60}   scope read; 202 and the statement
///     GET  /api/v1/sql               the statements                            scope read
///     GET  /api/v1/sql/ID            one of them: state, progress              scope read
///     GET  /api/v1/sql/ID/rows?limit=1000&after=CURSOR                         scope read
///     GET  /api/v1/sql/ID/parquet    the whole result as a Parquet file        scope read
///     POST /api/v1/sql/ID/cancel                                               scope read
struct StatementRoutes: Sendable {
    let access: Access
    let book: StatementBook
    let filesFolder: String

    /// The longest that a statement may run, in seconds.
    static let mostSeconds: Double = 3_600

    private struct Order: Decodable {
        var sql: String
        var timeout_seconds: Double?
    }

    /// The routes.
    func routes(bodyLimit: Int) -> [Route] {
        [
            Route(.post, "/api/v1/sql", bodyLimit: bodyLimit, handler: submit),
            Route(.get, "/api/v1/sql", handler: list),
            Route(.get, "/api/v1/sql/{id}", handler: show),
            Route(.get, "/api/v1/sql/{id}/rows", handler: rows),
            Route(.get, "/api/v1/sql/{id}/parquet", handler: parquet),
            Route(.post, "/api/v1/sql/{id}/cancel", handler: cancel),
        ]
    }

    private func submit(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        try await access.caller(of: request, for: .read, role: .analyst)
        let body = try await request.body.readDecoded(request.headers[.contentEncoding])
        guard let order = try? JSONDecoder().decode(Order.self, from: Data(body)), !order.sql.isEmpty else {
            throw HTTPProblem(
                .badRequest, "not-json", "the body is no JSON object with a statement",
                hint: #"send {"sql":"SELECT count(*) FROM events","timeout_seconds":60}"#)
        }
        guard !order.sql.utf8.contains(0) else {
            throw HTTPProblem(.badRequest, "bad-statement", "the statement has U+0000 in it")
        }
        let seconds = order.timeout_seconds ?? 60
        guard (0.001...Self.mostSeconds).contains(seconds) else {
            throw HTTPProblem(
                .badRequest, "bad-timeout", "timeout_seconds is a number up to \(Int(Self.mostSeconds))")
        }
        do {
            let status = try await book.submit(order.sql, timeoutSeconds: seconds)
            var answer = ReceiverAnswer.json(.accepted, .object(status.members))
            answer.headers[.location] = "/api/v1/sql/\(status.id)"
            return answer
        } catch {
            guard error.kind == .limit else { throw error }
            throw HTTPProblem(queryLimit: error)
        }
    }

    private func list(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        try await access.caller(of: request, for: .read, role: .analyst)
        return .json(.ok, ["statements": .list(await book.statuses().map { .object($0.members) })])
    }

    private func show(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        try await access.caller(of: request, for: .read, role: .analyst)
        return .json(.ok, .object(try await book.status(request.parameters["id"] ?? "").members))
    }

    private func cancel(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        try await access.caller(of: request, for: .read, role: .analyst)
        return .json(.ok, .object(try await book.cancel(request.parameters["id"] ?? "").members))
    }

    private func parquet(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        try await access.caller(of: request, for: .read, role: .analyst)
        let id = request.parameters["id"] ?? ""
        let path = "\(filesFolder)/\(UUID().uuidString).parquet"
        let file = PassingFile(path: path)
        do {
            try await request.answering { try await book.write(id, toParquet: path) }
            return ReceiverAnswer(
                status: .ok, headers: [.contentType: ResultFormat.parquet.contentType],
                body: try await file.take(),
                outcome: "ok")
        } catch {
            await file.remove()
            throw error
        }
    }

    /// A page of rows, put together of the lines as they are.
    private func rows(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        try await access.caller(of: request, for: .read, role: .analyst)
        let id = request.parameters["id"] ?? ""
        let limit = try number(request, "limit", 1...10_000) ?? 1_000
        let place = try number(request, "after", 0...Int.max) ?? 0
        let (rows, next) = try await book.rows(id, from: place, limit: limit)
        let status = try await book.status(id)
        var body = Array(#"{"id":"\#(status.id)","state":"\#(status.state.rawValue)","rows":["#.utf8)
        for (index, row) in rows.enumerated() {
            body += (index == 0 ? "\n" : ",\n").utf8
            body += row
        }
        body += (next.map { "],\"next\":\"\($0)\"}\n" } ?? "]}\n").utf8
        return ReceiverAnswer(status: .ok, headers: [.contentType: "application/json"], body: body)
    }

    private func number(_ request: IncomingRequest, _ name: String, _ range: ClosedRange<Int>)
        throws(HTTPProblem) -> Int?
    {
        guard let text = request.queryValue(name), !text.isEmpty else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw HTTPProblem(.badRequest, "bad-request", "\(name) is not a number that it can be")
        }
        return number
    }
}

extension StatementStatus {
    /// As JSON. Progress is a whole per cent: it is a guess.
    fileprivate var members: [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [
            ("id", .text(id)), ("state", .text(state.rawValue)), ("sql", .text(sql)),
            ("submitted_at", .text(submittedAt.iso8601)), ("milliseconds", .number(Int(seconds * 1_000))),
            ("rows", .number(rows)), ("bytes", .number(bytes)),
        ]
        if let progress { members.append(("progress_percent", .number(Int(progress * 100)))) }
        if let endedAt { members.append(("ended_at", .text(endedAt.iso8601))) }
        if let failure {
            members.append(("error", ["code": .text(failure.code), "detail": .text(failure.shown)]))
        }
        return members
    }
}

extension Failure {
    /// For programs.
    fileprivate var code: String {
        switch kind {
        case .usage, .input, .notFound: "bad-statement"
        case .refused: "refused"
        case .limit: "query-limit"
        case .storage: "storage"
        case .cancelled: "cancelled"
        }
    }

    /// What may be told: the message of a failing disk names paths.
    fileprivate var shown: String {
        kind == .storage
            ? "the server could not carry it out; its operator finds the reason in the log" : message
    }
}

import Analytics
import ControlPlane
import Foundation
import HTTPTypes
import Primitives
import Query

/// People and messages: a message's journey and a recipient's life; scope read. Viewers see no addresses.
///
///     GET /api/v1/messages/ID
///     GET /api/v1/recipients?address=ann@example.com&limit=50&after=CURSOR
struct LookupRoutes: Sendable {
    let access: Access
    let lookups: LookupRunner

    /// The routes.
    var routes: [Route] {
        [
            Route(.get, "/api/v1/messages/{id}") { try await answer($0, message) },
            Route(.get, "/api/v1/recipients") { try await answer($0, recipient) },
        ]
    }

    /// Asks on behalf of a caller, and stops when they leave.
    private func answer(
        _ request: IncomingRequest, _ body: @escaping @Sendable (IncomingRequest) async throws -> [UInt8]
    ) async throws -> ReceiverAnswer {
        let caller = try await access.caller(of: request, for: .read)
        let bytes = try await request.answering { try await body(request) }
        return .lines(bytes, to: caller)
    }

    // MARK: - A message

    private struct Event: Decodable {
        var event_id: String
        var event_at: String
        var event_type: String
        var row: String
    }

    /// What an event says of machines, or its neighbours do.
    private struct Verdict: Decodable {
        var event_id: String
        var is_machine: Bool?
        var machine_rule: String?
        var means: String?
    }

    /// How far a message came with a recipient.
    private struct Recipient: Decodable {
        var row: String
        var spans: String
    }

    /// When a message's events were; nil where not all of its recipients tell.
    private static func spans(of recipients: [Recipient]) throws -> [ClosedRange<Timestamp>]? {
        guard !recipients.isEmpty, recipients.count < MessageLookup.mostRecipients else { return nil }
        let spans = try recipients.flatMap {
            try JSONDecoder().decode([[Int64]].self, from: Data($0.spans.utf8))
        }
        return Set(spans).map { Timestamp(microseconds: $0[0])...Timestamp(microseconds: $0[1]) }
    }

    private func message(_ request: IncomingRequest) async throws -> [UInt8] {
        let text = request.parameters["id"]?.removingPercentEncoding ?? ""
        let lookup = try MessageLookup(text)
        let recipients = try await lookups.rows(lookup.recipients).decoded(as: Recipient.self)
        let events = try await lookups.rows(lookup.events(within: try Self.spans(of: recipients)))
        guard !events.lines.isEmpty else {
            throw HTTPProblem(
                .notFound, "not-found", "there is no message of this id",
                hint: "search for its recipient: the id may be of another account, or its events did not come"
            )
        }
        let found = try events.decoded(as: Event.self)
        let times = found.filter { ["Open", "Click"].contains($0.event_type) }
            .compactMap { Timestamp(parsing: $0.event_at) }
        var verdicts = try events.decoded(as: Verdict.self)
        // Behind what the event says alone stands what its neighbours say, which counts.
        if !times.isEmpty {
            verdicts += try await lookups.rows(lookup.verdict(around: times)).decoded(as: Verdict.self)
        }
        let last = Dictionary(verdicts.map { ($0.event_id, $0) }, uniquingKeysWith: { $1 })
        var body = JSONBody()
        body.member("message_id", .text(lookup.id))
        body.member("recipients", lines: recipients.map { Array($0.row.utf8) })
        body.member("events", lines: found.map { Self.line($0, last[$0.event_id]) })
        body.member("is_cut", .flag(found.count == MessageLookup.mostEvents))
        return body.whole
    }

    private static func line(_ event: Event, _ verdict: Verdict?) -> [UInt8] {
        let members: [(String, JSONValue?)] = [
            ("is_machine", verdict?.is_machine.map { .flag($0) }),
            ("machine_rule", verdict?.machine_rule.map { .text($0) }),
            ("means", verdict?.means.map { .text($0) }),
        ]
        var line = Array(event.row.utf8.dropLast())
        for (name, value) in members {
            line += ",\"\(name)\":".utf8
            line += value?.bytes ?? Array("null".utf8)
        }
        return line + "}".utf8
    }

    // MARK: - A recipient

    private struct Found: Decodable {
        var message_id: String
        var state: String
        var sent_at: String
        var last_event_at: String
        var cursor: String
    }

    private func recipient(_ request: IncomingRequest) async throws -> [UInt8] {
        let lookup = try RecipientLookup(try request.decodedQuery("address") ?? "")
        let limit = try request.number("limit", 1...1_000) ?? 50
        let after = try request.decodedQuery("after")
        async let totals = lookups.rows(lookup.totals)
        // One more than is shown tells whether there are more.
        let found = try await lookups.rows(try lookup.messages(limit: limit + 1, after: after))
        let shown = Array(found.lines.prefix(limit))
        let rows = try found.decoded(as: Found.self).prefix(limit)
        var body = JSONBody()
        body.member("address", .text(lookup.address))
        body.member("totals", lines: try await totals.lines)
        body.member("messages", lines: shown)
        body.member("reasons", lines: try await reasons(of: Array(rows)))
        if found.lines.count > limit, let last = rows.last { body.member("next", .text(last.cursor)) }
        if shown.isEmpty, after == nil {
            body.member("similar", lines: try await lookups.rows(lookup.similar).lines)
        }
        return body.whole
    }

    private func reasons(of messages: [Found]) async throws -> [[UInt8]] {
        let wanted = messages.filter { ReasonsLookup.isNeeded($0.state) }
        guard let from = wanted.compactMap({ Timestamp(parsing: $0.sent_at) }).min(),
            let through = wanted.compactMap({ Timestamp(parsing: $0.last_event_at) }).max()
        else { return [] }
        return try await lookups.rows(
            ReasonsLookup(wanted.map(\.message_id), from: from, through: through).reasons
        ).lines
    }
}

/// An object of JSON that is put together of lines that are JSON already.
struct JSONBody {
    private(set) var bytes: [UInt8] = []

    /// Adds a member.
    mutating func member(_ name: String, _ value: JSONValue) {
        begin(name)
        bytes += value.bytes
    }

    /// Adds a list of objects.
    mutating func member(_ name: String, lines: [[UInt8]]) {
        begin(name)
        bytes.append(UInt8(ascii: "["))
        for (index, line) in lines.enumerated() {
            if index > 0 { bytes += ",\n".utf8 }
            bytes += line
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func begin(_ name: String) {
        bytes += (bytes.isEmpty ? "{" : ",\n").utf8
        bytes += JSONValue.text(name).bytes
        bytes.append(UInt8(ascii: ":"))
    }

    /// The whole object.
    var whole: [UInt8] { bytes + "}\n".utf8 }
}

extension ReceiverAnswer {
    /// JSON for a caller: without addresses where they may not see them.
    static func lines(_ bytes: [UInt8], to caller: Caller) -> ReceiverAnswer {
        ReceiverAnswer(
            status: .ok, headers: [.contentType: "application/json"],
            body: caller.seesNoAddresses ? AddressMask.mask(bytes) : bytes, outcome: "ok")
    }
}

extension IncomingRequest {
    /// Works on an answer until the client leaves; limits of a query are told as such.
    func answering<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) async throws -> T {
        do { return try await departure.cancelling { try await body() } } catch let failure as Failure
            where failure.kind == .limit
        {
            throw HTTPProblem(queryLimit: failure)
        }
    }

    /// A whole number of the query; nil where it is not there.
    func number(_ name: String, _ range: ClosedRange<Int>) throws(HTTPProblem) -> Int? {
        guard let text = queryValue(name), !text.isEmpty else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw HTTPProblem(
                .badRequest, "bad-request",
                "\(name) is a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}

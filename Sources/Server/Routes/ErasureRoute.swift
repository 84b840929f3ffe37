import ControlPlane
import Foundation
import HTTPTypes
import Lake
import Primitives

/// `POST /api/v1/erasures` asks for the erasure of a person; `GET /api/v1/erasures/{id}` tells how far it is. Both take a
/// token of the scope `admin`.
///
///     {"recipient":"ann@example.com","reason":"request 4711","include_datasets":false}
///
/// An answer never has the address.
struct ErasureRoute: Sendable {
    let access: Access
    let journal: JournalKeeper

    init(access: Access, journal: ErasureJournal) {
        self.access = access
        self.journal = JournalKeeper(journal)
    }

    private struct Request: Decodable {
        var recipient: String
        var reason: String
        var include_datasets: Bool?
    }

    func routes(bodyLimit: Int) -> [Route] {
        [
            Route(.post, "/api/v1/erasures", bodyLimit: bodyLimit) { try await begin($0) },
            Route(.get, "/api/v1/erasures/{id}") { try await show($0) },
        ]
    }

    private func begin(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let caller = try await access.caller(of: request, for: .admin)
        let body = try await request.body.readDecoded(request.headers[.contentEncoding])
        guard let asked = try? JSONDecoder().decode(Request.self, from: Data(body)),
            !asked.reason.trimmingCharacters(in: .whitespaces).isEmpty
        else {
            throw HTTPProblem(
                .badRequest, "bad-erasure", "the body is no erasure",
                hint: #"send {"recipient":"ann@example.com","reason":"why"}"#)
        }
        let erasure: Erasure
        do {
            erasure = try await journal.begin(
                asked.recipient, asked.reason, caller.actor.description,
                asked.include_datasets ?? false)
        } catch let failure as Failure where failure.kind == .usage {
            throw HTTPProblem(.badRequest, "bad-recipient", "the recipient is no mail address")
        }
        return .json(.accepted, Self.json(erasure))
    }

    private func show(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        try await access.caller(of: request, for: .admin)
        guard let erasure = try await journal.erasure(request.parameters["id"] ?? "") else {
            throw HTTPProblem.notFound(request.path)
        }
        return .json(.ok, Self.json(erasure))
    }

    private static func json(_ erasure: Erasure) -> JSONValue {
        let list = { (changes: [Erasure.Change]) in
            JSONValue.list(
                changes.map {
                    ["place": .text($0.place), "files": .number($0.files), "rows": .number($0.rows)]
                })
        }
        var members: [(String, JSONValue)] = [
            ("id", .text(erasure.id)), ("state", erasure.isFinished ? "finished" : "unfinished"),
            ("token", .text(erasure.token)), ("requested_at", .text(erasure.requestedAt)),
        ]
        if let finishedAt = erasure.finishedAt { members.append(("finished_at", .text(finishedAt))) }
        return .object(
            members + [("changes", list(erasure.changes)), ("remaining", list(erasure.remaining))])
    }
}

/// Reads and writes the journal on a thread of its own, for it waits for the disk.
actor JournalKeeper {
    private let executor = BlockingExecutor(label: "sesame.erasures")
    private let journal: ErasureJournal

    init(_ journal: ErasureJournal) { self.journal = journal }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func begin(_ recipient: String, _ reason: String, _ actor: String, _ includesDatasets: Bool) throws
        -> Erasure
    {
        try journal.begin(recipient, reason: reason, actor: actor, includesDatasets: includesDatasets)
    }

    func erasure(_ id: String) throws -> Erasure? { try journal.erasure(id) }
}

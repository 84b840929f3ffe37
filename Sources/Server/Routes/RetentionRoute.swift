import ControlPlane
import Foundation
import HTTPTypes
import Lake
import Primitives

/// `GET /api/v1/retention` tells how long data is kept, what that means today and what was done last; `PUT` sets all limits at
/// once. Both take a token of the scope `admin`.
///
///     {"events":{"anonymise_after_days":90,"delete_after_days":400},"refused":{"delete_after_days":90}}
///
/// Both answer with ``RetentionOverview``. A table that is not named is kept.
struct RetentionRoute: Sendable {
    let access: Access
    let journal: RetentionJournalReader

    init(access: Access, journal: RetentionJournal) {
        self.access = access
        self.journal = RetentionJournalReader(journal)
    }

    func routes(bodyLimit: Int) -> [Route] {
        [
            Route(.get, "/api/v1/retention") { try await show($0) },
            Route(.put, "/api/v1/retention", bodyLimit: bodyLimit) { try await set($0) },
        ]
    }

    private func show(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        try await access.caller(of: request, for: .admin)
        return try await overview()
    }

    private func set(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let caller = try await access.caller(of: request, for: .admin)
        let body = try await request.body.readDecoded(request.headers[.contentEncoding])
        guard let policy = try? JSONDecoder().decode(RetentionPolicy.self, from: Data(body)) else {
            throw HTTPProblem(
                .badRequest, "bad-retention", "the body is no retention policy",
                hint:
                    #"send {"events":{"delete_after_days":400}}; tables are raw, events, messages, refused and streams"#
            )
        }
        do {
            try await access.control.setRetention(policy, by: caller.actor)
        } catch let failure as Failure where failure.kind == .usage {
            throw HTTPProblem(.badRequest, "contradicting-retention", failure.message)
        }
        return try await overview()
    }

    private func overview() async throws -> ReceiverAnswer {
        let overview = RetentionOverview(try await access.control.retention(), try await journal.state())
        return ReceiverAnswer(
            status: .ok, headers: [.contentType: "application/json"], body: try overview.json)
    }
}

/// Reads the journal on a thread of its own, for it waits for the disk.
actor RetentionJournalReader {
    private let executor = BlockingExecutor(label: "sesame.retention")
    private let journal: RetentionJournal

    init(_ journal: RetentionJournal) { self.journal = journal }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func state() throws -> RetentionState { try journal.load() }
}

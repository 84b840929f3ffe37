import ControlPlane
import HTTPTypes
import Primitives

/// `GET /api/v1/audit?limit=100&before=ID`: who did what, the newest first; scope admin.
struct AuditRoute: Sendable {
    let access: Access

    var routes: [Route] { [Route(.get, "/api/v1/audit", handler: list)] }

    private func list(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        try await access.caller(of: request, for: .admin)
        let limit = try request.queryNumber("limit", in: 1...1_000) ?? 100
        let before: Int64? = try request.queryNumber("before", in: 1...Int64.max)
        let entries = try await access.control.auditLog(limit: limit, before: before)
        var members: [(String, JSONValue)] = [
            (
                "entries",
                .list(
                    entries.map { entry in
                        [
                            "id": .number(Int(entry.id)), "at": .text(entry.at.iso8601),
                            "actor": .text(entry.actor),
                            "action": .text(entry.action), "object": .text(entry.object),
                            "details": .object(
                                entry.details.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) }),
                        ]
                    })
            )
        ]
        if entries.count == limit, let last = entries.last, last.id > 1 {
            members.append(("next", .number(Int(last.id))))
        }
        return .json(.ok, .object(members))
    }
}

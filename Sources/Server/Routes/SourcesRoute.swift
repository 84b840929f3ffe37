import ControlPlane
import HTTPTypes
import Lake
import Primitives

/// `GET /api/v1/sources`: each road and how it does; scope read.
///
///     {"sources":[{"name":"shop","kind":"sns","state":"active","last_event_at":"…","events":812,"duplicates":3,"refused":1,
///      "refused_by_reason":{"not-json":1}}],"refused":1,"lag":{"records":0,"milliseconds":0}}
///
/// `lag` is what was acknowledged and cannot be queried yet.
struct SourcesRoute: Sendable {
    let access: Access
    let overview: SourceOverview
    let drainLag: @Sendable () async -> DrainLag?

    var routes: [Route] { [Route(.get, "/api/v1/sources") { try await list($0) }] }

    private func list(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        try await access.caller(of: request, for: .read)
        let lines = try await overview.lines()
        let refused = try await overview.refused().reduce(0) { $0 + $1.count }
        var members: [(String, JSONValue)] = [
            ("sources", .list(lines.map(Self.json))), ("refused", .number(refused)),
        ]
        if let lag = await drainLag() {
            members.append(
                ("lag", ["records": .number(lag.records), "milliseconds": .number(Int(lag.seconds * 1_000))]))
        }
        if let url = try await access.control.setting(.publicURL) {
            members.append(("public_url", .text(url)))
        }
        return .json(.ok, .object(members))
    }

    private static func json(_ line: SourceOverview.Line) -> JSONValue {
        let status = line.status
        var members =
            line.source.members + [
                ("state", .text(line.state)), ("events", .number(Int(status.events))),
                ("duplicates", .number(Int(status.duplicates))), ("refused", .number(Int(status.refused))),
                (
                    "refused_by_reason",
                    .object(
                        status.refusedByReason.sorted { $0.key < $1.key }.map {
                            ($0.key, .number(Int($0.value)))
                        }
                    )
                ),
            ]
        if let last = status.lastEventAt { members.append(("last_event_at", .text(last.iso8601))) }
        if let usual = line.silence?.usualSeconds { members.append(("usual_seconds", .number(Int(usual)))) }
        if let error = status.lastError { members.append(("last_error", .text(error))) }
        if let time = status.lastErrorAt { members.append(("last_error_at", .text(time.iso8601))) }
        if let time = status.fetchedAt { members.append(("fetched_at", .text(time.iso8601))) }
        return .object(members)
    }
}

/// The sources of a workspace, and what was refused.
struct SourceOverview: Sendable {
    let access: Access
    let states: @Sendable () async -> [SourceWatch.State]
    /// Where refused records are kept; nil where there is no lake.
    let lake: EventLake?

    /// A source and how it does.
    struct Line: Sendable {
        var source: Source
        var status: SourceStatus
        var silence: SourceSilence?
        var state: String { source.state(status, isSilent: silence?.isStale == true) }
    }

    /// The sources by name.
    func lines() async throws -> [Line] {
        let silences = Dictionary(
            await states().map { ($0.name, $0.silence) }, uniquingKeysWith: { first, _ in first })
        let statuses = try await access.control.sourceStatuses()
        return try await access.control.sources(in: access.workspace).sorted { $0.name < $1.name }
            .map { Line(source: $0, status: statuses[$0.id] ?? SourceStatus(), silence: silences[$0.name]) }
    }

    /// How many records were refused, by source and reason.
    func refused() async throws -> [RefusedCount] { try await lake?.refusedCounts(RefusedFilter()) ?? [] }
}

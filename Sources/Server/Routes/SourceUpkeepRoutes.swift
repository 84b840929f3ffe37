import ControlPlane
import EventLog
import HTTPTypes
import Ingest
import Primitives

/// What is done to sources; scope admin.
///
///     POST   /api/v1/sources               {"name":"shop","kind":"sns","topic_arns":["arn:…"]}   201, the source and its secret
///     POST   /api/v1/sources/NAME/pause, …/resume
///     POST   /api/v1/sources/NAME/rotate   {"grace_minutes":60}                                  the new secret
///     POST   /api/v1/sources/NAME/test     puts a test event where the source's events go
///     GET    /api/v1/sources/NAME/setup?url=https://sesame.example.com                           what to paste, by its form
///     DELETE /api/v1/sources/NAME
///
/// A secret is in no other answer than the one that made it.
struct SourceUpkeepRoutes: Sendable {
    let access: Access
    let sink: any RecordSink
    /// Forgets what it knows of the sources, and counts what came; nil where nobody asks.
    let directory: (any SourceDirectory)?

    private struct Naming: Decodable {
        var name: String
        var kind: String
    }

    private struct Rotation: Decodable {
        var grace_minutes: Int?
        var secret_access_key: String?
    }

    /// The routes.
    func routes(bodyLimit: Int) -> [Route] {
        [
            Route(.post, "/api/v1/sources", bodyLimit: bodyLimit, handler: add),
            Route(.post, "/api/v1/sources/{name}/pause") { try await pause($0, true) },
            Route(.post, "/api/v1/sources/{name}/resume") { try await pause($0, false) },
            Route(.post, "/api/v1/sources/{name}/rotate", bodyLimit: bodyLimit, handler: rotate),
            Route(.post, "/api/v1/sources/{name}/test", handler: test),
            Route(.get, "/api/v1/sources/{name}/setup", handler: setup),
            Route(.delete, "/api/v1/sources/{name}", handler: remove),
        ]
    }

    // MARK: Changes

    private func add(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let caller = try await access.caller(of: request, for: .admin)
        let members = ["name", "kind"] + SourceOrder.CodingKeys.allCases.map(\.rawValue)
        let wanted = try await request.decoded(
            Both<Naming, SourceOrder>.self, members: members,
            hint: #"send {"name":"shop","kind":"sns","topic_arns":["arn:aws:sns:…"]}"#)
        guard let kind = SourceKind(rawValue: wanted.first.kind) else {
            throw HTTPProblem(
                .badRequest, "bad-value", "there is no such kind of source",
                hint: "there are: \(SourceKind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let created = try await access.control.addSource(
            wanted.first.name, workspace: access.workspace, settings: wanted.second.settings(of: kind),
            awsSecretAccessKey: wanted.second.secretAccessKey, by: caller.actor)
        await directory?.invalidate()
        return Self.answer(.created, created)
    }

    private func rotate(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let caller = try await access.caller(of: request, for: .admin)
        let source = try await source(of: request)
        let order = try await request.decoded(
            Rotation.self, members: ["grace_minutes", "secret_access_key"],
            hint: #"send {"grace_minutes":60}, or 0 where the old secret has leaked"#)
        let grace = order.grace_minutes ?? 60
        guard (0...10_080).contains(grace) else {
            throw HTTPProblem(.badRequest, "bad-value", "grace_minutes is a number from 0 to 10080")
        }
        let created = try await access.control.rotateSecret(
            of: source.name, grace: grace * 60, awsSecretAccessKey: order.secret_access_key, by: caller.actor)
        await directory?.invalidate()
        return Self.answer(.ok, created)
    }

    private func pause(_ request: IncomingRequest, _ isPaused: Bool) async throws -> ReceiverAnswer {
        let caller = try await access.caller(of: request, for: .admin)
        let source = try await source(of: request)
        try await access.control.setSource(source.name, paused: isPaused, by: caller.actor)
        await directory?.invalidate()
        return .json(.ok, ["name": .text(source.name), "state": isPaused ? "paused" : "active"])
    }

    private func remove(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let caller = try await access.caller(of: request, for: .admin)
        let source = try await source(of: request)
        try await access.control.removeSource(source.name, by: caller.actor)
        await directory?.invalidate()
        return .json(.ok, ["name": .text(source.name), "state": "removed"])
    }

    // MARK: Trying

    /// The events go to the log under the source's name, as its receiver would put them there, and are parsed, kept and counted like any.
    private func test(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let caller = try await access.caller(of: request, for: .admin)
        let source = try await source(of: request)
        guard source.pausedAt == nil else {
            throw HTTPProblem(
                .conflict, "source-paused", "the source '\(source.name)' is paused",
                hint: "let it take events again first")
        }
        let now = Timestamp.now
        let events = TestEvents(source: source.name, at: now)
        let record = LogRecord(
            receivedAt: now, source: source.name, origin: [LogAttribute(Origin.requestID, request.id)],
            body: events.lines)
        try await sink.keep([record])
        var activity = SourceActivity()
        (activity.events, activity.lastEventAt) = (TestEvents.count, now)
        await directory?.record(activity, of: source)
        try await access.control.audit(
            by: caller.actor, "source.test", on: "source:\(source.name)", ["message": events.messageID])
        return .json(
            .accepted, ["message_id": .text(events.messageID), "events": .number(TestEvents.count)])
    }

    private func setup(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        try await access.caller(of: request, for: .admin)
        let source = try await source(of: request)
        let kept = try await access.control.setting(.publicURL)
        guard let url = try request.decodedQuery("url") ?? kept ?? (source.kind.isPushed ? nil : "") else {
            throw HTTPProblem(
                .badRequest, "no-address", "it is not known under which address AWS reaches Sesame",
                hint: "ask with ?url=https://sesame.example.com")
        }
        // A kind that needs nothing in AWS has one form alone.
        let first = try AWSSetup.instructions(for: source, publicURL: url)
        let others = AWSSetup.Style.allCases.dropFirst().compactMap { style in
            (try? AWSSetup.instructions(for: source, publicURL: url, as: style)).map {
                (style.rawValue, JSONValue.text($0))
            }
        }
        return .json(
            .ok,
            [
                "name": .text(source.name), "kind": .text(source.kind.rawValue), "url": .text(url),
                "texts": .object([(AWSSetup.Style.cli.rawValue, .text(first))] + others),
            ])
    }

    private func source(of request: IncomingRequest) async throws -> Source {
        let name = request.parameters["name"] ?? ""
        guard ResourceName.isValid(name) else { throw HTTPProblem.notFound(request.path) }
        let source = try await access.control.source(name)
        guard source.workspace == access.workspace else { throw HTTPProblem.notFound(request.path) }
        return source
    }

    private static func answer(_ status: HTTPResponse.Status, _ created: CreatedSource) -> ReceiverAnswer {
        var members: [(String, JSONValue)] = [("source", .object(created.source.members))]
        if let secret = created.secret { members.append(("secret", .text(secret.text))) }
        return .json(status, .object(members))
    }
}

/// Two values of one JSON object.
struct Both<First: Decodable, Second: Decodable>: Decodable {
    var first: First
    var second: Second

    init(from decoder: any Decoder) throws {
        (first, second) = (try First(from: decoder), try Second(from: decoder))
    }
}

extension Source {
    /// What does not change by what comes.
    var members: [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [
            ("name", .text(name)), ("kind", .text(kind.rawValue)), ("created_at", .text(createdAt.iso8601)),
            ("has_secret", .flag(settings.hasMadeSecret)),
        ]
        if let endpointPath { members.append(("endpoint", .text(endpointPath))) }
        if let pausedAt { members.append(("paused_at", .text(pausedAt.iso8601))) }
        for setting in settings.texts where !setting.texts.isEmpty {
            let value: JSONValue =
                setting.name == .topicARNs ? .list(setting.texts.map { .text($0) }) : .text(setting.texts[0])
            members.append((setting.name.rawValue, value))
        }
        return members
    }
}

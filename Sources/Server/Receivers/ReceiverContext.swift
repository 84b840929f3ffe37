import ControlPlane
import EventLog
import HTTPTypes
import Primitives

/// What all receivers are given.
struct ReceiverContext: Sendable {
    /// The sources.
    var directory: any SourceDirectory
    /// The log of a workspace; nil if it has none here.
    var sink: @Sendable (_ workspace: String) -> (any RecordSink)?
    /// The clock.
    var now: @Sendable () -> Timestamp = { .now }
    /// Takes a line for the operator: something that happens once, such as a confirmed subscription.
    var say: @Sendable (_ line: String) -> Void = { _ in }
}

extension ReceiverContext {
    /// Finds the source that the request names and lets `take` answer; counts what was refused.
    func serve(
        _ kind: SourceKind, _ request: ReceivedRequest,
        _ take: (Source) async throws(Rejection) -> ReceiverAnswer
    ) async throws(Rejection) -> ReceiverAnswer {
        guard request.method == .post else {
            throw Rejection(.badMethod, .methodNotAllowed, "only POST brings events here")
        }
        let source = try await source(kind, named: request.sourceName ?? "")
        return try await counting(source, request) { () async throws(Rejection) in
            if source.pausedAt != nil {
                throw Rejection(
                    .paused, retryAfter: 60, "the source is paused; `sesame source resume` lets events in")
            }
            return try await take(source)
        }
    }

    private func source(_ kind: SourceKind, named name: String) async throws(Rejection) -> Source {
        var found: Source?
        // A name that no source can have is not even looked for.
        if ResourceName.isValid(name) {
            do { found = try await directory.find { $0.source(kind, name) } } catch {
                throw Rejection.directory(error)
            }
        }
        guard let found else {
            throw Rejection(
                .unknownSource, .notFound,
                "there is no source of kind \(kind.rawValue) with this name; `sesame source list` shows those there are"
            )
        }
        return found
    }

    /// Runs `take`; what it refuses is counted on the source.
    func counting<Answer: Sendable>(
        _ source: Source, _ request: ReceivedRequest, _ take: () async throws(Rejection) -> Answer
    ) async throws(Rejection) -> Answer {
        do { return try await take() } catch {
            var activity = SourceActivity()
            activity.refused = [error.outcome.rawValue: 1]
            activity.lastError = error.cause ?? error.message
            activity.lastErrorAt = request.receivedAt
            await directory.record(activity, of: source)
            throw error
        }
    }

    /// Returns when the records are on the disk and counted as `events`.
    func keep(_ records: [LogRecord], events: Int, from source: Source) async throws(Rejection) {
        guard let sink = sink(source.workspace) else {
            throw Rejection(
                .unstored, retryAfter: 10,
                "the log of workspace '\(source.workspace)' is not open; start Sesame anew")
        }
        do { try await sink.keep(records) } catch { throw Rejection(storing: error) }
        var activity = SourceActivity()
        activity.events = events
        activity.lastEventAt = records.map(\.receivedAt).max()
        await directory.record(activity, of: source)
    }
}

extension Rejection {
    /// The sources cannot be read: nobody is let in, and nobody loses an event for it.
    static func directory(_ error: any Error) -> Rejection {
        var rejection = Rejection(.unavailable, retryAfter: 10, "the sources cannot be read now; try again")
        rejection.cause = "\(error)"
        return rejection
    }
}

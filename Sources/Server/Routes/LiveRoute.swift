import Analytics
import ControlPlane
import HTTPTypes
import Primitives
import Query

/// `GET /api/v1/live`: a page learns within a second that something new can be asked, as server-sent events (HTML standard, section 9.2).
///
///     data: {"version":812,"last_event_at":"2026-08-01T12:00:00.000Z"}
///
/// One event comes at once, then one for each change. After an hour the answer ends, and the browser asks again, which looks at the session anew.
struct LiveRoute: Sendable {
    let access: Access
    let feed: LiveFeed

    init(access: Access, services: QueryServices) {
        self.access = access
        feed = LiveFeed { try await services.freshness() }
    }

    var routes: [Route] { [Route(.get, "/api/v1/live") { try await follow($0) }] }

    private func follow(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        try await access.caller(of: request, for: .read, isShared: true)
        let cursor = LiveCursor(feed)
        return ReceiverAnswer(
            status: .ok, headers: [.contentType: "text/event-stream"],
            stream: AsyncStream { await cursor.next() },
            outcome: "live")
    }
}

/// How new the lake is, read at most twice a second however many pages are open.
actor LiveFeed {
    private let read: @Sendable () async throws -> AnalyticsResult.Freshness
    private var known: (at: ContinuousClock.Instant, freshness: AnalyticsResult.Freshness)?

    init(_ read: @escaping @Sendable () async throws -> AnalyticsResult.Freshness) { self.read = read }

    /// What was read last; nil where nothing could be.
    func latest() async -> AnalyticsResult.Freshness? {
        if let known, .now - known.at < .milliseconds(500) { return known.freshness }
        if let freshness = try? await read() { known = (.now, freshness) }
        return known?.freshness
    }
}

/// What one page was told.
private actor LiveCursor {
    private static let interval = Duration.milliseconds(500)
    /// A comment goes out after so many intervals without news, so that nobody between takes the connection for dead.
    private static let heartbeat = 30
    private static let lifetime = Duration.seconds(3_600)

    private let feed: LiveFeed
    private let end = ContinuousClock.now + lifetime
    private var told: Int64?

    init(_ feed: LiveFeed) { self.feed = feed }

    func next() async -> [UInt8]? {
        for turn in 0..<Self.heartbeat {
            if told != nil || turn > 0 {
                guard (try? await Task.sleep(for: Self.interval)) != nil else { return nil }
            }
            guard ContinuousClock.now < end else { return nil }
            guard let freshness = await feed.latest(), freshness.snapshotVersion != told else { continue }
            told = freshness.snapshotVersion
            let last = freshness.lastEventAt.map { "\"\($0.iso8601)\"" } ?? "null"
            return Array(
                "data: {\"version\":\(freshness.snapshotVersion),\"last_event_at\":\(last)}\n\n".utf8)
        }
        return Array(": nothing new\n\n".utf8)
    }
}

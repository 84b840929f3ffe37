import ControlPlane
import Lake
import Primitives

/// Which sources are silent for longer than is usual, for `/health` and `/metrics`.
///
/// Asking costs nothing: the counters are read every few seconds at most, and the history every ten minutes, since what is
/// usual changes with the days.
actor SourceWatch {
    /// One source that is not paused.
    struct State: Sendable, Equatable {
        var name: String
        var silence: SourceSilence
    }

    private static let interval = Duration.seconds(5)
    private static let historyInterval = Duration.seconds(600)

    private let lake: EventLake
    private let control: ControlDatabase
    private let workspace: String
    private let now: @Sendable () -> Timestamp
    private let uptime: @Sendable () -> Duration
    private let onWarning: @Sendable (String) -> Void
    private var known: (at: Duration, states: [State])?
    private var history: (at: Duration, rhythms: [String: SourceRhythm])?
    private var isReading = false

    /// A watch over the sources of a workspace; `uptime` is a clock that is never set back.
    init(
        lake: EventLake, control: ControlDatabase, workspace: String,
        now: @escaping @Sendable () -> Timestamp = { .now },
        uptime: @escaping @Sendable () -> Duration = { Uptime.now },
        onWarning: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        (self.lake, self.control, self.workspace) = (lake, control, workspace)
        (self.now, self.uptime, self.onWarning) = (now, uptime, onWarning)
    }

    /// The sources by name. What cannot be read is as it was before: this is no reason not to answer.
    func states() async -> [State] {
        let time = uptime()
        let isFresh = known.map { time - $0.at < Self.interval } ?? false
        // Who asks while another's question is being answered gets what is known.
        if isFresh || isReading { return known?.states ?? [] }
        isReading = true
        defer { isReading = false }
        do { known = (time, try await read(at: time)) } catch {
            onWarning("which sources are stale cannot be told: \(error)")
            known = (time, known?.states ?? [])
        }
        return known?.states ?? []
    }

    private func read(at uptime: Duration) async throws -> [State] {
        let time = now()
        let isFresh = history.map { uptime - $0.at < Self.historyInterval } ?? false
        if !isFresh { history = (uptime, try await lake.sourceRhythms(at: time)) }
        let statuses = try await control.sourceStatuses()
        return try await control.sources(in: workspace).filter { $0.pausedAt == nil }
            .sorted { $0.name < $1.name }
            .map { source in
                State(
                    name: source.name,
                    silence: SourceSilence(
                        history?.rhythms[source.name], lastSeen: statuses[source.id]?.lastEventAt, at: time))
            }
    }
}

extension [SourceWatch.State] {
    /// For `/health`, which strangers may read: how many, and not which.
    var reasons: [String] {
        let count = filter(\.silence.isStale).count
        guard count > 0 else { return [] }
        return [
            "\(count) \(count == 1 ? "source is" : "sources are") silent for longer than is usual; see: sesame source list"
        ]
    }

    /// The gauges of `/metrics`. A source that never brought anything has none.
    func set(in registry: MetricRegistry) {
        let age = MetricFamily(
            name: "sesame_source_last_event_seconds", help: "Seconds since a source last brought something.",
            kind: .gauge, labels: ["source"])
        let stale = MetricFamily(
            name: "sesame_source_stale", help: "1 where a source is silent for longer than is usual for it.",
            kind: .gauge, labels: ["source"])
        for state in self where state.silence.since != nil {
            registry.set(age, [state.name], to: Double(state.silence.seconds))
            registry.set(stale, [state.name], to: state.silence.isStale ? 1 : 0)
        }
    }
}

import EventLog
import Synchronization

/// What the server counts.
enum ServerMetrics {
    static let requests = MetricFamily(
        name: "sesame_http_requests_total", help: "Requests answered.", kind: .counter,
        labels: ["route", "status"])
    static let requestBytes = MetricFamily(
        name: "sesame_http_request_bytes_total", help: "Bytes of bodies received.", kind: .counter,
        labels: ["route"])
    static let responseBytes = MetricFamily(
        name: "sesame_http_response_bytes_total", help: "Bytes of bodies sent.", kind: .counter,
        labels: ["route"])
    static let duration = MetricFamily(
        name: "sesame_http_request_duration_seconds",
        help: "Time from a request's head to its answer.",
        kind: .histogram([0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30]),
        labels: ["route"])
    static let inFlight = MetricFamily(
        name: "sesame_http_requests_in_flight", help: "Requests that are being answered.", kind: .gauge)
    static let bodyBytes = MetricFamily(
        name: "sesame_http_body_memory_bytes", help: "Bytes of bodies in memory.", kind: .gauge)
    static let records = MetricFamily(
        name: "sesame_ingest_records_total", help: "Records that the log took, by kind of source.",
        kind: .counter, labels: ["kind"])
    static let outcomes = MetricFamily(
        name: "sesame_ingest_requests_total",
        help: "Requests that bring events, by kind of source and by what became of them.",
        kind: .counter, labels: ["kind", "outcome"])

    /// The log's own numbers.
    static func set(_ log: LogStatistics, in registry: MetricRegistry) {
        func set(_ name: String, _ kind: MetricFamily.Kind, _ help: String, _ value: Double) {
            registry.set(MetricFamily(name: "sesame_log_" + name, help: help, kind: kind), to: value)
        }
        set("appends_total", .counter, "Appends that were acknowledged.", Double(log.appends))
        set("records_total", .counter, "Records in them.", Double(log.records))
        set("written_bytes_total", .counter, "Bytes written.", Double(log.bytesWritten))
        set("syncs_total", .counter, "Groups of appends made durable by one sync.", Double(log.groups))
        set("busy_seconds_total", .counter, "Time spent writing and syncing.", log.busy / .seconds(1))
        set("failed_appends_total", .counter, "Appends that the disk failed.", Double(log.failedAppends))
        set(
            "refused_appends_total", .counter, "Appends turned away for a full queue.",
            Double(log.refusedAppends))
        set("queued_appends", .gauge, "Appends that wait for the disk.", Double(log.queuedAppends))
        set("queued_bytes", .gauge, "Bytes that wait for the disk.", Double(log.queuedBytes))
        set("segments", .gauge, "Segments on the disk.", Double(log.segments))
        set("segment_bytes", .gauge, "Bytes in them.", Double(log.segmentBytes))
        set("first_offset", .gauge, "The first record that is kept.", Double(log.firstOffset))
        set("durable_end", .gauge, "The number after the last durable record.", Double(log.durableEnd))
    }
}

extension ServerMetrics {
    /// Counts the requests that are being answered.
    final class InFlight: Sendable {
        private let counter = Atomic(0)

        /// The requests at present.
        var count: Int { counter.load(ordering: .relaxed) }

        /// One more, or one less.
        func add(_ amount: Int) { counter.add(amount, ordering: .relaxed) }
    }
}

/// How far the lake is behind the log; for metrics.
public struct DrainLag: Hashable, Sendable {
    /// Records in the log that are not in the lake.
    public var records: Int
    /// The age of the oldest of them; 0 where there is none.
    public var seconds: Double

    /// So many records, the oldest of that age.
    public init(records: Int, seconds: Double) {
        self.records = records
        self.seconds = seconds
    }

    func set(in registry: MetricRegistry) {
        registry.set(
            MetricFamily(
                name: "sesame_drain_lag_records", help: "Records in the log that are not in the lake.",
                kind: .gauge), to: Double(records))
        registry.set(
            MetricFamily(
                name: "sesame_drain_lag_seconds", help: "The age of the oldest of them.", kind: .gauge),
            to: seconds)
    }
}

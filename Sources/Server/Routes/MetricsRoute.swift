import ControlPlane
import EventLog
import HTTPTypes

/// `/metrics`, for Prometheus: open to programs on this machine, to others with a token of the scope `read`.
struct MetricsRoute: Sendable {
    let registry: MetricRegistry
    let access: Access
    let budget: ByteBudget
    let inFlight: ServerMetrics.InFlight
    let log: @Sendable () -> LogStatistics?
    let drainLag: @Sendable () async -> DrainLag?
    var sources: @Sendable () async -> [SourceWatch.State] = { [] }

    func callAsFunction(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        // A proxy on this machine speaks for strangers.
        let isLocal = AddressBlock.isLoopback(request.client.address) && !request.client.isForwarded
        if !isLocal { try await access.checkToken(request, for: .read) }
        registry.set(ServerMetrics.bodyBytes, to: Double(budget.used))
        registry.set(ServerMetrics.inFlight, to: Double(inFlight.count))
        if let log = log() { ServerMetrics.set(log, in: registry) }
        if let lag = await drainLag() { lag.set(in: registry) }
        await sources().set(in: registry)
        return ReceiverAnswer(
            status: .ok, headers: [.contentType: MetricText.contentType],
            body: Array(MetricText.write(registry).utf8))
    }
}

import AWSProtocols
import AsyncHTTPClient
import NIOCore
import Primitives
import Synchronization

/// Sends a feed's events down a road: at a set rate or as fast as they are taken, as often as the service would.
public struct SendingRun: Sendable {
    let destination: Destination
    let plan: SendingPlan
    let driver: any RoadDriver
    let feed: EventFeed
    let ledger: DeliveryLedger

    /// A run.
    ///
    /// - Parameter signer: signs messages of ``Road/sns``; not used for others.
    /// - Throws: ``Failure`` of kind usage for a plan that the road cannot keep to.
    public init(
        to destination: Destination, plan: SendingPlan, feed: EventFeed, ledger: DeliveryLedger,
        signer: SNSSigner? = nil
    ) throws(Failure) {
        guard (1...destination.road.mostEvents).contains(plan.batch) else {
            throw Failure(
                .usage,
                "a request has \(plan.batch) events; \(destination.road.rawValue) carries 1 to \(destination.road.mostEvents)"
            )
        }
        (self.destination, self.plan, self.feed, self.ledger) = (destination, plan, feed, ledger)
        switch destination.road {
        case .generic: driver = GenericRoad(destination: destination)
        case .firehose: driver = FirehoseRoad(destination: destination)
        case .firehoseAPI: driver = FirehoseAPIRoad(destination)
        case .eventbridge: driver = EventBridgeRoad(destination: destination)
        case .sns:
            guard let signer else { throw Failure(.usage, "messages of SNS need a signer") }
            driver = try SNSRoad(destination, signer: signer)
        }
    }

    /// Sends until the events or the time end; `onProgress` is called twice a second.
    ///
    /// What happened stands in the ledger, also after a cancellation.
    public func run(onProgress: @escaping @Sendable (DeliveryReport) -> Void = { _ in }) async throws {
        let prepared = plan.isPrepared ? try await prepare() : nil
        let client = makeClient()
        do {
            try await send(prepared, client, onProgress)
            try await client.shutdown()
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    private func makeClient() -> HTTPClient {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .seconds(5)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = plan.connections
        // A refused connection is an answer like another here: the road's policy says when to try again.
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Packs all events on all cores.
    private func prepare() async throws -> [Delivery] {
        try await withThrowingTaskGroup(of: [Delivery].self) { group in
            for _ in 0..<2 {
                group.addTask {
                    var packed: [Delivery] = []
                    while let events = try await feed.next(plan.batch) {
                        try Task.checkCancellation()
                        packed.append(try driver.pack(events))
                    }
                    return packed
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private func send(
        _ prepared: [Delivery]?, _ client: HTTPClient,
        _ onProgress: @escaping @Sendable (DeliveryReport) -> Void
    ) async throws {
        let supply = prepared.map(PreparedSupply.init)
        let start = ContinuousClock.now
        await ledger.begin(at: start)
        let schedule = SendingSchedule(plan, start: start)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<plan.connections {
                group.addTask {
                    try await work(supply, schedule, client)
                    return true
                }
            }
            group.addTask {
                while (try? await Task.sleep(for: .milliseconds(500))) != nil {
                    onProgress(await ledger.report)
                }
                return false
            }
            var working = plan.connections
            while let isWorker = try await group.next() {
                if isWorker { working -= 1 }
                if working == 0 { group.cancelAll() }
            }
        }
    }

    /// One connection's work: a request after the other, each not before it is due.
    private func work(
        _ supply: PreparedSupply?, _ schedule: SendingSchedule, _ client: HTTPClient
    ) async throws {
        while !Task.isCancelled {
            let delivery: Delivery
            let due: ContinuousClock.Instant
            if let supply {
                guard let next = supply.next() else { return }
                guard let instant = schedule.claim(events: next.events.count) else { return }
                (delivery, due) = (next, instant)
            } else {
                guard let events = try await feed.next(plan.batch) else { return }
                let packed = try driver.pack(events)
                guard let instant = schedule.claim(events: events.count) else { return }
                (delivery, due) = (packed, instant)
            }
            if due > .now { try await Task.sleep(until: due) }
            try await deliver(delivery, due: due, client)
        }
    }
}

/// Requests that were made before the run.
private final class PreparedSupply: Sendable {
    private let deliveries: [Delivery]
    private let taken = Mutex(0)

    init(_ deliveries: [Delivery]) { self.deliveries = deliveries }

    func next() -> Delivery? {
        let index = taken.withLock { count in
            defer { count += 1 }
            return count
        }
        return index < deliveries.count ? deliveries[index] : nil
    }
}

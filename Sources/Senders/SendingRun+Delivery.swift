import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Primitives

extension SendingRun {
    /// Sends a request until it is acknowledged or given up, and some acknowledged ones once more.
    func deliver(_ delivery: Delivery, due: ContinuousClock.Instant, _ client: HTTPClient) async throws {
        let start = ContinuousClock.now
        var attempts = 0
        while true {
            let attempt = await attempt(delivery, client)
            // What was cut off by the end of the run says nothing about the receiver.
            try Task.checkCancellation()
            await ledger.note(attempt)
            attempts += 1
            if attempt == .acknowledged {
                try await ledger.close(delivery.events, due: due, at: .now)
                return try await redeliver(delivery, client)
            }
            let elapsed = (ContinuousClock.now - start).inSeconds
            guard let pause = pause(attempt, attempts, elapsed) else {
                return try await ledger.close(delivery.events, due: due, at: nil)
            }
            try await Task.sleep(for: .seconds(pause))
        }
    }

    private func redeliver(_ delivery: Delivery, _ client: HTTPClient) async throws {
        guard plan.redelivered > 0, Double.random(in: 0..<1) < plan.redelivered else { return }
        await ledger.noteRedelivery()
        let attempt = await attempt(delivery, client)
        try Task.checkCancellation()
        await ledger.note(attempt)
    }

    private func pause(_ attempt: Attempt, _ attempts: Int, _ elapsed: Double) -> Double? {
        var asked: Double?
        if case .refused(let status, let retryAfter) = attempt {
            guard RetryPolicy.retries(status, on: destination.road) else { return nil }
            asked = destination.road == .generic ? retryAfter : nil
        }
        return plan.retry.pause(
            after: attempts, elapsed: elapsed, asked: asked, jitter: Double.random(in: -1...1))
    }

    private func attempt(_ delivery: Delivery, _ client: HTTPClient) async -> Attempt {
        var request = HTTPClientRequest(url: destination.url)
        request.method = .POST
        request.headers.add(name: "User-Agent", value: "sesame-simulate")
        for (name, value) in driver.headers(delivery) { request.headers.add(name: name, value: value) }
        request.body = .bytes(delivery.body)
        do {
            let deadline = NIODeadline.now() + .milliseconds(Int64(plan.timeout * 1_000))
            let response = try await client.execute(request, deadline: deadline)
            let body = try await response.body.collect(upTo: 1 << 20)
            if response.status == .ok, driver.isAcknowledged(body, of: delivery) { return .acknowledged }
            return .refused(
                status: Int(response.status.code),
                retryAfter: response.headers.first(name: "Retry-After").flatMap(Double.init))
        } catch { return .failed }
    }
}

import ControlPlane
import HTTPTypes
import Primitives
import Synchronization

/// Slows down who guesses tokens, by address.
final class FailureGate: Sendable {
    private let limiter: Mutex<FailureLimiter>
    private let uptime: @Sendable () -> Duration

    /// A gate; `uptime` is a clock that is never set back.
    init(
        _ limiter: FailureLimiter = FailureLimiter(),
        uptime: @escaping @Sendable () -> Duration = { Uptime.now }
    ) {
        self.limiter = Mutex(limiter)
        self.uptime = uptime
    }

    /// Runs `check`, which looks at a secret, unless the address has failed too often; notes how it ends.
    ///
    /// - Throws: ``HTTPProblem`` 429, or 401 where `check` throws a ``Failure`` of kind refused.
    func guarding<Result>(_ address: String, _ check: () async throws -> Result) async throws -> Result {
        if let seconds = limiter.withLock({ $0.secondsToWait(address, at: uptime()) }) {
            throw HTTPProblem(
                .tooManyRequests, "too-many-failures",
                "too many wrong tokens or passwords came from this address",
                hint: "wait for the time in Retry-After, and come with the right one",
                retryAfterSeconds: seconds)
        }
        do {
            let result = try await check()
            limiter.withLock { $0.succeed(address) }
            return result
        } catch let failure as Failure where failure.kind == .refused {
            limiter.withLock { $0.fail(address, at: uptime()) }
            throw HTTPProblem.unauthorized(failure.message)
        }
    }
}

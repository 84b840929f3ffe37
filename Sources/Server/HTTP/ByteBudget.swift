import Synchronization

/// Bytes that all requests together may hold in memory.
final class ByteBudget: Sendable {
    /// The most at once.
    let limit: Int
    private let held = Mutex(0)

    init(limit: Int) { self.limit = limit }

    /// Bytes held at present.
    var used: Int { held.withLock { $0 } }

    /// Runs `body` with a share that grows on demand and goes back when it ends, however it ends.
    func withShare<Result>(_ body: (Share) async throws -> Result) async rethrows -> Result {
        let share = Share(budget: self)
        defer { share.giveBack() }
        return try await body(share)
    }

    fileprivate func take(_ count: Int) -> Bool {
        held.withLock { held in
            guard held + count <= limit else { return false }
            held += count
            return true
        }
    }

    fileprivate func release(_ count: Int) { held.withLock { $0 -= count } }

    /// What one request holds.
    final class Share: Sendable {
        private let budget: ByteBudget
        private let count = Mutex(0)

        fileprivate init(budget: ByteBudget) { self.budget = budget }

        /// Takes so many bytes more.
        ///
        /// - Throws: ``HTTPProblem`` 503 where there is no room; what was taken before stays.
        func grow(by more: Int) throws(HTTPProblem) {
            guard budget.take(more) else { throw .noMemory }
            count.withLock { $0 += more }
        }

        fileprivate func giveBack() {
            let all = count.withLock { count in
                defer { count = 0 }
                return count
            }
            budget.release(all)
        }
    }
}

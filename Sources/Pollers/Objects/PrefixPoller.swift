import AWSClients
import ControlPlane
import Primitives

/// Looks through a prefix of a bucket every now and then.
///
/// S3 lists by key, not by time, and a large bucket costs a request for each thousand keys. So a look begins at the first key
/// among the objects of the last two days: where keys begin with a date, that is near the end; where they do not, it is near the
/// beginning, and all is listed. What comes late under an older key is found by a look from the beginning, which is
/// every look while the prefix has at most ten pages, and one an hour above that.
struct PrefixPoller: Sendable {
    let context: FetchContext
    let client: S3Client
    let prefix: String
    /// Between the begins of two looks.
    let interval: Duration

    static let recentDays = 2

    /// Whether a look is from the beginning.
    struct Plan {
        static let cheapPages = 10
        /// Between two looks from the beginning of a large prefix; shorter where an object could not be fetched.
        static let (usual, afterFailure) = (Duration.seconds(3_600), Duration.seconds(600))

        /// Pages of the last look from the beginning; 0 before there was one.
        private var pages = 0
        private var next = Duration.zero

        func isFull(at now: Duration) -> Bool { pages <= Self.cheapPages || now >= next }

        mutating func note(_ report: PrefixScan.Report, isFull: Bool, at begin: Duration) {
            if isFull { (pages, next) = (report.pages, begin + Self.usual) }
            if report.failed > 0 { next = min(next, begin + Self.afterFailure) }
        }
    }

    /// Looks until the task is cancelled.
    func run() async {
        var (plan, backoff) = (Plan(), Backoff())
        while !Task.isCancelled {
            let begin = Uptime.now
            var rest: Duration
            do {
                let report = try await look(&plan)
                if report.failed == 0 {
                    backoff.reset()
                    await context.noteFetched()
                    rest = interval - (Uptime.now - begin)
                } else {
                    rest = min(interval, backoff.next())
                }
            } catch is CancellationError { return } catch {
                await context.note(error)
                rest = backoff.next()
            }
            if rest > .zero { try? await Task.sleep(for: rest) }
        }
    }

    private func look(_ plan: inout Plan) async throws -> PrefixScan.Report {
        let scan = PrefixScan(context: context, client: client, prefix: prefix)
        let begin = Uptime.now
        let isFull = plan.isFull(at: begin)
        let report = try await scan.run(after: isFull ? nil : firstRecentKey)
        plan.note(report, isFull: isFull, at: begin)
        return report
    }

    private var firstRecentKey: String? {
        get async throws {
            let recent = Timestamp(
                microseconds: context.now().microseconds - Int64(Self.recentDays) * 86_400_000_000)
            return try await context.control.firstFetchedKey(of: context.source.id, since: recent)
        }
    }
}

import Analytics
import Foundation
import Primitives

/// What answers questions in a server: queries of metrics, and users' statements that run on their own.
///
/// Each has workers of its own, so that a long statement does not keep a page waiting.
public struct QueryServices: Sendable {
    /// Answers queries of metrics.
    public let analytics: AnalyticsRunner
    /// Looks up messages, recipients, events and what a person searches.
    public let lookups: LookupRunner
    /// Users' statements.
    public let statements: StatementBook
    /// Where a result may be written as a file, for as long as it takes to send it.
    public let filesFolder: String
    private let pools: [QueryWorkerPool]
    private let snapshot: QuerySnapshot.Reader

    /// Services over a lake.
    ///
    /// - Parameters:
    ///   - lakeFolder: the folder below which all files of the lake lie.
    ///   - resultsFolder: where results lie; it is emptied.
    ///   - executable: the program that becomes a worker; nil for this one.
    ///   - onWarning: hears what went wrong for another reason than a statement.
    ///   - snapshot: reads the lake.
    public init(
        lakeFolder: String, resultsFolder: String, executable: String? = nil,
        statements bounds: StatementBook.Options = .init(),
        onWarning: @escaping @Sendable (Failure) -> Void = { _ in }, snapshot: @escaping QuerySnapshot.Reader
    ) throws(Failure) {
        self.snapshot = snapshot
        var options = QueryWorkerPool.Options(readableFolders: [lakeFolder])
        if let executable { options.executable = executable }
        filesFolder = resultsFolder + "/files"
        options.writableFolder = filesFolder
        options.workers = bounds.running
        let forStatements = QueryWorkerPool(options)
        (options.workers, options.memoryBytes) = (2, 2 << 30)
        options.keepsEngine = true
        let forMetrics = QueryWorkerPool(options)
        pools = [forStatements, forMetrics]
        analytics = AnalyticsRunner(pool: forMetrics, snapshot: snapshot)
        lookups = LookupRunner(pool: forMetrics, snapshot: snapshot)
        statements = try StatementBook(
            pool: forStatements, folder: resultsFolder + "/statements", options: bounds, onWarning: onWarning,
            snapshot: snapshot)
        do {
            try? FileManager.default.removeItem(atPath: filesFolder)
            try FileManager.default.createDirectory(
                atPath: filesFolder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw Failure(.storage, "cannot make \(filesFolder): \(error.localizedDescription)")
        }
    }

    /// How new the lake is now.
    public func freshness() async throws -> AnalyticsResult.Freshness { try await snapshot([]).freshness }

    /// Drops all results and answers that are kept: somebody may be in them who was erased.
    public func dropResults() async {
        await statements.dropResults()
        await analytics.forget()
    }

    /// Cancels what runs and ends the workers.
    public func shutDown() async {
        await statements.shutDown()
        for pool in pools { await pool.shutDown() }
    }
}

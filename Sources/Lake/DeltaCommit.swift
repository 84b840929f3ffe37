// Why a commit is safe against kill -9, and against loss of power, at every instant:
//
// 1. Before anything else the data files and the folders that name them are synced (DeltaTable.adding). Killed here: the
//    files are in no version, no reader sees them, vacuum removes them once they are older than its safety age.
// 2. The commit is written to a temporary file and synced. Killed here: nothing reads the temporary name.
// 3. `link` gives it the name of the next version: one step of the file system, which fails if the name is taken. This is
//    the only step at which the table changes. Killed after it: the commit is whole and stands.
// 4. The folder is synced, and only then the caller hears of success. Without power between 3 and 4 either the whole name
//    is there or none. A caller that was killed, or was given an error here, does not know: it repeats the append with the
//    same `txn`, which is rejected as alreadyCommitted if the first stands. (The same bytes found under the attempted
//    version are recognised as this very commit.)
// 5. A checkpoint only repeats what commits say. Its file gets its name in one step as well, before `_last_checkpoint`
//    names it; that pointer is replaced by `rename`, and losing it costs time, not truth.
// 6. Log cleaning deletes only what the newest checkpoint it keeps makes needless, oldest version first, so that at every
//    instant some checkpoint (or version 0) is followed by every commit up to the latest.
// 7. Compaction leaves the files it replaced. Vacuum deletes files that no version within its retention names.
//
// Why concurrent writers lose nothing: version n exists once (step 3), every writer checks its own actions against all
// commits between the version it read and n - 1, and tries n only if each of those is known to it.

import Primitives

/// Why a commit did not happen; the table is as the other writers left it.
public enum CommitRejection: Error, Equatable, CustomStringConvertible {
    /// The application has written this or more already: the append is a repetition, and its rows are in the table.
    case alreadyCommitted(application: String, version: Int64)
    /// Another commit since `readVersion` changed what this one builds on: read the table again and plan anew.
    case conflict(String)

    /// The reason in words.
    public var description: String {
        switch self {
        case .alreadyCommitted(let application, let version):
            "\(application) has already committed up to \(version)"
        case .conflict(let reason): reason
        }
    }

    /// The same as a ``Failure``, for surfaces.
    public var failure: Failure { Failure(.refused, description) }
}

extension DeltaTable {
    /// Commits `actions` as the next version.
    ///
    /// Commits of others since `readVersion` are stepped over where they do not contradict: appends never do; removals do
    /// where a file was removed by somebody else. A change of schema or protocol contradicts everything. A `commitInfo`
    /// is added. Files of `add` actions must be synced: ``adding(_:dataChange:)`` does.
    ///
    /// - Parameters:
    ///   - readVersion: the version that the actions were planned on; nil for the latest, which suits blind appends.
    ///   - operation: a word for the history, such as `WRITE` or `OPTIMIZE`.
    /// - Returns: the version.
    /// - Throws: ``CommitRejection``, or ``Failure`` of kind `storage` (the commit may stand; see above), `refused` for
    ///   actions that no version could take, `limit` after too many attempts.
    @discardableResult
    public nonisolated(nonsending) func commit(
        read readVersion: Int64? = nil, operation: String, actions: [DeltaAction],
        parameters: [String: DeltaJSON] = [:]
    ) async throws -> Int64 {
        guard var base = try await latest() else {
            throw Failure(.notFound, "\(folder) is not a Delta table: create it first")
        }
        let plan = CommitPlan(actions)
        var info = commitInfo(operation, readVersion: readVersion ?? base.version, blind: plan.isBlind)
        if !parameters.isEmpty { info["operationParameters"] = .object(parameters) }
        let bytes = DeltaTable.encode([.commitInfo(info)] + actions)
        var checked = readVersion ?? base.version
        for attempt in 0..<max(1, options.commitAttempts) {
            try await check(plan, since: checked, base)
            checked = base.version
            let name = LogName.commit(base.version + 1)
            var isOurs = try await log.store.putIfAbsent(name, bytes)
            if !isOurs { isOurs = try await log.store.read(name) == bytes }
            if isOurs {
                await checkpointIfDue(base.version + 1)
                return base.version + 1
            }
            if attempt > 3 {
                try await Task.sleep(for: .milliseconds(Int64.random(in: 0...min(50, Int64(attempt)))))
            }
            base = try await latest() ?? base
        }
        throw Failure(
            .limit,
            "gave up committing to \(folder) after \(options.commitAttempts) attempts; other writers were faster"
        )
    }

    /// Whether the plan still holds on `base`, given the commits after `version`.
    private nonisolated(nonsending) func check(
        _ plan: CommitPlan, since version: Int64, _ base: TableSnapshot
    )
        async throws
    {
        // A repetition is called one even where its files were compacted away since.
        try plan.checkTransactions(base)
        if version < base.version {
            for other in version + 1...base.version {
                guard let actions = try await log.commit(other) else {
                    throw CommitRejection.conflict("version \(other) of \(folder) is no longer in the log")
                }
                try plan.checkAgainst(actions, version: other)
            }
        }
        try plan.checkFits(base)
    }
}

/// What a commit wants, in the terms in which commits contradict each other.
struct CommitPlan {
    private var added: Set<String> = []
    private var removed: [String: RemoveFile] = [:]
    private var marks: [TransactionMark] = []
    private var partitions: [[String: String?]] = []
    private var changesMetadata = false
    private var problem: String?

    /// Whether nothing was read that another append could change.
    var isBlind: Bool { removed.isEmpty && !changesMetadata }

    init(_ actions: [DeltaAction]) {
        for action in actions {
            switch action {
            case .add(let file):
                if !added.insert(file.path).inserted { problem = "\(file.path) is added twice" }
                partitions.append(file.partitionValues)
            case .remove(let file):
                if removed.updateValue(file, forKey: file.path) != nil {
                    problem = "\(file.path) is removed twice"
                }
            case .transaction(let mark): marks.append(mark)
            case .metadata, .protocol: changesMetadata = true
            case .commitInfo, .unknown: break
            }
        }
        if let both = removed.keys.first(where: { added.contains($0) }) {
            problem = "\(both) is added and removed at once"
        }
    }

    func checkTransactions(_ base: TableSnapshot) throws(CommitRejection) {
        for mark in marks {
            if let recorded = base.transactions[mark.appId], recorded >= mark.version {
                throw .alreadyCommitted(application: mark.appId, version: recorded)
            }
        }
    }

    /// Contradictions with one commit that came in between.
    func checkAgainst(_ actions: [DeltaAction], version: Int64) throws(CommitRejection) {
        for action in actions {
            switch action {
            case .protocol, .metadata:
                throw .conflict("version \(version) changed the table's schema or settings")
            case .remove(let file) where removed[file.path] != nil:
                throw .conflict("version \(version) removed \(file.path) first")
            case .transaction(let mark) where marks.contains { $0.appId == mark.appId }:
                // Its rows end somewhere inside ours, so ours would repeat some.
                throw .conflict("version \(version) took \(mark.appId) on to \(mark.version)")
            default: break
            }
        }
    }

    /// Whether the table as it is can take the actions.
    func checkFits(_ base: TableSnapshot) throws {
        if let problem { throw Failure(.refused, "a commit contradicts itself: \(problem)") }
        try base.protocol.checkWritable()
        for path in removed.keys.sorted() where base.file(path) == nil {
            throw CommitRejection.conflict("\(path) is not in the table at version \(base.version)")
        }
        if let path = added.sorted().first(where: { base.file($0) != nil }) {
            throw Failure(.refused, "\(path) is in the table already")
        }
        if base.metadata.configuration["delta.appendOnly"] == "true",
            let file = removed.values.first(where: \.dataChange)
        {
            throw Failure(.refused, "the table only takes appends (delta.appendOnly); \(file.path) stays")
        }
        let columns = Set(base.schema.partitionColumns)
        if !changesMetadata, partitions.contains(where: { Set($0.keys) != columns }) {
            throw Failure(
                .refused,
                "a file is not in folders by \(base.schema.partitionColumns.joined(separator: ", "))")
        }
    }
}

// How a table forgets: the files that name an address are written anew without it, each group of files of one partition in
// a commit of its own (`operation` ERASE), which removes the old files and adds the new ones with as many rows. Killed before
// a commit, the new file is in no version and goes with the leftovers; killed after it, the next run finds that partition
// clean. At the end `purge` takes away what older versions had: see there.

import DuckDB
import Foundation
import Primitives
import Scanning
import SESEvents

/// Rewrites the files of one table.
struct TableErasure {
    /// What a table needs beyond its texts.
    enum Kind { case events, messages, refused, plain }

    let table: DeltaTable
    let name: String
    let kind: Kind
    let scrubber: AddressScrubber
    let needles: [String]

    /// Another writer may change the same files so many times before this gives up.
    private static let attempts = 50

    /// Counts the rows that name the address, and their files; nothing is changed.
    nonisolated(nonsending) func count() async throws -> (files: Int, rows: Int) {
        let snapshot = try await table.snapshot()
        let source = source(snapshot)
        var (files, rows) = (0, 0)
        for file in try await source.candidates(snapshot.files) {
            let changed = try await stage([file], source)
            rows += changed
            if changed > 0 { files += 1 }
        }
        return (files, rows)
    }

    /// The files that do not name the address for certain; files never change.
    nonisolated(nonsending) func cleanFiles() async throws -> Set<String> {
        let snapshot = try await table.snapshot()
        let source = source(snapshot)
        var clean = Set(snapshot.files.map(\.path))
        clean.subtract(try await source.candidates(snapshot.files).map(\.path))
        return clean
    }

    /// Rewrites every file that names the address.
    ///
    /// - Parameter clean: files that are known not to.
    nonisolated(nonsending) func run(clean: Set<String>) async throws -> (files: Int, rows: Int) {
        var (files, rows) = (0, 0)
        var clean = clean
        for _ in 0..<Self.attempts {
            let snapshot = try await table.snapshot()
            let source = source(snapshot)
            let unknown = snapshot.files.filter { !clean.contains($0.path) }
            let candidates = try await source.candidates(unknown)
            let named = Set(candidates.map(\.path))
            clean.formUnion(unknown.map(\.path).filter { !named.contains($0) })
            var isDone = true
            for group in groups(candidates, of: snapshot) {
                try Task.checkCancellation()
                do {
                    let done = try await rewrite(group, source, snapshot)
                    files += done.files
                    rows += done.rows
                    clean.formUnion(group.map(\.path))
                } catch is CommitRejection {
                    isDone = false
                }
            }
            if isDone { return (files, rows) }
        }
        throw Failure(.limit, "gave up rewriting \(name): other writers were faster; run the erasure again")
    }

    private func source(_ snapshot: TableSnapshot) -> ChangedRows {
        // What was refused is no text that DuckDB could search.
        ChangedRows(of: table, snapshot.schema, scrubber, needles: kind == .refused ? [] : needles)
    }

    /// What is rewritten together: a file alone, but of `messages` all files of a day, whose rows may come to be the same.
    private func groups(_ candidates: [DataFile], of snapshot: TableSnapshot) -> [[DataFile]] {
        guard kind == .messages else { return candidates.map { [$0] } }
        let days = Set(candidates.map(\.partitionValues))
        return Dictionary(grouping: snapshot.files, by: \.partitionValues).filter { days.contains($0.key) }
            .values.sorted { $0[0].path < $1[0].path }
    }

    /// Puts the rows that change where `select` finds them.
    private nonisolated(nonsending) func stage(_ group: [DataFile], _ source: ChangedRows) async throws -> Int
    {
        if kind == .refused { return try await RefusedRows(source: source).stage(group[0]) }
        let rows = try await source.stage(group)
        if kind == .events, rows > 0 { try await EventRows(source: source).stage(group[0]) }
        return rows
    }

    private nonisolated(nonsending) func rewrite(
        _ group: [DataFile], _ source: ChangedRows, _ snapshot: TableSnapshot
    ) async throws -> (files: Int, rows: Int) {
        let rows = try await stage(group, source)
        guard rows > 0 else { return (0, 0) }
        // Two rows of a message become one where its recipient stood there in two ways.
        let added = try await table.rewrite(
            group, as: "SELECT * FROM (\(select(group, source)))\(order)", keepsRows: kind != .messages)
        FailPoint.reached("erase.beforeCommit")
        try await table.commit([(group, added)], of: snapshot, operation: Self.operation)
        FailPoint.reached("erase.afterCommit")
        return (group.count, rows)
    }

    /// The word in the table's history, by which ``AddedFiles`` knows that rows stayed the same rows.
    static let operation = "ERASE"

    private func select(_ group: [DataFile], _ source: ChangedRows) -> String {
        switch kind {
        case .events: EventRows(source: source).select(group[0])
        case .refused: RefusedRows(source: source).select(group[0])
        case .plain: source.select(group[0], at: 0)
        case .messages:
            MessagesModel.merge(
                partials: group.enumerated().map { index, file in
                    let rows = source.select(
                        file, at: index, overriding: DerivedDomains.sql(source.texts.all))
                    return "SELECT \(MessagesModel.storedPartialColumns) FROM (\(rows))"
                }.joined(separator: " UNION ALL "))
        }
    }

    private var order: String {
        switch kind {
        case .events: " ORDER BY event_at"
        case .messages: " ORDER BY sent_at, message_id, recipient"
        case .refused: " ORDER BY refused_at"
        case .plain: ""
        }
    }
}

/// Columns with the domain of an address that was replaced.
enum DerivedDomains {
    /// For ``ChangedRows/select(_:at:overriding:)``.
    static func sql(_ columns: [TableColumn]) -> [String: String] {
        let pairs = [("recipient_domain", "recipient"), ("from_domain", "sender")]
        let names = Set(columns.map(\.name))
        return Dictionary(
            uniqueKeysWithValues: pairs.filter { names.contains($0.0) && names.contains($0.1) }.map {
                domain, address in
                (
                    domain,
                    """
                    CASE WHEN s.row IS NULL OR s.new.\(address) IS NOT DISTINCT FROM o.\(address) THEN o.\(domain)
                    ELSE split_part(s.new.\(address), '@', -1) END
                    """
                )
            })
    }
}

extension DeltaTable {
    /// Takes away all that older versions had: their files, and the commits and checkpoints with these files' statistics. Only
    /// the latest version can be read after it. Only while nobody else writes to the table, for a file that is being written
    /// looks like a leftover.
    nonisolated(nonsending) func purge() async throws {
        // A time to come, so that nothing is too young.
        let age: Int64 = -365 * 86_400_000
        try await checkpoint()
        FailPoint.reached("erase.midPurge")
        try await cleanLog(olderThan: age)
        try await vacuum(removedFor: age, orphanedFor: age)
        try TableDisk.sync(folder)
    }
}

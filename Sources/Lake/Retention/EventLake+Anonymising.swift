// How the tables are made anonymous, a few days at a time:
//
// 1. The files of these days are written anew beside the old ones; no version names them, and others may write meanwhile.
// 2. The state says that events before the end of these days are made anonymous on their way in (`anonymous_before`).
// 3. One commit puts the new files of `events` in the places of the old ones.
// 4. One commit does the same for the rows of `messages` that were sent before that day.
// 5. The state says that it is done (`anonymous_done`).
//
// From 2 to 5 nothing else may write: an event that came again would not be known. Killed before 2, new files are leftovers;
// killed after it, the next run begins again at 1 with the same days, and rows that are anonymous already stay as they are.
//
// A row of `messages` stands in the folder of the day on which the message was sent, and becomes anonymous with that day. An event of
// it that is younger keeps its address until it is old enough itself; its row of `messages` is found by the pseudonym then
// (``anonymousPartials(_:of:)``).

import DuckDB
import Foundation
import Primitives
import Scanning

/// Files of `events` that were written anew without names, and wait to be committed.
public struct AnonymousFiles: Sendable {
    /// The day before which they make all events anonymous.
    public let end: CivilDay
    /// The days that they are of, and what the files before them hold.
    public let change: RetentionChange
    var files: [(old: DataFile, added: AddFile)]
}

extension EventLake {
    /// The days of `events` that are to be made anonymous before a day, the oldest first.
    public func daysToAnonymise(before end: CivilDay) async throws -> [CivilDay] {
        let done = try retention.load().done
        let days = Set(try await events.snapshot().files.compactMap(\.day))
        return days.filter { day in day < end && done.map { day >= $0 } ?? true }.sorted()
    }

    /// What would be made anonymous; nothing is changed.
    ///
    /// - Parameter start: a day before which rows are deleted first.
    public func anonymityFindings(before end: CivilDay, from start: CivilDay? = nil) async throws
        -> [RetentionChange]
    {
        let done = [try retention.load().done, start].compactMap { $0 }.max()
        var changes: [RetentionChange] = []
        for name in ["events", "messages"] {
            let due = try await table(name).snapshot().files.filter { file in
                file.day.map { day in day < end && done.map { day >= $0 } ?? true } ?? false
            }
            if !due.isEmpty { changes.append(RetentionChange(name, .anonymise, files: due)) }
        }
        return changes
    }

    /// Writes the files of `events` of the days before `end` that are not anonymous yet anew. Others may write meanwhile.
    public func prepareAnonymity(before end: CivilDay) async throws -> AnonymousFiles {
        try await registerAnonymity(try anonymiser())
        let done = try retention.load().done
        let due = try await events.snapshot().files.filter { file in
            file.day.map { day in day < end && done.map { day >= $0 } ?? true } ?? false
        }
        var prepared = AnonymousFiles(
            end: end, change: RetentionChange("events", .anonymise, files: due), files: [])
        for file in due { prepared.files.append((file, try await anonymous(file))) }
        return prepared
    }

    /// Puts prepared files in their places, and makes `messages` anonymous up to the same day. Only for the process that holds
    /// the ``WriterLock``, while nothing else of it writes to the lake.
    ///
    /// - Returns: what was changed.
    public func commitAnonymity(_ prepared: AnonymousFiles) async throws -> [RetentionChange] {
        let end = prepared.end
        try await updateMessages()
        let done = try retention.load().done
        try retention.change { $0.anonymousBefore = max(end, $0.anonymous ?? end).iso8601 }
        FailPoint.reached("retention.afterBegin")
        var prepared = prepared
        for _ in 0..<Self.anonymityAttempts {
            do {
                try await commit(prepared)
                break
            } catch is CommitRejection {
                // Another program changed the table; what it left is prepared anew.
                prepared.files = try await prepareAnonymity(before: end).files
            }
        }
        FailPoint.reached("retention.beforeMessages")
        let messages = try await anonymiseMessages(from: done, before: end)
        FailPoint.reached("retention.afterMessages")
        try retention.change { $0.anonymousDone = end.iso8601 }
        return [prepared.change] + (messages.map { [$0] } ?? [])
    }

    private static let anonymityAttempts = 20

    /// Commits the prepared files; those that were merged meanwhile, or came, are prepared now.
    private func commit(_ prepared: AnonymousFiles) async throws {
        let snapshot = try await events.snapshot()
        var ready: [(group: [DataFile], added: AddFile)] = []
        var known: Set<String> = []
        for file in prepared.files {
            let location = events.location(file.added.path)
            if snapshot.file(file.old.path) == nil {
                try TableDisk.delete(location)
            } else if try TableDisk.entry(location, name: location) != nil {
                // No version names it yet, so an erasure in between takes it for a leftover.
                ready.append(([file.old], file.added))
                known.insert(file.old.path)
            }
        }
        let done = try retention.load().done
        for file in snapshot.files where !known.contains(file.path) {
            guard let day = file.day, day < prepared.end, done.map({ day >= $0 }) ?? true else { continue }
            ready.append(([file], try await anonymous(file)))
        }
        guard !ready.isEmpty else { return }
        FailPoint.reached("retention.beforeCommit")
        try await events.commit(ready, of: snapshot, operation: RetentionOperation.anonymise)
        FailPoint.reached("retention.afterCommit")
    }

    /// Writes a file of `events` anew.
    private func anonymous(_ file: DataFile) async throws -> AddFile {
        onProgress("making anonymous: \(file.path)")
        let rows = AnonymousRows(of: try await events.snapshot().schema)
        func rewrite(_ ambiguous: [String]) async throws -> AddFile {
            try await events.rewrite(
                [file],
                as:
                    "SELECT * FROM (\(rows.events(events.location(of: file), ambiguous: ambiguous))) ORDER BY event_at",
                keepsRows: true)
        }
        let added = try await rewrite([])
        let ambiguous = try await connection.texts(AnonymousRows.ambiguous(events.location(added.path)))
            .compactMap { $0[0] }
        if ambiguous.isEmpty { return added }
        try TableDisk.delete(events.location(added.path))
        return try await rewrite(ambiguous)
    }

    // MARK: - Messages

    /// Rewrites the rows of messages that were sent on the days from `start` on, before `end`.
    private func anonymiseMessages(from start: CivilDay?, before end: CivilDay) async throws
        -> RetentionChange?
    {
        let snapshot = try await messages.snapshot()
        let due = snapshot.files.filter { file in
            file.day.map { day in day < end && start.map { day >= $0 } ?? true } ?? false
        }
        guard !due.isEmpty else { return nil }
        var rewritten: [(group: [DataFile], added: AddFile)] = []
        for (_, group) in Dictionary(grouping: due, by: \.partitionValues) {
            let stored =
                "SELECT \(MessagesModel.storedPartialColumns) FROM read_parquet("
                + SQL.list(group.map { messages.location(of: $0) }) + ", hive_partitioning = false)"
            let rows = MessagesModel.merge(partials: AnonymousRows.messages(stored))
            let added = try await messages.rewrite(
                group, as: "SELECT * FROM (\(rows)) ORDER BY sent_at, message_id, recipient", keepsRows: false
            )
            rewritten.append((group, added))
        }
        try await messages.commit(rewritten, of: snapshot, operation: RetentionOperation.anonymise)
        return RetentionChange("messages", .anonymise, files: due)
    }

    /// Rows of `messages` in the making, a query, of messages that were sent on a day: without names where the day is anonymous.
    ///
    /// An event may be younger than its message, and still have the address that the message no longer has.
    func anonymousPartials(_ partials: String, of day: CivilDay) async throws -> String {
        guard let anonymity = try anonymity(), day.start < anonymity.before else { return partials }
        try await registerAnonymity(anonymity.anonymiser)
        return AnonymousRows.messages(partials)
    }
}

extension DataFile {
    /// The day whose rows the file has, by its partition; nil where it is in none.
    var day: CivilDay? { CivilDay(partition: partitionValues) }
}

extension CivilDay {
    /// The day of a partition; nil where its columns do not name one.
    init?(partition values: [String: String?]) {
        let numbers = ["year", "month", "day"].compactMap { values[$0].flatMap { $0 }.flatMap { Int($0) } }
        guard numbers.count == 3 else { return nil }
        self.init(year: numbers[0], month: numbers[1], day: numbers[2])
    }
}

extension RetentionChange {
    /// What whole files hold.
    init(_ table: String, _ action: Action, files: [DataFile]) {
        self.init(
            table, action, days: Set(files.compactMap(\.day)).count,
            rows: files.reduce(0) { $0 + ($1.rowCount ?? 0) }, bytes: files.reduce(0) { $0 + $1.size })
    }
}

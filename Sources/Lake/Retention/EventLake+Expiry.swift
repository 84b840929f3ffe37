import DuckDB
import Foundation
import Primitives

extension EventLake {
    /// What is older than it may be, in the tables and in `raw`; nothing is changed.
    public func expired(_ horizons: RetentionHorizons) async throws -> [RetentionChange] {
        try await expire(horizons, isDry: true)
    }

    /// Deletes what is older than it may be. Only for the process that holds the ``WriterLock``, while nothing else of it writes.
    ///
    /// - Returns: what went.
    public func deleteExpired(_ horizons: RetentionHorizons) async throws -> [RetentionChange] {
        try await expire(horizons, isDry: false)
    }

    private func expire(_ horizons: RetentionHorizons, isDry: Bool) async throws -> [RetentionChange] {
        guard !horizons.deletion.isEmpty else { return [] }
        // What came must be in `messages` before it goes from `events`.
        if !isDry { try await updateMessages() }
        var changes: [RetentionChange] = []
        if let day = horizons.deletion[.events] { changes.append(try await expireEvents(before: day, isDry)) }
        FailPoint.reached("retention.midDelete")
        if let day = horizons.deletion[.messages] {
            changes.append(try await expireRows("messages", "last_event_at", before: day, isDry))
        }
        if let day = horizons.deletion[.refused] {
            changes.append(try await expireRows("refused", "refused_at", before: day, isDry))
        }
        if let day = horizons.deletion[.streams] {
            for stream in try await streamTables() {
                changes.append(
                    try await expireRows("streams/\(stream.name)", stream.receivedColumn, before: day, isDry))
            }
        }
        if let day = horizons.deletion[.raw] { changes.append(try expireRaw(before: day, isDry)) }
        return changes.filter { $0.rows > 0 || $0.bytes > 0 }
    }

    // MARK: Steps

    /// Takes whole partitions out of `events`: only the log changes, and no file is read.
    private func expireEvents(before day: CivilDay, _ isDry: Bool) async throws -> RetentionChange {
        for _ in 0..<Self.expiryAttempts {
            let snapshot = try await events.snapshot()
            let gone = snapshot.files.filter { file in
                guard let own = file.day, own < day else { return false }
                // The folder says it, and the statistics must not say otherwise.
                guard case .timestamp(let last)? = file.statistics.columns["event_at"]?.maximum else {
                    return true
                }
                return last < day.start
            }
            let change = RetentionChange("events", .delete, files: gone)
            if isDry || gone.isEmpty { return change }
            let now = events.options.now()
            do {
                FailPoint.reached("retention.beforeExpiry")
                try await events.commit(
                    read: snapshot.version, operation: RetentionOperation.delete,
                    actions: gone.map { .remove(RemoveFile($0.add, at: now, dataChange: true)) })
                FailPoint.reached("retention.afterExpiry")
                return change
            } catch is CommitRejection {
                continue
            }
        }
        throw Failure(.limit, "gave up deleting old events: other writers were faster; run it again")
    }

    private static let expiryAttempts = 20

    /// Takes rows out of a table that is not partitioned by the time that counts.
    private func expireRows(_ name: String, _ column: String, before day: CivilDay, _ isDry: Bool)
        async throws -> RetentionChange
    {
        let table = table(name)
        let condition = "\(SQL.identifier(column)) < make_timestamptz(\(day.start.microseconds))"
        let files = try await table.files(of: try await table.snapshot(), matching: condition)
        var change = RetentionChange(name, .delete)
        guard !files.isEmpty else { return change }
        for (file, gone) in files {
            change.rows += gone
            change.bytes += file.rowCount.map { $0 > 0 ? file.size * gone / $0 : 0 } ?? 0
        }
        let paths = SQL.list(files.map { table.location(of: $0.file) })
        change.days = try await count(
            """
            SELECT count(DISTINCT CAST(\(SQL.identifier(column)) AS DATE)) FROM
            read_parquet(\(paths), hive_partitioning = false, union_by_name = true) WHERE \(condition)
            """)
        if !isDry {
            onProgress("deleting from \(name)")
            let order = ["messages": ["sent_at", "message_id", "recipient"], "refused": ["refused_at"]]
            try await table.deleteRows(matching: condition, orderBy: order[name] ?? [])
        }
        return change
    }

    /// Deletes files of received bytes of whole days. A file may reach an hour into the day after its folder's, so it stays a day
    /// longer.
    private func expireRaw(before day: CivilDay, _ isDry: Bool) throws -> RetentionChange {
        var change = RetentionChange("raw", .delete)
        var days: Set<CivilDay> = []
        for file in RawFiles.all(in: home.raw) {
            guard let own = file.day, own.next < day else { continue }
            // Before the file: that events cannot be made anew must be known, and not be forgotten by a kill.
            if !isDry, days.isEmpty { try retention.change { $0.rawDeletedBefore = day.iso8601 } }
            days.insert(own)
            change.bytes += try TableDisk.entry(home.raw.path + "/" + file.path, name: file.path)?.size ?? 0
            if !isDry {
                try TableDisk.delete(home.raw.path + "/" + file.path)
                FailPoint.reached("retention.midRaw")
            }
        }
        change.days = days.count
        return change
    }

    /// Whether there is an event so near to a time that the time may be true.
    public func bearsOut(_ time: Timestamp) async throws -> Bool {
        let near = { (other: Timestamp) in
            abs(other.microseconds - time.microseconds) <= ClockReading.tolerance
        }
        return try await events.snapshot().filesByPath.values.contains { file in
            [file.statistics.columns["event_at"]?.minimum, file.statistics.columns["event_at"]?.maximum]
                .contains { value in
                    if case .timestamp(let time)? = value { near(time) } else { false }
                }
        }
    }

    // MARK: - Old versions

    /// Notes that rows are about to change, so that older versions of the tables, which have them as they were, will go.
    public func beginChanges(at now: Timestamp = .now) throws {
        try retention.change { $0.oldVersionsSince = now.iso8601 }
    }

    /// Takes away the older versions of the tables and leftovers. Only for the one who holds the ``WriterLock``, while nothing
    /// else writes.
    public func purgeOldVersions() async throws {
        guard try retention.load().oldVersionsSince != nil else { return }
        // What came from the log must be in `messages` before the commits go that tell what came.
        try await updateMessages()
        for (_, table, _) in try ownTables() { try await table.purge() }
        try await purgeRollups()
        try retention.change { $0.oldVersionsSince = nil }
    }

    /// Takes away the older versions of the tables where rows changed longer than `age` ago. Others may write meanwhile.
    public func ageOldVersions(_ age: Duration, at now: Timestamp = .now) async throws {
        guard let text = try retention.load().oldVersionsSince, let since = Timestamp(parsing: text),
            now.microseconds - since.microseconds >= age.components.seconds * 1_000_000
        else { return }
        for (_, table, _) in try ownTables() { try await table.checkpoint() }
        try await clean(age)
        try retention.change { $0.oldVersionsSince = nil }
    }

    /// Refuses where raw bytes went for their age, without which a rebuild would lose events.
    public nonisolated func checkRawIsWhole() throws(Failure) {
        guard let day = try retention.load().rawDeletedBefore else { return }
        throw Failure(
            .refused,
            "raw bytes of before \(day) were deleted for their age, and events made anew from the rest would lack those "
                + "that were received before; restore raw from a backup, or take the table from one")
    }
}

/// The files of received bytes.
public enum RawFiles {
    /// The files below `raw`, in the order of their paths, with the days on which they were received.
    public static func all(in raw: URL) -> [(path: String, day: CivilDay?)] {
        guard let names = FileManager.default.enumerator(atPath: raw.path) else { return [] }
        return names.compactMap { $0 as? String }.filter { $0.hasSuffix(".ndjson.zst") }.sorted()
            .map { ($0, day(of: $0)) }
    }

    /// The day on which the first bytes of a file were received; nil where its folder does not say.
    public static func day(of path: String) -> CivilDay? {
        CivilDay(partition: DeltaPath.partitionValues(of: path))
    }
}

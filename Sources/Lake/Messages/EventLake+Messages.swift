import DuckDB
import Foundation
import Primitives

extension EventLake {
    /// The application id under which `messages` records the version of `events` that it holds.
    static let eventsMark = "events"

    /// Brings `messages` up to `events`: merges what was added since into the rows of the days it belongs to.
    ///
    /// A kill in between leaves `messages` at an older version of `events`; readers then merge the difference themselves
    /// (``messagesRelation(_:)``), and the next call takes it up.
    public func updateMessages() async throws {
        let snapshot = try await events.snapshot()
        let merged = try await messages.snapshot()
        let done = merged.transactions[Self.eventsMark] ?? 0
        guard done < snapshot.version else { return }
        guard let added = try await filesAdded(after: done, to: snapshot) else {
            return try await rebuildMessages()
        }
        try await merge(
            added, into: merged, removing: [], upTo: snapshot.version, atOnce: Self.mergedAtOnce)
    }

    /// Makes `messages` anew from `events`.
    public func rebuildMessages() async throws { try await rebuildMessages(atOnce: Self.mergedAtOnce) }

    func rebuildMessages(atOnce: Int) async throws {
        let snapshot = try await events.snapshot()
        let old = try await messages.snapshot()
        try await merge(
            snapshot.files, into: nil, removing: old.files, upTo: snapshot.version, atOnce: atOnce)
    }

    /// The files with the rows that commits after `version` brought; nil if the log no longer tells.
    func filesAdded(after version: Int64, to snapshot: TableSnapshot) async throws -> [DataFile]? {
        var added = AddedFiles(after: version, schema: snapshot.schema)
        if let known = cameSince, known.after == version, known.version <= snapshot.version { added = known }
        while added.version < snapshot.version {
            guard let actions = try await events.log.commit(added.version + 1), added.apply(actions) else {
                return nil
            }
        }
        cameSince = added
        // A file that compaction has merged since may be gone from the disk.
        return added.files.allSatisfy { FileManager.default.fileExists(atPath: events.location(of: $0)) }
            ? added.files : nil
    }

    /// A fold that makes rows of `messages` from events on their way into the lake, and holds `capacity` of them.
    public nonisolated func makeMessageFold(capacity: Int = MessageFold.usualCapacity) -> MessageFold {
        MessageFold(folder: messages.folder, capacity: capacity)
    }

    /// Merges the rows of a fold into `messages`, which has all events but those that were folded.
    ///
    /// - Parameter replacing: whether the fold has all events, so that its rows take the place of the table's.
    public func commit(_ fold: MessageFold, replacing: Bool = false) async throws {
        let version = try await events.snapshot().version
        let existing = try await messages.snapshot()
        let days = try fold.finish().sorted { $0.key.start < $1.key.start }
        guard !days.isEmpty || existing.transactions[Self.eventsMark] ?? 0 < version else { return }
        var written: [String] = []
        var replaced = replacing ? existing.files : []
        for (index, (day, paths)) in days.enumerated() {
            let partition = DeltaPath.partitionValues(of: day.partitionFolder + "/a-file")
            let present = replacing ? [] : existing.files.filter { $0.partitionValues == partition }
            let isAnonymous = try anonymity().map { day.start < $0.before } ?? false
            if present.isEmpty, paths.count == 1, !isAnonymous {
                written += paths
                continue
            }
            onProgress("messages: day \(index + 1) of \(days.count)")
            let sources = present.map { messages.location(of: $0) } + paths.map { messages.folder + "/" + $0 }
            let stored = "read_parquet(\(SQL.list(sources)))"
            let named = try await anonymousPartials(
                "SELECT \(MessagesModel.storedPartialColumns) FROM \(stored)", of: day)
            written.append(
                try await write(
                    MessagesModel.merge(partials: named), of: "SELECT message_id FROM \(stored)",
                    atOnce: fold.capacity / 2, on: day))
            for path in paths { try FileManager.default.removeItem(atPath: messages.folder + "/" + path) }
            replaced += present
        }
        try await commit(written, replacing: replaced, upTo: version)
    }

    private func merge(
        _ added: [DataFile], into existing: TableSnapshot?, removing old: [DataFile], upTo version: Int64,
        atOnce: Int
    ) async throws {
        let paths = added.map { events.location(of: $0) }
        var written: [String] = []
        var replaced = old
        if !paths.isEmpty {
            let days = try await connection.rows(
                """
                SELECT epoch_us(date_trunc('day', sent_at)) AS sent_day FROM read_parquet(\(SQL.list(paths)))
                GROUP BY sent_day ORDER BY sent_day
                """
            ).compactMap { $0.first?.integer }.map { Timestamp(microseconds: $0).day }
            for (index, day) in days.enumerated() {
                onProgress("messages: day \(index + 1) of \(days.count)")
                let latest = day.times.upperBound
                let files = added.filter { $0.overlaps("sent_at", day.start, latest) }
                let partition = DeltaPath.partitionValues(of: day.partitionFolder + "/a-file")
                let present = existing?.files.filter { $0.partitionValues == partition } ?? []
                written.append(try await mergeDay(day, latest, files, present, atOnce))
                replaced += present
            }
        }
        try await commit(written, replacing: replaced, upTo: version)
    }

    private func commit(_ written: [String], replacing replaced: [DataFile], upTo version: Int64) async throws
    {
        let now = messages.options.now()
        let files = try await messages.adding(written)
        let actions: [DeltaAction] =
            [.transaction(TransactionMark(appId: Self.eventsMark, version: version, lastUpdated: now))]
            + replaced.map { .remove(RemoveFile($0.add, at: now, dataChange: true)) } + files.map { .add($0) }
        try await messages.commit(operation: "MERGE", actions: actions)
    }

    private func mergeDay(
        _ day: CivilDay, _ latest: Timestamp, _ files: [DataFile], _ present: [DataFile], _ atOnce: Int
    ) async throws -> String {
        var source = """
            (SELECT * FROM read_parquet(\(SQL.list(files.map { events.location(of: $0) })))
            WHERE sent_at BETWEEN make_timestamptz(\(day.start.microseconds)) AND make_timestamptz(\(latest.microseconds)))
            """
        // Opens come weeks later: a day's events lie in many files, which each slice of the messages would read.
        var aside: String?
        defer { if let aside { try? TableDisk.delete(aside) } }
        if files.reduce(0, { $0 + ($1.statistics.rowCount ?? 0) }) > Int64(atOnce) * 8 {
            let path = try await setAside(source, on: day)
            source = "(SELECT * FROM read_parquet(\(SQL.literal(path))))"
            aside = path
        }
        let fresh = MessagesModel.aggregate(events: source)
        let named = try await anonymousPartials(fresh, of: day)
        var ids = "SELECT message_id FROM (SELECT DISTINCT message_id, unnest(recipients) FROM \(source))"
        guard !present.isEmpty || named != fresh else {
            return try await write(MessagesModel.withState(fresh), of: ids, atOnce: atOnce, on: day)
        }
        var partials = named
        if !present.isEmpty {
            let stored = "read_parquet(\(SQL.list(present.map { messages.location(of: $0) })))"
            partials += " UNION ALL BY NAME SELECT \(MessagesModel.storedPartialColumns) FROM \(stored)"
            ids += " UNION ALL SELECT message_id FROM \(stored)"
        }
        return try await write(MessagesModel.merge(partials: partials), of: ids, atOnce: atOnce, on: day)
    }
}

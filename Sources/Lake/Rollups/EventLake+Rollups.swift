import DuckDB
import Foundation
import Primitives

extension EventLake {
    /// How many days of events have their files.
    public struct RollupInfo: Sendable {
        /// Days of which there is a file.
        public var days = 0
        /// Days with events.
        public var daysWithEvents = 0
        /// Bytes of these files.
        public var bytes: Int64 = 0
    }

    /// Makes the files of the days that lack theirs, a day at a time, the newest first, and deletes those that nobody needs. Only for
    /// the holder of the ``WriterLock``.
    ///
    /// - Parameter anew: whether those that are there are made again.
    /// - Returns: how many were made.
    @discardableResult
    public func updateRollups(_ recipe: RollupRecipe, anew: Bool = false) async throws -> Int {
        var made = 0
        try removeRollupTemporaries()
        for span in try await keysToRollUp(recipe, anew: anew).keys.sorted().reversed() where span.hour == nil
        {
            try Task.checkCancellation()
            onProgress("\(recipe.name) of \(span)")
            if try await rollUp(span, recipe) { made += 1 }
        }
        try removeRollups(try await staleRollups(recipe), recipe)
        return made
    }

    /// State of the files of a recipe.
    public func rollupInfo(_ recipe: RollupRecipe) async throws -> RollupInfo {
        let days = RollupDays(try await events.snapshot().files)
        let present = try recipe.names(home)
        var info = RollupInfo(daysWithEvents: days.days.count)
        for name in days.days.compactMap({ days.name(of: RollupSpan($0), recipe) })
        where present.contains(name) {
            info.days += 1
            for folder in recipe.folders(home) {
                info.bytes += try TableDisk.entry(folder.location(name), name: name)?.size ?? 0
            }
        }
        return info
    }

    /// Compares the files with `events`: each event has to be in the one of its day or hour. Those of a recipe that looks back are compared with what
    /// they are made of.
    ///
    /// - Returns: what is wrong, a sentence each.
    public func verify(_ recipe: RollupRecipe) async throws -> [String] {
        let days = RollupDays(try await events.snapshot().files)
        let present = try recipe.names(home)
        var findings: [String] = []
        for span in days.spans {
            guard let name = days.name(of: span, recipe), present.contains(name) else { continue }
            onProgress("verifying \(recipe.name) of \(span)")
            switch recipe.source {
            case .events: findings += try await verify(name, of: span, days, recipe)
            case .rows(let other, _, let faults):
                findings += try await verify(name, of: span, days, recipe, madeOf: other, faults)
            }
        }
        return findings
    }

    /// Compares a span's rows with those that they are made of.
    private func verify(
        _ name: String, of span: RollupSpan, _ days: RollupDays, _ recipe: RollupRecipe,
        madeOf other: RollupRecipe, _ faults: (Timestamp) -> String
    ) async throws -> [String] {
        guard let basis = days.name(of: span, other), try other.names(home).contains(basis) else { return [] }
        let sources =
            [(recipe.name, name), (other.name, basis)]
            + [recipe.summary].compactMap(\.self).map { ($0.name, name) }
        let tables = sources.map { table, name in
            "\(table) AS (FROM read_parquet(\(SQL.literal(RollupFolder(home, table).location(name)))))"
        }
        return try await finding(RollupFolder(home, recipe.name).location(name), recipe) {
            let count = try await self.count("WITH \(tables.joined(separator: ", ")) \(faults(span.start))")
            return count == 0 ? nil : "does not fit the \(other.name) of its time"
        }
    }

    /// Compares how many events a span's files tell of with those that there are.
    private func verify(_ name: String, of span: RollupSpan, _ days: RollupDays, _ recipe: RollupRecipe)
        async throws -> [String]
    {
        // Files of events that cannot be read are found by their own table's verification.
        guard
            let wanted = try? await count(
                "SELECT count(*) FROM \(eventsRelation(days.files(of: span))) WHERE \(span.condition)")
        else { return [] }
        let counts =
            ["count(*) FILTER (shared_event_id IS NULL) + count(DISTINCT shared_event_id)"]
            + [recipe.summary?.eventCount].compactMap(\.self)
        var findings: [String] = []
        for (folder, sql) in zip(recipe.folders(home), counts) {
            let location = folder.location(name)
            findings += try await finding(location, recipe) {
                let found = try await self.count("SELECT \(sql) FROM read_parquet(\(SQL.literal(location)))")
                return found == wanted ? nil : "has \(found) of \(wanted) events"
            }
        }
        return findings
    }

    /// What a check says of a file, as a sentence.
    private func finding(
        _ location: String, _ recipe: RollupRecipe, _ check: () async throws -> String?
    ) async throws -> [String] {
        let said: String?
        do {
            said = try await check()
        } catch let failure as Failure {
            said = "cannot be read: \(failure.message)"
        }
        return said.map { ["\(recipe.name): \(location) \($0); run: sesame lake rollup --rebuild"] } ?? []
    }

    /// The spans whose files are not there and could be made, each with the key of the files that it would be made of.
    ///
    /// A day that has its file needs none for its hours.
    func keysToRollUp(_ recipe: RollupRecipe, anew: Bool = false) async throws -> [RollupSpan: String] {
        let days = RollupDays(try await events.snapshot().files)
        let present = anew ? [] : try recipe.names(home)
        let isThere = { (span: RollupSpan) in days.name(of: span, recipe).map(present.contains) ?? true }
        var keys: [RollupSpan: String] = [:]
        for span in days.spans where !isThere(RollupSpan(span.day)) && !isThere(span) {
            keys[span] = days.name(of: span, recipe)
        }
        guard case .rows(let other, _, _) = recipe.source else { return keys }
        let there = try other.names(home)
        return keys.filter { days.names(for: $0.key, by: other, among: there) != nil }
    }

    /// Removes files by name.
    func removeRollups(_ names: Set<String>, _ recipe: RollupRecipe) throws {
        for folder in recipe.folders(home) {
            for name in try folder.names().intersection(names) { try folder.remove(name) }
        }
    }

    /// The files that no query will ask for any more.
    func staleRollups(_ recipe: RollupRecipe) async throws -> Set<String> {
        let days = RollupDays(try await events.snapshot().files)
        let wanted = Set(days.spans.compactMap { days.name(of: $0, recipe) })
        let present = try recipe.folders(home).reduce(into: Set<String>()) { $0.formUnion(try $1.names()) }
        return present.subtracting(wanted)
    }

    /// Removes what a killed writer left.
    func removeRollupTemporaries() throws {
        for folder in try RollupFolder.all(in: home) { try folder.removeTemporaries() }
    }

    /// Removes all that was derived of files of `events` that are no longer there, by whatever recipe: somebody who was erased may be in it.
    func purgeRollups() async throws {
        let days = RollupDays(try await events.snapshot().files)
        let wanted = days.spans.flatMap { span in
            [false, true].compactMap { days.key(of: span, looksBack: $0) }.map {
                (prefix: "\(span)-", suffix: "-\($0)")
            }
        }
        for folder in try RollupFolder.all(in: home) {
            try folder.removeTemporaries()
            for name in try folder.names()
            where !wanted.contains(where: { name.hasPrefix($0.prefix) && name.hasSuffix($0.suffix) }) {
                try folder.remove(name)
            }
        }
    }
}

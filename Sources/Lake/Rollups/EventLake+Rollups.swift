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
        for day in try await keysToRollUp(recipe, anew: anew).keys.sorted().reversed() {
            try Task.checkCancellation()
            onProgress("\(recipe.name) of \(day)")
            if try await rollUp(day, recipe) { made += 1 }
        }
        try removeRollups(try await staleRollups(recipe), recipe)
        return made
    }

    /// State of the files of a recipe.
    public func rollupInfo(_ recipe: RollupRecipe) async throws -> RollupInfo {
        let days = RollupDays(try await events.snapshot().files)
        let present = try recipe.names(home)
        var info = RollupInfo(daysWithEvents: days.files.count)
        for name in days.days.compactMap({ days.name(of: $0, recipe) }) where present.contains(name) {
            info.days += 1
            for folder in recipe.folders(home) {
                info.bytes += try TableDisk.entry(folder.location(name), name: name)?.size ?? 0
            }
        }
        return info
    }

    /// Compares the files with `events`: each event has to be in the one of its day.
    ///
    /// - Returns: what is wrong, a sentence each.
    public func verify(_ recipe: RollupRecipe) async throws -> [String] {
        let days = RollupDays(try await events.snapshot().files)
        let present = try recipe.names(home)
        let counts =
            ["count(*) FILTER (shared_event_id IS NULL) + count(DISTINCT shared_event_id)"]
            + [recipe.summary?.eventCount].compactMap(\.self)
        var findings: [String] = []
        for day in days.days {
            guard let name = days.name(of: day, recipe), present.contains(name) else { continue }
            onProgress("verifying \(recipe.name) of \(day)")
            // Files of events that cannot be read are found by their own table's verification.
            guard
                let wanted = try? await count(
                    "SELECT count(*) FROM \(eventsRelation(days.files[day] ?? [])) WHERE \(Self.condition(day))"
                )
            else { continue }
            for (folder, sql) in zip(recipe.folders(home), counts) {
                let location = folder.location(name)
                do {
                    let found = try await count("SELECT \(sql) FROM read_parquet(\(SQL.literal(location)))")
                    guard found != wanted else { continue }
                    findings.append(
                        "\(recipe.name): \(location) has \(found) of \(wanted) events; run: sesame lake rollup --rebuild"
                    )
                } catch let failure as Failure {
                    findings.append(
                        "\(recipe.name): \(location) cannot be read: \(failure.message); run: sesame lake rollup --rebuild"
                    )
                }
            }
        }
        return findings
    }

    /// The days whose files are not there, each with the key of the files that it would be made of.
    func keysToRollUp(_ recipe: RollupRecipe, anew: Bool = false) async throws -> [CivilDay: String] {
        let days = RollupDays(try await events.snapshot().files)
        let present = anew ? [] : try recipe.names(home)
        var keys: [CivilDay: String] = [:]
        for day in days.days {
            guard let name = days.name(of: day, recipe), !present.contains(name) else { continue }
            keys[day] = name
        }
        return keys
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
        let wanted = Set(days.days.compactMap { days.name(of: $0, recipe) })
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
        let wanted = days.days.compactMap { day in
            days.key(of: day).map { (prefix: "\(day)-", suffix: "-\($0)") }
        }
        for folder in try RollupFolder.all(in: home) {
            try folder.removeTemporaries()
            for name in try folder.names()
            where !wanted.contains(where: { name.hasPrefix($0.prefix) && name.hasSuffix($0.suffix) }) {
                try folder.remove(name)
            }
        }
    }

    /// SQL of the events of a day.
    static func condition(_ day: CivilDay) -> String {
        "event_at >= TIMESTAMPTZ '\(day.start.iso8601)' AND event_at < TIMESTAMPTZ '\(day.end.iso8601)'"
    }
}

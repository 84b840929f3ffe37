// Rows of a day are wide, and to sort them takes memory that grows with the day: one of several million events does not fit into what
// the engine may have. A large day is therefore derived a part of its time after the other, and not sorted: each part's groups of rows
// are files of their own, of which the day's file takes group after group, and in each part after part. The statistics of its row
// groups tell nearly as much as if it was sorted.

import DuckDB
import Foundation
import Primitives

extension EventLake {
    /// Makes the file of a span, if that has events and all that it is made of is there.
    ///
    /// What the engine needs depends on the texts and on how its threads meet. Where it was too much, fewer events are derived at once.
    func rollUp(_ span: RollupSpan, _ recipe: RollupRecipe) async throws -> Bool {
        do {
            return try await rollUp(span, recipe, atOnce: recipe.eventsAtOnce)
        } catch let failure as Failure where failure.kind == .limit {
            return try await rollUp(span, recipe, atOnce: max(1, recipe.eventsAtOnce / 8))
        }
    }

    private func rollUp(_ span: RollupSpan, _ recipe: RollupRecipe, atOnce: Int) async throws -> Bool {
        let days = RollupDays(try await events.snapshot().files)
        guard let name = days.name(of: span, recipe), let source = try source(of: span, days, recipe) else {
            return false
        }
        let folder = RollupFolder(home, recipe.name)
        let count = try await eventCount(of: span, source, atMost: atOnce)
        let temporary = try await derive(span, of: source, recipe, count, atOnce, in: folder)
        do {
            if let summary = recipe.summary {
                // Of a large day they are a tenth of the rows, of a small one nearly as many.
                let rowGroup = min(RowGroupSize.ofFile(with: count), 16_384)
                try await summarize(temporary, of: recipe.name, summary, as: name, rowGroup)
            }
        } catch {
            unlink(temporary)
            throw error
        }
        FailPoint.reached("rollup.written")
        try folder.settle(temporary, as: name)
        return true
    }

    /// What a span is derived of.
    private struct SpanSource {
        /// The table's name in the recipe's SQL.
        var name: String
        /// What the recipe reads, as a relation.
        var rows: String
        /// The files with the span's own rows alone, as a relation.
        var ownRows: String
        /// How many events the files have in which those of the span are.
        var eventCount: Int

        /// The table, for WITH.
        var table: String { "\(name) AS NOT MATERIALIZED \(rows)" }
    }

    /// What a recipe derives a span of; nil where it is not all there.
    private func source(of span: RollupSpan, _ days: RollupDays, _ recipe: RollupRecipe) throws -> SpanSource?
    {
        let files = days.files(of: span)
        guard !files.isEmpty else { return nil }
        let count = Int(files.reduce(0) { $0 + ($1.statistics.rowCount ?? 0) })
        switch recipe.source {
        case .events:
            let rows = eventsRelation(files)
            return SpanSource(name: "events", rows: rows, ownRows: rows, eventCount: count)
        case .rows(let other, _, _):
            guard let names = days.names(for: span, by: other, among: try other.names(home)) else {
                return nil
            }
            let files = names.map(RollupFolder(home, other.name).location)
            let relation = { (files: [String]) in "(FROM read_parquet(\(SQL.list(files))))" }
            return SpanSource(
                name: other.name, rows: relation(files), ownRows: relation(files.suffix(1)), eventCount: count
            )
        }
    }

    /// Writes what is derived of a span to a file that has no name yet.
    private func derive(
        _ span: RollupSpan, of source: SpanSource, _ recipe: RollupRecipe, _ count: Int, _ atOnce: Int,
        in folder: RollupFolder
    ) async throws -> String {
        let whole = try folder.makeTemporary()
        let parts = try await parts(of: span, source, count, atOnce)
        let rowGroup = RowGroupSize.ofFile(with: count)
        guard parts.count > 1 else {
            let rows = "\(rows(of: parts[0], source, recipe)) \(recipe.order?.sql ?? "")"
            try await copy(rows, to: whole, rowGroup: rowGroup)
            return whole
        }
        let (groups, past) = (try folder.makeTemporary(), try folder.makeTemporary())
        defer { for path in [groups, past] { try? TableDisk.deleteTree(path) } }
        var source = source
        if let select = recipe.past?(span.start, span.end) {
            try await copy("WITH \(source.table) \(select)", to: past)
            source.rows = "(FROM \(source.ownRows) UNION ALL BY NAME FROM read_parquet(\(SQL.literal(past))))"
        }
        for (number, part) in parts.enumerated() {
            try Task.checkCancellation()
            let rows = rows(of: part, source, recipe, ", \(recipe.order?.group ?? "0") AS part_group")
            let name = "FILENAME_PATTERN '\(number)-{i}'"
            try await copy(rows, to: groups, ", PARTITION_BY (part_group), \(name), OVERWRITE_OR_IGNORE")
        }
        let files = try TableDisk.names(in: groups).flatMap { group in
            try TableDisk.names(in: "\(groups)/\(group)").map { "\(groups)/\(group)/\($0)" }
        }
        .sorted { $0.compare($1, options: .numeric) == .orderedAscending }
        let all = "FROM read_parquet(\(SQL.list(files)), hive_partitioning = false)"
        try await copy(
            files.isEmpty ? rows(of: parts[0], source, recipe) : all, to: whole, rowGroup: rowGroup)
        return whole
    }

    /// SQL of what is derived of a part of a span's time.
    private func rows(
        of part: Range<Timestamp>, _ source: SpanSource, _ recipe: RollupRecipe, _ columns: String = ""
    ) -> String {
        let (tables, select) = recipe.sql(part.lowerBound, part.upperBound)
        return "WITH \(source.table), \(tables) SELECT *\(columns) FROM (\(select))"
    }

    /// How many events a span has, counted only where it may have more than can be derived at once.
    private func eventCount(of span: RollupSpan, _ source: SpanSource, atMost atOnce: Int) async throws -> Int
    {
        guard source.eventCount > atOnce else { return source.eventCount }
        return Int(try await count("SELECT count(*) FROM \(source.ownRows) WHERE \(span.condition)"))
    }

    /// The span's time in parts that have about as many events as may be derived at once.
    private func parts(
        of span: RollupSpan, _ source: SpanSource, _ count: Int, _ atOnce: Int
    ) async throws -> [Range<Timestamp>] {
        guard count > atOnce else { return [span.start..<span.end] }
        let own = "\(source.ownRows) WHERE \(span.condition)"
        let number = (count + atOnce - 1) / atOnce
        let rows = try await connection.rows(SQL.bounds(ofSlices: number, by: "epoch_us(event_at)", in: own))
        let bounds = rows.compactMap { $0[0].integer.map(Timestamp.init(microseconds:)) }
        let inside = bounds.filter { span.start < $0 }
        return zip([span.start] + inside, inside + [span.end]).map { $0..<$1 }
    }

    /// Makes the summary of a file that has no name yet: where the file has one, the summary is there.
    private func summarize(
        _ file: String, of table: String, _ summary: RollupRecipe.Summary, as name: String, _ rowGroup: Int
    ) async throws {
        let folder = RollupFolder(home, summary.name)
        let temporary = try folder.makeTemporary()
        try await copy(
            "WITH \(table) AS NOT MATERIALIZED (FROM read_parquet(\(SQL.literal(file)))) \(summary.sql)",
            to: temporary, rowGroup: rowGroup)
        try folder.settle(temporary, as: name)
    }

    /// Writes rows to a file, which is not there if that fails.
    private func copy(
        _ query: String, to path: String, rowGroup: Int = 30_720, _ options: String = ""
    ) async throws {
        do {
            try await connection.execute(
                """
                COPY (\(query)) TO \(SQL.literal(path))
                (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE \(rowGroup)\(options))
                """)
        } catch {
            unlink(path)
            throw error
        }
    }
}

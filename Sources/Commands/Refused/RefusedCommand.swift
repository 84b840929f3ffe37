import ArgumentParser
import Foundation
import Lake
import Primitives

/// `sesame refused`: what could not be read.
struct RefusedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refused",
        abstract: "List, show and replay what could not be read.",
        discussion: "Nothing is thrown away: a record stays here until it can be read.",
        subcommands: [List.self, Summary.self, Show.self, Replay.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List refused records, the newest first.", discussion: "Times are UTC.")
        @OptionGroup var options: HomeOptions
        @OptionGroup var choice: RefusedChoice
        @Option(help: "Those refused since then, \(Since.help).") var since: Since?
        @Option(help: "The most records to show.") var limit = 50
        @Option(help: "table, json or csv.") var format = AnswerFormat.table

        func validate() throws {
            guard (1...1_000_000).contains(limit) else {
                throw ValidationError("--limit must be 1 to 1000000")
            }
        }

        func run() async throws {
            let lake = try await openLake(options)
            let filter = try choice.filter(since: since)
            let records = try await lake.refusedRecords(filter, limit: limit)
            guard format == .table else { return RefusedList.rows(records).print(format) }
            guard !records.isEmpty else { return print(choice.nothing(since: since)) }
            for line in RefusedList.table(records).lines { print(line) }
            let counts = try await lake.refusedCounts(filter)
            let total = counts.reduce(0) { $0 + $1.count }
            let sources = Set(counts.map(\.source)).count, reasons = Set(counts.map(\.reason)).count
            Terminal.error(
                "\(records.count.grouped) of \(Terminal.counted(total, "record")), of "
                    + "\(Terminal.counted(sources, "source")) and for \(Terminal.counted(reasons, "reason")); counts: "
                    + "sesame refused summary; one with its bytes: sesame refused show \(records[0].id.prefix(12))"
            )
        }
    }

    struct Summary: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Count refused records by source and reason, the most first.")
        @OptionGroup var options: HomeOptions
        @OptionGroup var choice: RefusedChoice
        @Option(help: "Those refused since then, \(Since.help).") var since: Since?
        @Option(help: "table, json or csv.") var format = AnswerFormat.table

        func run() async throws {
            let lake = try await openLake(options)
            let counts = try await lake.refusedCounts(choice.filter(since: since))
            guard format == .table else {
                return AnswerRows(
                    columns: ["source", "reason", "count", "newest"],
                    rows: counts.map {
                        [
                            .text($0.source), .text($0.reason), .number(Double($0.count)),
                            .text($0.newest.iso8601),
                        ]
                    }
                ).print(format)
            }
            guard !counts.isEmpty else { return print(choice.nothing(since: since)) }
            var table = TextTable([
                .init(title: "records", isNumeric: true), .init(title: "source"), .init(title: "newest"),
                .init(title: "reason"),
            ])
            for count in counts {
                table.add([
                    count.count.grouped, count.source, count.newest.minuteText, count.reason,
                ])
            }
            for line in table.lines { print(line) }
        }
    }
}

/// Which records a command is about.
struct RefusedChoice: ParsableArguments {
    @Option(help: "Those of this source.") var source: String?
    @Option(help: ArgumentHelp("Those with this in their reason, in any case.", valueName: "text"))
    var reason: String?

    func filter(since: Since? = nil) throws(Failure) -> RefusedFilter {
        try RefusedFilter(source: source, reason: reason, since: since?.time)
    }

    func nothing(since: Since?) -> String {
        source == nil && reason == nil && since == nil
            ? "nothing was refused" : "nothing that was refused is like that; see: sesame refused summary"
    }
}

/// How refused records are listed.
enum RefusedList {
    static func table(_ records: [KeptRefusal]) -> TextTable {
        var table = TextTable([
            .init(title: "id"), .init(title: "refused"), .init(title: "source"),
            .init(title: "bytes", isNumeric: true), .init(title: "reason"), .init(title: "place"),
        ])
        for record in records {
            let event = record.event
            table.add([
                String(record.id.prefix(12)), event.refusedAt.minuteText, event.sourceName,
                event.byteCount.grouped, shortened(event.reason, to: 72), event.place,
            ])
        }
        return table
    }

    static func rows(_ records: [KeptRefusal]) -> AnswerRows {
        AnswerRows(
            columns: [
                "refused_id", "refused_at", "source_name", "origin", "byte_offset", "line", "reason",
                "byte_count",
            ], rows: records.map { record in record.cells.map(\.cell) })
    }
}

extension KeptRefusal {
    /// Its fields by the names of the table's columns.
    var cells: [(name: String, cell: AnswerRows.Cell)] {
        [
            ("refused_id", .text(id)), ("refused_at", .text(event.refusedAt.iso8601)),
            ("source_name", .text(event.sourceName)), ("origin", .text(event.origin)),
            ("byte_offset", .number(Double(event.byteOffset))), ("line", .number(Double(event.line))),
            ("reason", .text(event.reason)), ("byte_count", .number(Double(event.byteCount))),
        ]
    }
}

extension RefusedEvent {
    /// Where it stood: `bounces.json, line 7, byte 1203`.
    var place: String {
        origin + (line > 0 ? ", line \(line)" : "")
            + (byteOffset > 0 || line > 0 ? ", byte \(byteOffset)" : "")
    }
}

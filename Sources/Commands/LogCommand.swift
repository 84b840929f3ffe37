import ArgumentParser
import EventLog
import Foundation
import Lake
import Primitives

/// `sesame log`: a look at the event log.
struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Look at the event log: what was received and is not yet in the lake.",
        subcommands: [Inspect.self],
        defaultSubcommand: Inspect.self)

    struct Inspect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read every segment, and show what it holds and what cannot be read.",
            discussion: "Nothing is changed, and another Sesame may go on writing.")
        @OptionGroup var options: HomeOptions

        func run() async throws {
            let inspection = try await EventLog.inspect(options.directory.log.path)
            for line in LogCommand.table(inspection).lines { print(line) }
            for tail in inspection.segments.compactMap(\.tail) {
                print(
                    "\(tail.segment): the last \(Terminal.counted(tail.bytes, "byte")) from byte \(tail.position) on "
                        + "are no record: \(tail.reason)")
            }
            let damage = inspection.segments.flatMap(\.damage)
            for place in damage { print(place) }
            guard damage.isEmpty else {
                throw Failure(
                    .storage,
                    "the event log is damaged in \(Terminal.counted(damage.count, "place")); see above")
            }
        }
    }

    /// A row for each segment.
    static func table(_ inspection: LogInspection) -> TextTable {
        var table = TextTable([
            .init(title: "segment"), .init(title: "first", isNumeric: true),
            .init(title: "last", isNumeric: true),
            .init(title: "records", isNumeric: true), .init(title: "batches", isNumeric: true),
            .init(title: "size", isNumeric: true), .init(title: "made"), .init(title: "state"),
        ])
        for segment in inspection.segments {
            let isEmpty = segment.endOffset == segment.firstOffset
            table.add([
                segment.name, String(segment.firstOffset), isEmpty ? "–" : String(segment.endOffset - 1),
                segment.records.grouped, segment.batches.grouped,
                Terminal.size(Int64(segment.bytes)), segment.createdAt?.millisecondText,
                segment.damage.isEmpty ? (segment.tail == nil ? "whole" : "torn tail") : "damaged",
            ])
        }
        return table
    }
}

import ArgumentParser
import Foundation
import Ingest
import Lake
import Primitives

/// `sesame lake`: upkeep of the lake.
struct LakeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lake",
        abstract: "Look at the lake, check it, merge its small files, make it anew.",
        subcommands: [Info.self, Verify.self, Compact.self, Rollup.self, Rebuild.self],
        defaultSubcommand: Info.self)

    struct Info: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the tables and their sizes.")
        @OptionGroup var options: HomeOptions

        func run() async throws {
            let lake = try await openLake(options)
            print("lake  \(options.directory.lake.path)")
            for table in try await lake.info() {
                let perRow = table.rows > 0 ? " · \(table.bytes / table.rows) bytes a row" : ""
                print(
                    "\(table.name)  \(table.rows.grouped) rows · \(table.files) files · "
                        + "\(Terminal.size(table.bytes))\(perRow) · version \(table.version)")
            }
            for recipe in RollupRecipe.all {
                let info = try await lake.rollupInfo(recipe)
                print(
                    "rollups/\(recipe.name)  \(info.days.grouped) of \(Terminal.counted(info.daysWithEvents, "day")) · "
                        + Terminal.size(info.bytes))
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check that every file is there and its rows and statistics are what the log says.")
        @OptionGroup var options: HomeOptions

        func run() async throws {
            let lake = try await openLake(options)
            var findings = try await lake.verify()
            // Where events are damaged, there is nothing to compare with.
            for recipe in RollupRecipe.all where findings.isEmpty { findings = try await lake.verify(recipe) }
            Terminal.endProgress()
            for finding in findings { print(finding) }
            guard findings.isEmpty else {
                Terminal.error(
                    "sesame: the lake has \(findings.count) faults; the lines above say what and where")
                throw ExitCode(1)
            }
            print("the lake is as its log says")
        }
    }

    struct Compact: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Merge small files; running queries go on undisturbed.")
        @OptionGroup var options: HomeOptions

        func run() async throws {
            let lake = try await openLake(options)
            let lock = try WriterLock(lake: options.directory.lake)
            defer { withExtendedLifetime(lock) {} }
            let reports = try await lake.compact()
            // A merge leaves days without the facts that they had.
            if !reports.isEmpty { try await lake.updateAllRollups() }
            Terminal.endProgress()
            if reports.isEmpty { print("nothing to merge") }
            for (table, report) in reports {
                print(
                    "\(table)  \(report.path): \(report.mergedFiles) files, \(report.rowCount.grouped) rows, "
                        + "\(Terminal.size(report.sizeBefore)) → \(Terminal.size(report.sizeAfter))")
            }
        }
    }

    struct Rollup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the facts behind the metrics for the days that lack them.",
            discussion: """
                Queries of metrics are answered from them, and from the events of days that have none: more slowly, with the same \
                numbers. A server and an import make them by themselves.
                """)
        @OptionGroup var options: HomeOptions
        @Flag(help: "Make those anew that are there.") var rebuild = false

        func run() async throws {
            let lake = try await openLake(options)
            let lock = try WriterLock(lake: options.directory.lake)
            defer { withExtendedLifetime(lock) {} }
            let made = try await lake.updateAllRollups(anew: rebuild)
            Terminal.endProgress()
            print(made == 0 ? "nothing to roll up" : "\(Terminal.counted(made, "day")) rolled up")
        }
    }

    struct Rebuild: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Make events and messages anew from the raw bytes; the old stay until the new are there.")
        @OptionGroup var options: HomeOptions

        func run() async throws {
            let lake = try await openLake(options)
            try await lake.create()
            let report = try await EventImporter(lake) {
                Terminal.progress("\($0.records.grouped) records")
            }
            .rebuild()
            let lock = try WriterLock(lake: options.directory.lake)
            defer { withExtendedLifetime(lock) {} }
            try await lake.updateAllRollups()
            Terminal.endProgress()
            print(
                "\(report.events.grouped) events rebuilt from \(report.records.grouped) raw records"
            )
        }
    }
}

/// The lake that a command works on.
func openLake(_ options: HomeOptions) async throws -> EventLake {
    let lake = try EventLake(home: options.directory) { Terminal.progress($0) }
    try await lake.open()
    return lake
}

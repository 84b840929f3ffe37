import ArgumentParser
import ControlPlane
import Foundation
import Lake
import Primitives

extension RetentionTable: ExpressibleByArgument {}

/// `sesame retention`: how long data is kept.
struct RetentionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention",
        abstract: "Say how long data is kept, and from which age on it names nobody.",
        discussion: """
            Everything is kept unless you say otherwise. A server applies the limits once a day; without one, run `sesame \
            retention apply` from cron. docs/privacy.md says what goes, and what is left.
            """,
        subcommands: [Show.self, Set.self, Apply.self], defaultSubcommand: Show.self)

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the limits, what they mean today, and the last run.")
        @OptionGroup var options: HomeOptions
        @Option(help: "table, json or csv.") var format = AnswerFormat.table

        func run() async throws {
            let control = try await options.openRetention()
            let overview = RetentionOverview(
                try await control.retention(), try RetentionJournal(options.directory).load())
            try control.close()
            if format == .json { return print(String(decoding: try overview.json, as: UTF8.self)) }
            overview.print(format)
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set the limits of a table; what is not named stays as it was.",
            discussion: """
                Ages count from the event for events, from the last event for messages, from the receipt for raw, refused and \
                streams. Events are made anonymous together with messages and raw. A running server leaves you an hour: see what \
                would go, with `sesame retention apply --dry-run`.
                """)
        @OptionGroup var options: HomeOptions
        @Argument(help: "raw, events, messages, refused or streams.") var table: RetentionTable
        @Option(help: ArgumentHelp("Delete what is older.", valueName: "days")) var deleteAfter: Days?
        @Option(
            help: ArgumentHelp(
                "Replace recipients by pseudonyms and shorten IP addresses in what is older.",
                valueName: "days"))
        var anonymiseAfter: Days?
        @Flag(help: "Remove the limits that the table has.") var keep = false

        func validate() throws {
            guard keep || deleteAfter != nil || anonymiseAfter != nil else {
                throw ValidationError("give --delete-after 400d, --anonymise-after 90d or --keep")
            }
        }

        func run() async throws {
            let control = try await options.openRetention()
            var policy = try await control.retention()
            var limits = keep ? RetentionPolicy.Limits() : policy[table]
            limits.deleteAfterDays = deleteAfter?.count ?? limits.deleteAfterDays
            limits.anonymiseAfterDays = anonymiseAfter?.count ?? limits.anonymiseAfterDays
            policy[table] = limits
            try await control.setRetention(policy, by: options.actor)
            try control.close()
            RetentionOverview(policy, try RetentionJournal(options.directory).load()).print(.table)
        }
    }
}

/// A number of days, as in `90d` or `90`.
struct Days: ExpressibleByArgument {
    let count: Int

    init?(argument: String) {
        guard let count = Int(argument.hasSuffix("d") ? argument.dropLast() : argument[...]) else {
            return nil
        }
        self.count = count
    }
}

extension HomeOptions {
    /// The control database of a home that is there.
    ///
    /// - Throws: ``Failure`` of kind notFound if there is none, so that a mistyped `--home` does not make a folder.
    func openRetention() async throws -> ControlDatabase {
        guard directory.exists || ControlDatabase.exists(home: directory.url) else {
            throw Failure(
                .notFound, "there is nothing in \(directory.url.path) yet; name the right folder with --home")
        }
        return try await makeControl()
    }
}

extension RetentionOverview {
    /// Prints the limits, and for people what they should know.
    fileprivate func print(_ format: AnswerFormat) {
        let columns = ["table", "delete after", "of days before", "anonymise after", "of days before"]
        let rows = RetentionTable.allCases.map { table in
            let follows = due[table]?.anonymiseBefore != nil
            return [
                table.rawValue, policy.deleteAfterDays(table).map { "\($0)d" },
                due[table]?.deleteBefore,
                follows ? policy[.events].anonymiseAfterDays.map { "\($0)d" } : nil,
                due[table]?.anonymiseBefore,
            ]
        }
        guard format == .table else {
            let names = ["table", "delete_after", "delete_before", "anonymise_after", "anonymise_before"]
            return AnswerRows(columns: names, rows: rows.map { $0.map { .text($0) } }).print(format)
        }
        var table = TextTable(columns.map { TextTable.Column(title: $0) })
        for row in rows { table.add([row[0], row[1] ?? "never", row[2], row[3] ?? "never", row[4]]) }
        for line in table.lines { Swift.print(line) }
        Swift.print("today is \(Timestamp.now.day.iso8601) (UTC)")
        for remark in remarks { Swift.print(remark) }
        guard let lastRun else { return }
        if let failure = lastRun.failure {
            Swift.print("the last run, of \(lastRun.startedAt), was not finished: \(failure)")
        } else {
            Swift.print("last run \(lastRun.startedAt)")
        }
        for change in lastRun.changes { Swift.print("  " + change.sentence(isDone: true)) }
    }
}

extension RetentionChange {
    /// The change on one line.
    func sentence(isDone: Bool) -> String {
        let deed =
            switch action {
            case .delete: isDone ? "deleted" : "would be deleted"
            case .anonymise: isDone ? "made anonymous" : "would be made anonymous"
            }
        let rows = rows > 0 ? ", \(rows.grouped) \(rows == 1 ? "row" : "rows")" : ""
        return "\(table)  \(Terminal.counted(days, "day"))\(rows), \(Terminal.size(bytes)) \(deed)"
    }
}

import ArgumentParser
import Lake
import Primitives
import Query

/// `sesame gaps`: which events are missing.
struct GapsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gaps",
        abstract: "Say whether events are missing: sends without an outcome, and outcomes without a send.",
        discussion: """
            Counts mails, that is messages once for each recipient, by the hour in which they were sent. The table has the \
            hours in which most is missing. Times are UTC. The view intake_completeness has all hours.
            """)

    @OptionGroup var options: HomeOptions
    @Option(help: "Messages sent since then, \(Since.help).") var since = Since(span: "7d")
    @Option(help: "Hours without any event after which a send counts as silent.") var silentHours =
        IntakeViews.silentHours
    @Option(help: "The most hours in the table.") var limit = 20
    @Option(help: "table, json or csv.") var format = AnswerFormat.table

    func validate() throws {
        guard (0...8_760).contains(silentHours) else {
            throw ValidationError("--silent-hours must be 0 to 8760")
        }
        guard limit >= 0 else { throw ValidationError("--limit must be 0 or more") }
    }

    func run() async throws {
        let lake = try await openLake(options)
        let relation = try await lake.eventsRelation(
            pruned: [ColumnRange("sent_at", from: .timestamp(since.time))])
        let report = try await GapReport.make(
            on: try lake.makeConnection(), events: relation, since: since.time, silentHours: silentHours)
        guard format == .table else { return rows(report.rows).print(format) }
        for sentence in report.sentences { print(sentence) }
        // Ties stand in the order of time.
        let worst = report.rows.filter { $0.missing > 0 }.enumerated()
            .sorted { ($1.element.missing, $0.offset) < ($0.element.missing, $1.offset) }.map(\.element)
        guard !worst.isEmpty, limit > 0 else { return }
        print("")
        for line in table(worst.prefix(limit)).lines { print(line) }
        if worst.count > limit {
            Terminal.error(
                "\(Terminal.counted(worst.count - limit, "more hour")); --limit \(worst.count) shows all")
        }
    }

    private func table(_ rows: some Sequence<GapReport.Row>) -> TextTable {
        var table = TextTable(
            [.init(title: "sent (UTC)"), .init(title: "source"), .init(title: "configuration set")]
                + [
                    "sends", "with outcome", "opened only", "delayed only", "waiting", "silent",
                    "without Send",
                ].map { .init(title: $0, isNumeric: true) })
        for row in rows {
            table.add(
                [row.span, row.source, row.configurationSet]
                    + row.counts.dropFirst().map { $0.grouped })
        }
        return table
    }

    private func rows(_ rows: [GapReport.Row]) -> AnswerRows {
        AnswerRows(
            columns: [
                "hour", "source_name", "configuration_set", "messages", "mails", "with_outcome",
                "answered_only",
                "delayed_only", "waiting", "silent", "messages_without_send",
            ],
            rows: rows.map { row in
                [.text(row.hour.iso8601), .text(row.source), .text(row.configurationSet)]
                    + row.counts.map { .number(Double($0)) }
            })
    }
}

extension GapReport.Row {
    /// The counts in the order of the view's columns.
    fileprivate var counts: [Int] {
        [messages, mails, withOutcome, answeredOnly, delayedOnly, waiting, silent, withoutSend]
    }
}
